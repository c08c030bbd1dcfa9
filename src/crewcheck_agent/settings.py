"""The configuration: one model, one file, overridden by the environment; anything doubtful is an error in words."""

import os
import re
import tomllib
from collections.abc import Mapping
from gettext import gettext as _
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from crewcheck_agent.core.retry import Rhythm
from crewcheck_agent.core.token import origin
from crewcheck_agent.kiosk.places import configuration_file, directory
from crewcheck_agent.kiosk.unchecked import Unchecked
from crewcheck_agent.kiosk.variables import without_sign_ins
from crewcheck_agent.languages import later

_PREFIX = "CREWCHECK_"
_CONFIG = "CREWCHECK_CONFIG"
_ADMIN = "CREWCHECK_ADMIN_"  # the operator's tool reads these
_DAY = 86_400
_COMPARED = ("retry_max", "retry_initial")


class ConfigurationError(Exception):
    """The configuration cannot be used. Its text names each key, its value, what is allowed, and where to mend it."""


class Settings(BaseSettings):
    """What an administrator can set; times are in seconds.

    A field's title says in the documentation what it is for, with Markdown's marks; its description says there and in
    errors what is allowed.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, validate_default=True)

    state_dir: Path = Field(
        default_factory=lambda: Path(directory("state", os.environ)),
        description=later("an absolute path: what must not be lost"),
    )
    cache_dir: Path = Field(
        default_factory=lambda: Path(directory("cache", os.environ)),
        description=later("an absolute path: what can be made again"),
    )
    runtime_dir: Path = Field(
        default_factory=lambda: Path(directory("runtime", os.environ)),
        description=later("an absolute path: the control socket"),
    )
    allowed_environments: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("https://app.neostore.cloud", "https://app-qa.neostore.cloud"),
        title="the cloud services that a connection code may name",
        description=later('a list of origins such as "https://app.example.com"; http only where it is listed so'),
    )
    poll_interval: float = Field(
        default=60,
        ge=1,
        le=_DAY,
        title="between two questions to the service, of a kiosk that is well or disabled; a tenth more or less",
        description=later("1 to 86400 seconds"),
    )
    request_timeout: float = Field(
        default=10, ge=1, le=60, title="for one question, as a whole", description=later("1 to 60 seconds")
    )
    retry_initial: float = Field(
        default=1,
        ge=0.1,
        le=60,
        title="the first wait after a question without an answer; each further one is up to twice as long",
        description=later("0.1 to 60 seconds"),
    )
    retry_max: float = Field(
        default=300,
        ge=0.1,
        le=_DAY,
        title="the longest of these waits",
        description=later("retry_initial to 86400 seconds"),
    )
    language: Literal["auto", "en", "fr", "de", "es"] = Field(
        default="auto", title="of the screen; `auto` takes the locale's", description=later("auto, en, fr, de or es")
    )
    rotation: Literal[0, 90, 180, 270] = Field(
        default=0, title="by which the picture is turned", description=later("0, 90, 180 or 270 degrees clockwise")
    )
    background: str = Field(
        default="auto",
        pattern=r"^(auto|#[0-9a-fA-F]{6})$",
        title="behind the logo; `auto` picks one on which the logo can be seen",
        description=later("auto, or a colour such as #1a2b3c"),
    )
    scanner: str = Field(
        default="auto",
        pattern=r"^(auto|off|/[^\x00-\x1f]+)$",
        title="which one is read; `auto`: keyboards, and USB lines that call themselves scanners",
        description=later("auto, off, or a device path"),
    )
    scanner_layout: Literal["us", "fr", "de"] = Field(
        default="us", title="the keyboard that the scanner is set to be", description=later("us, fr or de")
    )
    overlay_key: Literal["off", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"] = Field(
        default="F12",
        description=later("off, or F1 to F12"),
        title="on a keyboard, held for a second: the technician's panel, for a minute",
    )
    display_size: str = Field(
        default="",
        pattern=r"^([1-9]\d{1,4}x[1-9]\d{1,4})?$",
        title="of a window or a headless screen; without it, the monitor's own",
        description=later("WIDTHxHEIGHT, each from 100 to 16384 pixels, such as 1920x1080"),
    )

    @property
    def rhythm(self) -> Rhythm:
        """The times of asking."""
        return Rhythm(self.poll_interval, self.retry_initial, self.retry_max)

    @field_validator("allowed_environments", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """From the environment: a JSON list, or origins with commas or white space between them."""
        if not isinstance(value, str):
            return value
        return [each for each in re.split(r"[\s,\[\]\"']+", value) if each]

    @field_validator("allowed_environments")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError(_("at least one is needed"))
        for each in value:
            plain = each.lower().rstrip("/")
            if origin(each) != plain.removesuffix(":443" if plain.startswith("https:") else ":80"):
                raise ValueError(
                    _("{text} is not an origin: scheme, host and perhaps a port, nothing else").format(text=repr(each))
                )
        return tuple(origin(each) for each in value)

    @field_validator("state_dir", "cache_dir", "runtime_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        if not _is_place(value):
            raise ValueError(_("not an absolute path"))
        return value

    @field_validator("poll_interval", "request_timeout", "retry_initial", "retry_max", "rotation", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, bool):  # which Python counts among the numbers
            raise ValueError(_("not a number"))  # noqa: TRY004 - what pydantic expects
        return value

    @field_validator("rotation", mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value in {"0", "90", "180", "270"} else value

    @field_validator("display_size")
    @classmethod
    def _drawable(cls, value: str) -> str:
        if value and not all(100 <= int(side) <= 16_384 for side in value.split("x")):
            raise ValueError(_("no screen has this size"))
        return value

    @model_validator(mode="after")
    def _ordered(self) -> "Settings":
        if self.retry_max < self.retry_initial:
            told = _("retry_max ({longest:g}) must be at least retry_initial ({first:g})")
            raise ValueError(told.format(longest=self.retry_max, first=self.retry_initial))
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library calls it so
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library calls it so
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the file."""
        file = TomlConfigSettingsSource(settings_cls, Path(configuration_file(os.environ)))
        return init_settings, env_settings, file


