"""`crewcheck-agent provision`: hands a connection code to the agent, or keeps it for its next start."""

import os
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.status import problem_words
from crewcheck_agent.core.token import ConnectionToken, TokenError, parse_token
from crewcheck_agent.kiosk.control import LONGEST_REQUEST
from crewcheck_agent.kiosk.store import Damaged, Store
from crewcheck_agent.languages import wording_in
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.agent import Agent, AgentSilent, AgentUnreachable, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode

_LARGEST_SOURCE = 32 * 1024 * 1024  # bytes: a telephone's photo of a QR code
_LARGEST_TEXT = LONGEST_REQUEST // 2


class NoCode(Exception):  # noqa: N818 - told as what was found
    """The source holds no connection code that could be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an offered code, as an exit code and in words for people."""

    code: ExitCode
    words: str


def provision(agent: Agent, settings: Settings, text: str, patience: float) -> Outcome:
    """Offer a connection code, and wait at most `patience` seconds for the verdict; says so meanwhile."""
    try:
        return _offer(agent, text, patience)
    except NoAgent as reason:
        return _keep_for_later(settings, text, reason)


def code_in(source: str) -> str:
    """The text of a connection code: from a text file, a picture of its QR code, or `-` for standard input.

    Raises:
        NoCode: the source cannot be read, or is a picture without a QR code.
    """
    name = _("standard input") if source == "-" else source
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LARGEST_SOURCE + 1) if sys.stdin else b""
        else:
            with Path(source).open("rb") as file:
                data = file.read(_LARGEST_SOURCE + 1)
    except OSError as error:
        raise NoCode(_("{source} cannot be read: {why}").format(source=name, why=error.strerror)) from None
    if len(data) > _LARGEST_SOURCE:
        raise NoCode(_("{source} is too large: {most} MiB at most").format(source=name, most=_LARGEST_SOURCE // 2**20))
    if len(data) <= _LARGEST_TEXT:
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8-sig")
    return _code_in_picture(data, name)


def _code_in_picture(data: bytes, source: str) -> str:
    import io  # noqa: PLC0415 - for pictures alone

    import zxingcpp  # noqa: PLC0415 - for pictures alone

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF", "BMP")) as picture:
                grey = picture.convert("L")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise NoCode(_("{source}: the picture has too many pixels").format(source=source)) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise NoCode(
            _("{source} is neither a connection code nor a picture that can be read").format(source=source)
        ) from None
    codes = [found.text for found in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)]
    if not codes:
        raise NoCode(_("{source}: there is no QR code in this picture").format(source=source))
    if len(codes) > 1:
        raise NoCode(_("{source}: there is more than one QR code in this picture").format(source=source))
    return str(codes[0])


def _offer(agent: Agent, text: str, patience: float) -> Outcome:
    import time  # noqa: PLC0415 - for this wait alone

    until = time.monotonic() + patience
    waiting: Mapping[str, Any] | None = None
    try:
        for news in agent.provision(text, patience):
            if news.get("reply") != "waiting":
                return _told(news)
            if waiting is None or _words(news) != _words(waiting):
                print(_("No answer yet: {reason}").format(reason=_words(news)), file=sys.stderr)
            waiting = news
            if time.monotonic() >= until:
                break
    except AgentSilent:
        if waiting is None:
            return Outcome(ExitCode.OFFLINE, _("No verdict yet; `crewcheck-agent status` says how it goes on."))
    except AgentUnreachable:
        if waiting is None:
            raise
    return Outcome(ExitCode.OFFLINE, _("The code is kept; the agent goes on trying until the server answers."))


def _told(news: Mapping[str, Any]) -> Outcome:
    code, sentence = _verdicts()[str(news["reply"])]
    return Outcome(code, sentence if code is ExitCode.FINE else f"{sentence} {_words(news)}".rstrip())


def _verdicts() -> Mapping[str, tuple[ExitCode, str]]:
    refused = _("Refused. The kiosk stays what it was.")
    return {
        "connected": (ExitCode.FINE, _("Connected: the kiosk is set up.")),
        "disabled": (ExitCode.DISABLED, _("The kiosk is set up, and the operator has it disabled.")),
        "unauthorized": (ExitCode.UNAUTHORIZED, refused),
        "notFound": (ExitCode.NOT_FOUND, refused),
        "misread": (ExitCode.FAILED, _("Not usable. The kiosk stays what it was.")),
        "ignored": (
            ExitCode.FAILED,
            _("Ignored: this kiosk is set up. `crewcheck-agent provision --unlock` lets scans count."),
        ),
        "replaced": (
            ExitCode.FAILED,
            _("Another connection code was offered meanwhile and takes this one's place."),
        ),
        "notStored": (
            ExitCode.FAILED,
            _("The code was accepted but cannot be stored. The kiosk stays what it was."),
        ),
        "forgotten": (ExitCode.FAILED, _("The kiosk was reset meanwhile.")),
    }


def _words(news: Mapping[str, Any]) -> str:
    problem = news.get("problem")
    return f"{' '.join(problem_words(problem, wording_in('auto')))} ({problem['shortCode']})" if problem else ""


def _keep_for_later(settings: Settings, text: str, reason: NoAgent) -> Outcome:
    """With no agent running the code can only be checked for its form, and kept for the next start."""
    try:
        token = parse_token(text, settings.allowed_environments)
    except TokenError as error:
        words = words_for(error.problem, wording_in("auto"))
        return Outcome(ExitCode.FAILED, f"{words.message} {words.advice}")
    store = Store(settings.state_dir, settings.allowed_environments)
    try:
        return Outcome(ExitCode.FINE, _("No agent is running.") + " " + _kept(store, token))
    except OSError as error:
        told = _("{reason}, and the code cannot be stored: {folder}: {why}.")
        return Outcome(ExitCode.FAILED, told.format(reason=reason, folder=settings.state_dir, why=error.strerror))


def _kept(store: Store, token: ConnectionToken) -> str:
    """Keep a code, whose key nobody has tried yet, so that it costs a kiosk that is set up nothing if it is refused."""
    try:
        in_use = store.token()
    except Damaged:
        in_use = None
    if in_use == token:
        _hand_to_owner(store, store.token_file)
        return _("The kiosk holds this code already ({file}).").format(file=store.token_file)
    if in_use:
        store.keep_candidate(token)
        _hand_to_owner(store, store.candidate_file)
        return _("The code is stored; the agent tries it at its next start ({file}).").format(file=store.candidate_file)
    store.keep_token(token)
    store.drop_candidate()
    _hand_to_owner(store, store.token_file)
    return _("The code is stored; the agent uses it at its next start ({file}).").format(file=store.token_file)


def _hand_to_owner(store: Store, path: Path) -> None:
    """What root writes, the service's own user must be able to read."""
    owner = store.directory.stat()
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)  # the owner could put one there
