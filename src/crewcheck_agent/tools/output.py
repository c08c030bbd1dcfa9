"""Where a tool writes, and what it does when it cannot."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from gettext import gettext as _
from pathlib import Path

from crewcheck_agent.settings import ConfigurationError


def check_ending(output: str, endings: Sequence[str]) -> None:
    """Refuse a file whose name promises another kind than what is written.

    Raises:
        ConfigurationError: it ends in none of these.
    """
    if Path(output).suffix.lower() not in endings:
        told = _("--output {file}: the file's name must end in one of {endings}.")
        raise ConfigurationError(told.format(file=output, endings=", ".join(endings)))


def write_no_more() -> None:
    """Let what is still to be written go nowhere: at the end the interpreter would complain that it cannot."""
    with suppress(OSError, ValueError, AttributeError):  # there is no standard output, or none that is a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