def load_settings() -> Settings:
    """The configuration of this process.

    Raises:
        ConfigurationError: the file cannot be read, or a key or value is wrong.
    """
    file = configuration_file(os.environ)
    if os.environ.get(_CONFIG) and not Path(file).is_file():
        raise ConfigurationError(
            _("{variable} names {file}, and there is no such file.").format(variable=_CONFIG, file=file)
        )
    _refuse_unknown(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise ConfigurationError("\n".join(_told(each, file) for each in error.errors())) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        told = _("{file} is not valid TOML: {reason}").format(file=file, reason=error)
        raise ConfigurationError(told) from None
    except OSError as error:
        told = _("{file} cannot be read: {why}").format(file=file, why=error.strerror)
        raise ConfigurationError(told) from None


def settings_in_part() -> tuple[Settings, bool]:
    """What a configuration that cannot be used still says: the directories; all else is as by default.

    Returns also whether its `state_dir` is surely the kiosk's.
    """
    configured = Unchecked({name.upper(): value for name, value in os.environ.items()})
    named = [kind for kind in ("state", "cache", "runtime") if configured.names(f"{kind}_dir")]
    places = {f"{kind}_dir": Path(configured.named(f"{kind}_dir")) for kind in named}
    usable = {name: place for name, place in places.items() if _is_place(place)}
    missing = bool(os.environ.get(_CONFIG)) and not Path(configuration_file(os.environ)).is_file()
    by_default = "state_dir" not in places and configured.readable and not missing
    return Settings.model_construct(None, **usable), "state_dir" in usable or by_default


def _is_place(path: Path) -> bool:
    return path.is_absolute() and str(path).isprintable()


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields} | {_CONFIG}
    for name in sorted(environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known and not name.startswith(_ADMIN):
            value, allowed = _shown(name, environ[name]), ", ".join(sorted(known))
            raise ConfigurationError(_unknown(name, value, allowed))


def _told(error: Any, file: str) -> str:
    key = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(Settings.model_fields))
        return _unknown(f"{file}: {key}", _shown(key, error["input"]), known)
    own = error["type"] == "value_error"  # the library's words are English, and say no more than what is allowed
    why = error["msg"].removeprefix("Value error, ") if own else _("this cannot be used")
    if not key:
        return f"{', '.join(filter(None, map(_variable, _COMPARED))) or file}: {why}."
    variable = _variable(key)
    template = _("{setting} = {value}: {why}. Allowed: {allowed}.")
    allowed = _(str(Settings.model_fields[key].description))
    told = template.format(setting=variable or f"{file}: {key}", value=repr(error["input"]), why=why, allowed=allowed)
    return without_sign_ins(told)


def _variable(key: str) -> str | None:
    """The variable of the environment that sets this one, if any does: it comes before the file."""
    return next((name for name in os.environ if name.upper() == f"{_PREFIX}{key.upper()}"), None)


def _unknown(setting: str, value: str, allowed: str) -> str:
    told = _("{setting} = {value}: there is no such setting. Allowed: {allowed}.")
    return told.format(setting=setting, value=value, allowed=allowed)


def _shown(key: str, value: object) -> str:
    """The value of a setting that does not exist, unless it could be a secret: its name says so, or it is a table."""
    secret = re.search("key|token|secret|bearer|pass|credential", key, re.IGNORECASE)
    return "…" if secret or isinstance(value, dict | list) else without_sign_ins(repr(value))
