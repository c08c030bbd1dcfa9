"""`crewcheck-agent provision`: hands a connection code to the agent, or keeps it for its next start."""

import os
import sys
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.status import problem_words
from crewcheck_agent.core.token import TokenError, parse_token
from crewcheck_agent.kiosk.control import LONGEST_REQUEST
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.languages import wording_in
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.agent import Agent, AgentSilent, AgentUnreachable, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode

_LARGEST_SOURCE = 32 * 1024 * 1024  # bytes: a telephone's photo of a QR code
_LARGEST_TEXT = LONGEST_REQUEST // 2

_VERDICTS = {
    "connected": (ExitCode.FINE, "Connected: the kiosk is set up."),
    "disabled": (ExitCode.DISABLED, "The kiosk is set up, and the operator has it disabled."),
    "unauthorized": (ExitCode.UNAUTHORIZED, "Refused. The kiosk stays what it was."),
    "notFound": (ExitCode.NOT_FOUND, "Refused. The kiosk stays what it was."),
    "misread": (ExitCode.FAILED, "Not usable. The kiosk stays what it was."),
    "ignored": (
        ExitCode.FAILED,
        "Ignored: this kiosk is set up. `crewcheck-agent provision --unlock` lets scans count.",
    ),
    "replaced": (ExitCode.FAILED, "Another connection code was offered meanwhile and takes this one's place."),
    "notStored": (ExitCode.FAILED, "The code was accepted but cannot be stored. The kiosk stays what it was."),
    "forgotten": (ExitCode.FAILED, "The kiosk was reset meanwhile."),
}


class NoCode(Exception):  # noqa: N818 - told as what was found
    """The source holds no connection code that could be read; the text says why."""


def provision(agent: Agent, settings: Settings, source: str, patience: float) -> ExitCode:
    """Offer the code in `source`, and wait at most `patience` seconds for the verdict.

    Raises:
        NoCode: there is none to be read.
    """
    text = code_in(source)
    try:
        return _offer(agent, text, patience)
    except NoAgent as reason:
        return _keep_for_later(settings, text, reason)


def code_in(source: str) -> str:
    """The text of a connection code: from a text file, a picture of its QR code, or `-` for standard input.

    Raises:
        NoCode: the source cannot be read, or is a picture without a QR code.
    """
    name = "standard input" if source == "-" else source
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LARGEST_SOURCE + 1) if sys.stdin else b""
        else:
            with Path(source).open("rb") as file:
                data = file.read(_LARGEST_SOURCE + 1)
    except OSError as error:
        raise NoCode(f"{name} cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST_SOURCE:
        raise NoCode(f"{name} is too large: {_LARGEST_SOURCE // 2**20} MiB at most")
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
        raise NoCode(f"{source}: the picture has too many pixels") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise NoCode(f"{source} is neither a connection code nor a picture that can be read") from None
    codes = [found.text for found in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)]
    if len(codes) != 1:
        raise NoCode(f"{source}: there is {'no QR code' if not codes else 'more than one QR code'} in this picture")
    return str(codes[0])


def _offer(agent: Agent, text: str, patience: float) -> ExitCode:
    import time  # noqa: PLC0415 - for this wait alone

    until = time.monotonic() + patience
    waiting: Mapping[str, Any] | None = None
    try:
        for news in agent.provision(text, patience):
            if news.get("reply") != "waiting":
                return _told(news)
            if waiting is None or _words(news) != _words(waiting):
                print(f"No answer yet: {_words(news)}", file=sys.stderr)
            waiting = news
            if time.monotonic() >= until:
                break
    except AgentSilent:
        if waiting is None:
            print("No verdict yet; `crewcheck-agent status` says how it goes on.", file=sys.stderr)
            return ExitCode.OFFLINE
    except AgentUnreachable:
        if waiting is None:
            raise
    print("The code is kept; the agent goes on trying until the server answers.", file=sys.stderr)
    return ExitCode.OFFLINE


def _told(news: Mapping[str, Any]) -> ExitCode:
    code, sentence = _VERDICTS[str(news["reply"])]
    print(sentence if code is ExitCode.FINE else f"{sentence} {_words(news)}".rstrip(), flush=True)
    return code


def _words(news: Mapping[str, Any]) -> str:
    problem = news.get("problem")
    return f"{' '.join(problem_words(problem, wording_in('auto')))} ({problem['shortCode']})" if problem else ""


def _keep_for_later(settings: Settings, text: str, reason: NoAgent) -> ExitCode:
    """With no agent running the code can only be checked for its form, and kept for the next start."""
    try:
        token = parse_token(text, settings.allowed_environments)
    except TokenError as error:
        words = words_for(error.problem, wording_in("auto"))
        print(f"{words.message} {words.advice}", file=sys.stderr)
        return ExitCode.FAILED
    store = Store(settings.state_dir, settings.allowed_environments)
    try:
        store.keep_token(token)
        store.drop_candidate()
        _hand_to_owner(store)
    except OSError as error:
        print(f"{reason}, and the code cannot be stored: {settings.state_dir}: {error.strerror}.", file=sys.stderr)
        return ExitCode.FAILED
    print(f"No agent is running. The code is stored; the agent uses it at its next start ({store.token_file}).")
    return ExitCode.FINE


def _hand_to_owner(store: Store) -> None:
    """What root writes, the service's own user must be able to read."""
    owner = store.directory.stat()
    if os.geteuid() == 0:
        os.chown(store.token_file, owner.st_uid, owner.st_gid, follow_symlinks=False)  # the owner could put one there
