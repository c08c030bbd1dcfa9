"""The command line of `crewcheck-agent`."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from gettext import gettext as _
from pathlib import Path

from crewcheck_agent import __version__
from crewcheck_agent.core.state import LONGEST_OVERLAY, OVERLAY_SECONDS
from crewcheck_agent.languages import speak_to_the_caller
from crewcheck_agent.settings import ConfigurationError, Settings, load_settings
from crewcheck_agent.tools.agent import Agent, AgentUnreachable, NoAgent
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.output import write_no_more


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    speak_to_the_caller()
    options = command_line().parse_args(arguments)
    try:
        code = int(_run(options))
        if sys.stdout:
            sys.stdout.flush()  # what goes wrong with it goes wrong here, and not on the way out
    except NoAgent as error:
        print(f"crewcheck-agent: {error}", file=sys.stderr)
        return ExitCode.NO_AGENT
    except ConfigurationError as error:
        print(f"crewcheck-agent: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except AgentUnreachable as error:
        print(f"crewcheck-agent: {error}", file=sys.stderr)
        return ExitCode.FAILED
    except BrokenPipeError:  # whoever read our output has seen enough
        write_no_more()
        return ExitCode.FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"crewcheck-agent: {where}{error.strerror or error}", file=sys.stderr)
        write_no_more()
        return ExitCode.FAILED
    return code


def _run(options: argparse.Namespace) -> int:
    """Each command imports what it needs, and no more."""
    if options.command == "run":
        from crewcheck_agent.run import run  # noqa: PLC0415

        return run()
    if options.command == "demo":
        from crewcheck_agent.tools.demo import demo  # noqa: PLC0415

        return demo(headless=options.headless, port=options.port, once=options.once)
    if options.command == "doctor":
        from crewcheck_agent.tools.doctor import doctor  # noqa: PLC0415

        return doctor(as_json=options.json)
    if options.command == "bundle":
        from crewcheck_agent.tools.bundle import bundle  # noqa: PLC0415

        return bundle(options.output)
    settings = load_settings()
    agent = Agent(settings)
    match options.command:
        case "status":
            from crewcheck_agent.tools.status import status  # noqa: PLC0415

            return status(agent, as_json=options.json, watch=options.watch)
        case "look":
            from crewcheck_agent.tools.look import look  # noqa: PLC0415

            return look(agent, options.output, options.overlay)
        case "forget":
            from crewcheck_agent.tools.forget import forget  # noqa: PLC0415

            return forget(agent, settings, sure=options.yes)
        case _:
            return _provision(agent, settings, options)


def _provision(agent: Agent, settings: Settings, options: argparse.Namespace) -> int:
    from crewcheck_agent.tools.provision import NoCode, code_in, provision  # noqa: PLC0415

    if options.unlock:
        agent.unlock()
        print(_("Scanned codes count for the next ten minutes."))
        return ExitCode.FINE
    if options.remove and options.source == "-":
        told = _("--remove needs a file: standard input cannot be erased.")
        print(f"crewcheck-agent: {told}", file=sys.stderr)
        return ExitCode.USAGE
    try:
        if options.remove:
            from crewcheck_agent.tools.handover import hand_over  # noqa: PLC0415

            outcome = hand_over(agent, settings, Path(options.source), options.wait)
        else:
            outcome = provision(agent, settings, code_in(options.source), options.wait)
    except NoCode as error:
        print(f"crewcheck-agent: {error}", file=sys.stderr)
        return ExitCode.FAILED
    failed = outcome.code in {ExitCode.FAILED, ExitCode.OFFLINE}
    print(outcome.words, file=sys.stderr if failed else sys.stdout, flush=True)
    return outcome.code


def _seconds(text: str) -> float:
    """At most a day: what is more is a slip."""
    with suppress(ValueError):
        if 0 < (seconds := float(text)) <= 86_400:
            return seconds
    raise argparse.ArgumentTypeError(
        _("{text} is not a number of seconds above 0 and up to 86400").format(text=repr(text))
    )


def _overlay_seconds(text: str) -> float:
    with suppress(ValueError):
        if 0 <= (seconds := float(text)) <= LONGEST_OVERLAY:
            return seconds
    raise argparse.ArgumentTypeError(_("{text} is not a number of seconds from 0 to 600").format(text=repr(text)))


def command_line() -> argparse.ArgumentParser:
    """What can be typed. The manual page and the shell's completion are made from it."""
    parser = argparse.ArgumentParser(
        prog="crewcheck-agent",
        description=_("The device agent of a CrewCheck kiosk."),
        epilog=_(
            "exit codes: 0 fine (for status: connected), 1 failed, 2 wrong usage or configuration, 3 not provisioned,\n"
            "4 disabled, 5 credentials refused, 6 unknown to the server, 7 offline, 8 no agent is running"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    version = _("show program's version number and exit")
    parser.add_argument("--version", action="version", version=f"crewcheck-agent {__version__}", help=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar=_("COMMAND"))
    commands.add_parser("run", help=_("be the daemon, in the foreground; systemd starts this"))
    one = commands.add_parser("provision", help=_("hand a connection code to the agent"))
    one.add_argument(
        "source",
        nargs="?",
        default="-",
        metavar=_("SOURCE"),
        help=_("a text file, a picture of the QR code, or - for standard input (the default)"),
    )
    one.add_argument(
        "--remove",
        action="store_true",
        help=_("erase the file SOURCE once the kiosk holds its code; if it cannot be used, write beside it why"),
    )
    one.add_argument("--unlock", action="store_true", help=_("take no code; let scanned ones count for ten minutes"))
    one.add_argument(
        "--wait",
        type=_seconds,
        default=20.0,
        metavar=_("SECONDS"),
        help=_("how long to wait for the verdict (default: 20)"),
    )
    one = commands.add_parser("status", help=_("what is true now; the exit code says it too"))
    one.add_argument("--json", action="store_true", help=_("for scripts"))
    one.add_argument("--watch", action="store_true", help=_("again whenever it changes, until interrupted"))
    one = commands.add_parser("look", help=_("what the screen shows right now"))
    one.add_argument("--output", metavar=_("FILE.png"), help=_("write a picture instead of drawing in the terminal"))
    one.add_argument(
        "--overlay",
        type=_overlay_seconds,
        nargs="?",
        const=OVERLAY_SECONDS,
        metavar=_("SECONDS"),
        help=_("first put the technician's panel on the screen, for 60 seconds or this many (0: take it away)"),
    )
    one = commands.add_parser("doctor", help=_("check the whole path; say what is wrong first, and who must act"))
    one.add_argument("--json", action="store_true", help=_("for scripts"))
    one = commands.add_parser("bundle", help=_("a support archive of all that tells about this kiosk, and no secret"))
    one.add_argument(
        "--output",
        metavar=_("FILE.tar.gz"),
        help=_("where to write it; - for standard output (default: a new file here)"),
    )
    one = commands.add_parser("forget", help=_("erase token, cached settings and cached logo"))
    one.add_argument("--yes", action="store_true", help=_("do not ask"))
    one = commands.add_parser("demo", help=_("the main job on an embedded simulator, without hardware or cloud"))
    one.add_argument(
        "--headless", action="store_true", help=_("no window: the picture is in the console page and the terminal")
    )
    one.add_argument("--port", type=int, default=0, metavar="N", help=_("the simulator's port (default: a free one)"))
    one.add_argument("--once", action="store_true", help=_("run the guided tour and end"))
    return parser
