"""`crewcheck-agent run`: the picture first, then the imports, then the daemon."""

import os
import signal
import sys

from crewcheck_agent.kiosk.first_frame import already_running, open_with_logo, rotation_of


def run() -> int:
    """Be the daemon until somebody ends it, and then end the process; returns only where it could not begin."""
    taken = already_running(os.environ)
    if taken:
        print(f"crewcheck-agent: another agent is running: it answers on {taken}", file=sys.stderr)  # noqa: T201 - too early for a log
        return 1
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until the daemon takes over it just ends us, as SIGTERM does
    display = open_with_logo(os.environ)

    import logging  # noqa: PLC0415 - all of these are slow, and the picture is on the screen by now

    from crewcheck_agent.core.redaction import Redactor  # noqa: PLC0415
    from crewcheck_agent.kiosk.journal import log_to  # noqa: PLC0415
    from crewcheck_agent.kiosk.memory import return_large_blocks  # noqa: PLC0415
    from crewcheck_agent.service import Service  # noqa: PLC0415
    from crewcheck_agent.settings import ConfigurationError, load_settings  # noqa: PLC0415

    return_large_blocks()
    redactor = Redactor()
    log_to(logging.INFO, redactor, os.environ)
    try:
        settings = load_settings()
    except ConfigurationError as error:
        logging.getLogger(__name__).critical("%s", error)
        from crewcheck_agent.standstill import stand_still  # noqa: PLC0415

        return stand_still(str(error), display, rotation_of(os.environ), os.environ)
    code = Service(settings, redactor, os.environ, display).run()
    logging.shutdown()
    # An ordinary exit would first wait for every thread, and one may be asking a name server that never answers.
    os._exit(code)
