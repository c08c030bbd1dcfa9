"""`provision --remove`: a connection code in a file that goes once the kiosk holds the code.

Made for factories: they put `crewcheck-token.json` on the boot partition, and the first start takes it in. The file
goes only after the code is on the kiosk's own disk, so a power cut at any moment leaves at least one of the two. What
stands in the way is written beside the file, for whoever looks at the card on another computer.
"""

import os
from contextlib import suppress
from gettext import gettext as _
from pathlib import Path

from crewcheck_agent.core.token import TokenError, parse_token
from crewcheck_agent.kiosk.store import Store
from crewcheck_agent.settings import Settings
from crewcheck_agent.tools.agent import Agent
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.provision import NoCode, Outcome, code_in, provision


def hand_over(agent: Agent, settings: Settings, file: Path, patience: float) -> Outcome:
    """Offer the code in `file`, and erase the file once the kiosk has the code on its disk, tried or not.

    Raises:
        NoCode: there is none to be read; a note beside the file says why.
    """
    try:
        text = code_in(str(file))
    except NoCode as reason:
        _leave_note(file, str(reason))
        raise
    if text and not text.strip("\0"):
        outcome = Outcome(
            ExitCode.FINE,
            _("The code in {file} was taken before; the power went before the file did.").format(file=file),
        )
    else:
        outcome = provision(agent, settings, text, patience)
        if not _holds(settings, text, outcome.code):
            if outcome.code is not ExitCode.OFFLINE:
                _leave_note(file, outcome.words)
            return Outcome(outcome.code, outcome.words + " " + _("{file} stays.").format(file=file))
    try:
        _erase(file)
    except OSError as error:
        words = _("The kiosk has the code, but {file} cannot be erased: {why}. Erase it: it is a password.")
        return Outcome(ExitCode.FAILED, words.format(file=file, why=error.strerror))
    with suppress(OSError):
        _note_of(file).unlink(missing_ok=True)
    return Outcome(outcome.code, outcome.words + " " + _("{file} is erased.").format(file=file))


def _holds(settings: Settings, text: str, code: ExitCode) -> bool:
    """Whether the kiosk has the code on its disk: it says so, or, with the server silent, the file is there."""
    if code in {ExitCode.FINE, ExitCode.DISABLED}:
        return True
    store = Store(settings.state_dir, settings.allowed_environments)
    try:
        return code is ExitCode.OFFLINE and store.candidate() == parse_token(text, settings.allowed_environments)
    except TokenError:
        return False


def _erase(file: Path) -> None:
    """Overwrite, then remove: what is merely removed from a FAT partition can still be read there."""
    descriptor = os.open(file, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.write(descriptor, bytes(os.fstat(descriptor).st_size))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    file.unlink()
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _leave_note(file: Path, why: str) -> None:
    """Write why, unless it stands there already; where that is not to be had, the journal must do."""
    told = _(
        "The CrewCheck kiosk cannot use the connection code in {name}.\n\n"
        "{why}\n\n"
        "It left the file as it is. Put a good one in its place and start the kiosk again; this note then goes by "
        "itself.\n"
    )
    note, text = _note_of(file), told.format(name=file.name, why=why)
    with suppress(OSError):
        if not note.exists() or note.read_text(encoding="utf-8", errors="replace") != text:
            note.write_text(text, encoding="utf-8")


def _note_of(file: Path) -> Path:
    return file.with_name(f"{file.stem}-problem.txt")
