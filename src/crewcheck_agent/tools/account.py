"""Who the operator is: settings of `crewcheck-admin`, and where its one secret comes from."""

import argparse
import os
import sys
from collections.abc import Mapping
from getpass import getpass
from gettext import gettext as _
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crewcheck_agent.cloud.operator import Account, Credential
from crewcheck_agent.core.token import Secret, origin
from crewcheck_agent.settings import ConfigurationError

_PREFIX = "CREWCHECK_ADMIN_"
_LONGEST_KEY = 64 * 1024  # bytes: far above any bearer token that a server takes in a header


class AdminSettings(BaseSettings):
    """What the environment sets, each `CREWCHECK_ADMIN_<NAME>`."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    environment: str = ""
    tenant: str = ""
    api_key: SecretStr | None = None
    bearer: SecretStr | None = None


def account_of(options: argparse.Namespace) -> Account:
    """The account that options and environment name; options come first.

    Raises:
        ConfigurationError: something is missing or unusable; its text says what, and never quotes a key.
    """
    _refuse_unknown(os.environ)
    given = {name: value for name in ("environment", "tenant") if (value := getattr(options, name, None)) is not None}
    settings = AdminSettings(**given)
    plain_http = getattr(options, "plain_http", False)
    _check_environment(settings.environment, plain_http=plain_http)
    if not is_segment(settings.tenant):
        told = _("The tenant's id cannot be used.")
        raise ConfigurationError(told if settings.tenant else _missing(_("Which tenant?"), "tenant"))
    return Account(settings.environment, settings.tenant, _credential(options, settings))


def is_segment(text: str) -> bool:
    """Whether an id can be a segment of a path: a dot segment would climb out of it (RFC 3986, 5.2.4)."""
    return bool(text.strip()) and text not in {".", ".."} and text.isprintable()


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {f"{_PREFIX}{name.upper()}" for name in AdminSettings.model_fields}
    for name in sorted(environ):
        if name.upper().startswith(_PREFIX) and name.upper() not in known:
            told = _("{name}: there is no such setting. Allowed: {allowed}.")
            raise ConfigurationError(told.format(name=name, allowed=", ".join(sorted(known))))


def _missing(question: str, name: str) -> str:
    how = _("Set {variable}, or use --{option}.").format(variable=f"{_PREFIX}{name.upper()}", option=name)
    return f"{question} {how}"


def _check_environment(environment: str, *, plain_http: bool) -> None:
    if not environment:
        raise ConfigurationError(_missing(_("Which environment?"), "environment"))
    try:
        origin(environment)
        plain = environment.isprintable() and not set(environment) & set("?#@\\ ")
    except ValueError:
        plain = False
    if not plain:
        raise ConfigurationError(_("The environment is not a base address such as https://app.neostore.cloud."))
    if urlsplit(environment).scheme == "http" and not plain_http and not _is_here(environment):
        told = _(
            "{environment} has no encryption: everybody on the way could read the key. Use https, or --plain-http on a "
            "network of your own."
        )
        raise ConfigurationError(told.format(environment=origin(environment)))


def _is_here(environment: str) -> bool:
    host = urlsplit(environment).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _credential(options: argparse.Namespace, settings: AdminSettings) -> Credential:
    """From a file if an option names one, else from the environment, else from a person at a terminal."""
    for option, bearer in (("api_key_file", False), ("bearer_file", True)):
        source = getattr(options, option, None)
        if source is not None:
            return _checked(_read(source), bearer=bearer)
    if settings.api_key and settings.bearer:
        told = _("Both {one} and {other} are set: keep the one that counts.")
        raise ConfigurationError(told.format(one=f"{_PREFIX}API_KEY", other=f"{_PREFIX}BEARER"))
    if settings.api_key:
        return _checked(settings.api_key.get_secret_value(), bearer=False)
    if settings.bearer:
        return _checked(settings.bearer.get_secret_value(), bearer=True)
    if sys.stdin and sys.stdin.isatty():
        return _checked(getpass(_("API key (nothing is shown): ")), bearer=False)
    told = _("No credentials. Set {one} or {other}, or use --api-key-file or --bearer-file (- for standard input).")
    raise ConfigurationError(told.format(one=f"{_PREFIX}API_KEY", other=f"{_PREFIX}BEARER"))


def _read(source: str) -> str:
    name = _("standard input") if source == "-" else source
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LONGEST_KEY + 1) if sys.stdin else b""
        else:
            with Path(source).open("rb") as file:
                data = file.read(_LONGEST_KEY + 1)
    except (OSError, ValueError) as error:
        told = _("{source} cannot be read: {why}.").format(source=name, why=getattr(error, "strerror", error))
        raise ConfigurationError(told) from None
    if len(data) > _LONGEST_KEY:
        raise ConfigurationError(_("{source} is too large to be a key.").format(source=name))
    return data.decode("utf-8-sig", "replace")


def _checked(text: str, *, bearer: bool) -> Credential:
    key = text.strip()
    if not key:
        raise ConfigurationError(_("The bearer token is empty.") if bearer else _("The API key is empty."))
    if len(key.splitlines()) > 1:
        raise ConfigurationError(_("The credentials have more than one line: give the key or token alone."))
    # What an HTTP header field can carry (RFC 9110, 5.5).
    odd = next((place for place, character in enumerate(key, 1) if not " " <= character <= "~"), None)
    if odd:
        told = _("No key or token has a character such as number {place} of these credentials: copy them anew.")
        raise ConfigurationError(told.format(place=odd))
    return Credential(Secret(key), bearer)
