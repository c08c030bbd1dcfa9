"""The Devices API: what is asked, and what its answers mean."""

import sys

# httpx imports its own command line where click and rich are installed, as Debian's package has it: measured 5 MiB
# and 70 ms for nothing. httpx itself does without it; it only has to be told that there is none.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
