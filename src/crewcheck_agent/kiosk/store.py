"""What must survive a power cut: the token in use, an offered one not yet answered, and the server's last word."""

import errno
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crewcheck_agent.core.kiosk import Logo, Verdict, Word
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.token import ConnectionToken, Identity, TokenError, TokenFault, parse_token
from crewcheck_agent.kiosk.files import sweep, write_atomically

_PRIVATE = 0o600
_NOT_ALLOWED = {TokenFault.ENVIRONMENT_NOT_ALLOWED, TokenFault.ENVIRONMENT_NOT_HTTPS}


class Damaged(Exception):  # noqa: N818 - told as what the file is
    """A stored token cannot be used: the file is damaged, or the configuration does not allow it any more."""

    def __init__(self, path: Path, error: TokenError | OSError) -> None:
        super().__init__(f"{path}: {error}")
        self.error = error

    @property
    def problem(self) -> Problem:
        """The same for people."""
        if isinstance(self.error, TokenError):
            allowed = self.error.fault not in _NOT_ALLOWED
            return Problem(Code.BAD_TOKEN, variant="stored") if allowed else self.error.problem
        return Problem(Code.STORAGE, self.error.strerror or type(self.error).__name__, variant="reading")


@dataclass(frozen=True, slots=True)
class Store:
    """The state directory.

    Attributes:
        directory: made when it is first written to.
        allowed_environments: origins that a stored token may name.
    """

    directory: Path
    allowed_environments: tuple[str, ...]

    @property
    def token_file(self) -> Path:
        """The token in use."""
        return self.directory / "token.json"

    @property
    def candidate_file(self) -> Path:
        """An offered token that was not answered yet."""
        return self.directory / "candidate.json"

    @property
    def verdict_file(self) -> Path:
        """The server's last word."""
        return self.directory / "verdict.json"

    def token(self) -> ConnectionToken | None:
        """The token in use; None where there is none.

        Raises:
            Damaged: there is one, and it cannot be used.
        """
        return self._read_token(self.token_file)

    def candidate(self) -> ConnectionToken | None:
        """The offered token; None where there is none, or none that can be used."""
        try:
            return self._read_token(self.candidate_file)
        except Damaged:
            return None

    def verdict(self) -> Verdict | None:
        """The server's last word; None where there is none that can be read: the server will say it again."""
        try:
            return _verdict(json.loads(self.verdict_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None

    def keep_token(self, token: ConnectionToken) -> None:
        """Make this the token in use.

        Raises:
            OSError: it could not be written; the old one is still in place.
        """
        self._write(self.token_file, token.to_json())

    def keep_candidate(self, token: ConnectionToken) -> None:
        """Keep an offered token until it is answered.

        Raises:
            OSError: it could not be written.
        """
        self._write(self.candidate_file, token.to_json())

    def drop_candidate(self) -> None:
        """Forget the offered token.

        Raises:
            OSError: it could not be erased.
        """
        self.candidate_file.unlink(missing_ok=True)

    def keep_verdict(self, verdict: Verdict) -> None:
        """Keep the server's last word.

        Raises:
            OSError: it could not be written; the one before is still in place.
        """
        self._write(self.verdict_file, json.dumps(_verdict_fields(verdict), ensure_ascii=False, indent=1))

    def sweep(self) -> None:
        """Erase what a power cut left of a write: it may hold a key."""
        sweep(self.directory)

    def erase(self) -> None:
        """Forget everything; the token first, so that a power cut in between leaves no half identity.

        Raises:
            OSError: something could not be erased; the rest is gone.
        """
        kept: OSError | None = None
        for path in (self.token_file, self.candidate_file, self.verdict_file):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                kept = kept or error
        self.sweep()
        if kept:
            raise kept

    def _write(self, path: Path, text: str) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, text.encode(), _PRIVATE)

    def _read_token(self, path: Path) -> ConnectionToken | None:
        return read_token_file(path, self.allowed_environments)


def handed_over(environ: Mapping[str, str], allowed_environments: tuple[str, ...]) -> ConnectionToken | None:
    """The token that systemd hands over (`LoadCredential=connection-token:…`), if it does.

    Raises:
        Damaged: it does, and the token cannot be used.
    """
    directory = environ.get("CREDENTIALS_DIRECTORY")
    return read_token_file(Path(directory, "connection-token"), allowed_environments) if directory else None


def read_token_file(path: Path, allowed_environments: tuple[str, ...]) -> ConnectionToken | None:
    """The token in a file; None where there is no file.

    Raises:
        Damaged: there is a file, and no usable token in it.
    """
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "not a regular file")  # noqa: TRY301 - a pipe would never end
        return parse_token(path.read_bytes().decode(errors="replace"), allowed_environments)
    except FileNotFoundError:
        return None
    except (OSError, TokenError) as error:
        raise Damaged(path, error) from None


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    logo = verdict.logo
    return {
        "tenantId": verdict.identity.tenant_id,
        "deviceId": verdict.identity.device_id,
        "environment": verdict.identity.environment,
        "word": verdict.word,
        "since": verdict.since.isoformat(),
        "detail": verdict.detail,
        "logoUrl": verdict.logo_url,
        "logo": logo
        and {
            "url": logo.url,
            "sha256": logo.sha256,
            "fetchedAt": logo.fetched_at.isoformat(),
            "etag": logo.etag,
            "lastModified": logo.last_modified,
        },
    }


def _verdict(fields: dict[str, Any]) -> Verdict:
    logo = fields["logo"]
    return Verdict(
        identity=Identity(_text(fields["tenantId"]), _text(fields["deviceId"]), _text(fields["environment"])),
        word=Word(fields["word"]),
        since=datetime.fromisoformat(fields["since"]).astimezone(),
        detail=_text(fields["detail"]),
        logo_url=_text_or_none(fields["logoUrl"]),
        logo=_logo(logo) if logo is not None else None,
    )


def _logo(fields: dict[str, Any]) -> Logo:
    return Logo(
        url=_text(fields["url"]),
        sha256=_text(fields["sha256"]),
        fetched_at=datetime.fromisoformat(fields["fetchedAt"]).astimezone(),
        etag=_text_or_none(fields["etag"]),
        last_modified=_text_or_none(fields["lastModified"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    value.encode()  # half a character is no text: it could be neither kept nor told
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
