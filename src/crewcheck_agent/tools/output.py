"""What a tool does when its output cannot be written."""

import os
import sys
from contextlib import suppress


def write_no_more() -> None:
    """Let what is still to be written go nowhere: at the end the interpreter would complain that it cannot."""
    with suppress(OSError, ValueError, AttributeError):  # there is no standard output, or none that is a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
