"""`crewcheck-admin`: the operator's side of the Devices API, on a command line."""

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from crewcheck_agent import __version__
from crewcheck_agent.cloud.http import system_trust
from crewcheck_agent.cloud.operator import Device, NotDone, Operator, Reason
from crewcheck_agent.core.problem import printable
from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.settings import ConfigurationError
from crewcheck_agent.tools import codes
from crewcheck_agent.tools.account import account_of, is_segment
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.output import write_no_more
from crewcheck_agent.tools.table import table

_EXIT_CODES = """\
exit codes: 0 fine, 1 failed, 2 wrong usage or configuration, 5 credentials refused, 6 unknown device,
7 the service cannot be reached. Of several devices: the cause that all failures share, else 1."""

_SETTINGS = """\
settings: CREWCHECK_ADMIN_ENVIRONMENT and CREWCHECK_ADMIN_TENANT, or the options; and CREWCHECK_ADMIN_API_KEY or
CREWCHECK_ADMIN_BEARER, or a file that holds the key. Without any, a person at a terminal is asked. A key is never an
option's value: everybody on the machine can read those."""

_CODES = {
    Reason.FAILED: ExitCode.FAILED,
    Reason.UNAUTHORIZED: ExitCode.UNAUTHORIZED,
    Reason.NOT_FOUND: ExitCode.NOT_FOUND,
    Reason.UNREACHABLE: ExitCode.OFFLINE,
}

_Result = TypeVar("_Result")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, by default that of `sys.argv`; returns its exit code."""
    options = command_line().parse_args(arguments)
    try:
        code = int(_run(options))
        if sys.stdout:
            sys.stdout.flush()  # what goes wrong with it goes wrong here, and not on the way out
    except NotDone as error:
        _say(f"crewcheck-admin: {error}")
        return _CODES[error.reason]
    except ConfigurationError as error:
        _say(f"crewcheck-admin: {error}")
        return ExitCode.USAGE
    except BrokenPipeError:  # whoever read our output has seen enough
        write_no_more()
        return ExitCode.FAILED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _say(f"crewcheck-admin: {where}{error.strerror or error}")
        write_no_more()
        return ExitCode.FAILED
    except (KeyboardInterrupt, EOFError):
        return 130  # 128 + SIGINT, as shells have it
    return code


def _run(options: argparse.Namespace) -> int:
    if options.command == "reset" and options.output:
        _check_output(options.output)  # before the service is asked: a code that cannot be written is lost
    command = _Command(Operator(account_of(options), system_trust(), tell=_say), options)
    return _COMMANDS[options.command](command)


class _Command:
    """One call of the program. Results go to standard output, all else to standard error."""

    def __init__(self, operator: Operator, options: argparse.Namespace) -> None:
        self._operator = operator
        self._options = options
        self._as_json = getattr(options, "json", False)

    def list(self) -> int:
        """All devices, in a table."""
        devices = self._operator.devices()
        if self._as_json:
            _print_json([each.fields for each in devices])
        elif devices:
            print("\n".join(_listed(devices)))
        else:
            _say("No devices yet: `crewcheck-admin create NAME` makes the first.")
        return ExitCode.FINE

    def create(self) -> int:
        """Register a device, and say how to go on."""
        device = self._operator.create(self._options.name, self._options.description or None)
        if self._as_json:
            _print_json(device.fields)
            return ExitCode.FINE
        print(f"Created: {_named(device)}")
        if device.device_id:
            _say(f"Its connection code: crewcheck-admin reset {printable(device.device_id)} --qr")
        else:
            _say("The service did not tell its id: `crewcheck-admin list` does.")
        return ExitCode.FINE

    def show(self) -> int:
        """Everything about devices."""
        return self._each(
            self._operator.device, "read", lambda devices: print("\n\n".join(map(_described, devices))), "read"
        )

    def update(self) -> int:
        """Change what is named, and keep the rest."""
        options = self._options
        changes: dict[str, str | bool | None] = {}
        if options.name is not None:
            changes["name"] = options.name
        if options.description is not None:
            changes["description"] = options.description or None
        if options.enabled is not None:
            changes["isEnabled"] = options.enabled
        if not changes:
            raise ConfigurationError("Nothing to change: use --name, --description, --enabled or --disabled.")
        device = self._operator.update(options.ids[0], changes)
        if self._as_json:
            _print_json(device.fields)
        else:
            print(_described(device))
        return ExitCode.FINE

    def enable(self) -> int:
        """Let devices connect."""
        return self._switch(on=True)

    def disable(self) -> int:
        """Have devices refused."""
        return self._switch(on=False)

    def delete(self) -> int:
        """Delete devices, once it is confirmed."""
        what = "Deleted devices are gone for good, and their kiosks show that they are unknown."
        if not self._confirmed("delete", what):
            return self._unconfirmed()

        def delete(device_id: str) -> Device:
            self._operator.delete(device_id)
            return Device({"deviceId": device_id, "deleted": True})

        return self._each(delete, "deleted", lambda devices: _tell_each(devices, "Deleted"), "deleted")

    def reset(self) -> int:
        """Issue a new connection code, once it is confirmed, and bring it where it is wanted."""
        what = "A reset cuts the kiosk off: it stays out of service until the new code is scanned at it."
        if not self._confirmed("reset", what):
            return self._unconfirmed()
        token = self._operator.reset(self._options.ids[0])
        _say(
            f"Reset: {printable(self._options.ids[0])}. Its old code no longer works; the kiosk is cut off until "
            "the new one is scanned.\nA connection code is a password: whoever has it can be this kiosk."
        )
        self._deliver(token)
        return ExitCode.FINE

    def _switch(self, *, on: bool) -> int:
        word = "enabled" if on else "disabled"
        return self._each(
            lambda device_id: self._operator.update(device_id, {"isEnabled": on}),
            word,
            lambda devices: _tell_each(devices, word.capitalize()),
            word,
        )

    def _each(
        self,
        act: Callable[[str], Device],
        done: str,
        tell: Callable[[Sequence[Device]], None],
        summary: str,
    ) -> int:
        """Act on every device that is named; a failure stops none of the others."""
        ids: Sequence[str] = self._options.ids
        if len(ids) == 1:
            device = act(ids[0])
            _print_json(device.fields) if self._as_json else tell([device])
            return ExitCode.FINE
        devices, failures = _over(ids, act, done)
        if self._as_json:
            _print_json([each.fields for each in devices])
        elif devices:
            tell(devices)
        _say(f"{len(devices)} of {len(ids)} devices {summary}.")
        if failures:
            _say(f"Failed: {', '.join(map(printable, failures))}")
        return _shared(failures.values())

    def _confirmed(self, verb: str, what: str) -> bool:
        """Whether a person means it, having read which devices it is about."""
        if self._options.yes:
            return True
        if not sys.stdin or not sys.stdin.isatty():
            raise ConfigurationError(f"Without a terminal to ask on, {verb} needs --yes.")
        for device_id in self._options.ids:
            _say(f"To {verb}: {self._known_as(device_id)}")
        print(f"{what}\nType yes to go on: ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() == "yes"

    def _known_as(self, device_id: str) -> str:
        try:
            return _named(self._operator.device(device_id))
        except NotDone as error:
            if error.reason is not Reason.NOT_FOUND or len(self._options.ids) == 1:
                raise
            return f"{printable(device_id)}, which the service does not know"

    def _unconfirmed(self) -> int:
        _say("Nothing was changed.")
        return ExitCode.FAILED

    def _deliver(self, token: ConnectionToken) -> None:
        options = self._options
        if self._as_json:
            print(token.to_json(), flush=True)
        if options.qr or not (options.output or self._as_json):
            _draw(token, wanted=options.qr, beside_json=self._as_json)
        if options.output:
            _write(token, options.output)


def _write(token: ConnectionToken, output: str) -> None:
    try:
        codes.write(token, Path(output))
    except OSError as error:
        raise NotDone(
            Reason.FAILED, f"{output}: {error.strerror}. The new code is not there: make room, and reset again."
        ) from None
    _say(f"{output}: the new code, readable by you alone. Delete it when the kiosk has it.")


def _draw(token: ConnectionToken, *, wanted: bool, beside_json: bool) -> None:
    stream = sys.stderr if beside_json else sys.stdout
    if not wanted and not stream.isatty():
        _say("It was shown to nobody. To have a code, reset again with --qr, --output FILE or --json.")
        return
    lines = codes.drawn(token)
    stream.write("\n".join(lines) + "\n")
    if stream.isatty() and shutil.get_terminal_size().lines <= len(lines):
        _say(f"If it does not fit: {len(lines) + 1} lines are needed. Shrink the letters, or use --output FILE.png.")


def _over(
    ids: Sequence[str], act: Callable[[str], _Result], done: str
) -> tuple[Sequence[_Result], Mapping[str, NotDone]]:
    """What each device gave, and which failed; tells of each as it goes."""
    results: list[_Result] = []
    failures: dict[str, NotDone] = {}
    for number, device_id in enumerate(ids, 1):
        try:
            results.append(act(device_id))
            outcome = done
        except NotDone as error:
            failures[device_id] = error
            outcome = f"failed. {error}"
        _say(f"[{number}/{len(ids)}] {printable(device_id)}: {outcome}")
    return results, failures


def _shared(failures: Any) -> ExitCode:
    found = {_CODES[each.reason] for each in failures}
    return ExitCode.FAILED if len(found) > 1 else next(iter(found), ExitCode.FINE)


def _check_output(output: str) -> None:
    path = Path(output)
    if path.suffix.lower() not in codes.KINDS:
        raise ConfigurationError(f"--output {output}: the file's name must end in one of {', '.join(codes.KINDS)}.")
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise ConfigurationError(f"--output {output}: no file can be written there. Nothing was changed.")


def _listed(devices: Sequence[Device]) -> Sequence[str]:
    rows = [
        (each.device_id or "?", each.text("name"), _state(each), each.text("description").strip()) for each in devices
    ]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return list(table(("ID", "NAME", "STATE", "DESCRIPTION"), rows, room, cut=(3, 1)))


def _described(device: Device) -> str:
    facts = {
        "device": device.device_id,
        "name": device.text("name"),
        "state": _state(device),
        "type": device.text("type"),
        "description": device.text("description"),
        "logo": device.logo_url,
    }
    return "\n".join(f"{label + ':':13}{printable(fact, 500)}" for label, fact in facts.items() if fact)


def _named(device: Device) -> str:
    name, device_id = printable(device.text("name")), printable(device.device_id)
    return f"{name} ({device_id})" if name and device_id else name or device_id


def _state(device: Device) -> str:
    return {True: "enabled", False: "disabled", None: "unknown"}[device.is_enabled]


def _tell_each(devices: Sequence[Device], done: str) -> None:
    for each in devices:
        print(f"{done}: {_named(each)}")


def _print_json(content: object) -> None:
    print(json.dumps(content, indent=2))  # in ASCII: what a server may send is not all fit for every output


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


_COMMANDS: Mapping[str, Callable[[_Command], int]] = {
    "list": _Command.list,
    "create": _Command.create,
    "show": _Command.show,
    "update": _Command.update,
    "enable": _Command.enable,
    "disable": _Command.disable,
    "delete": _Command.delete,
    "reset": _Command.reset,
}


class _Parser(argparse.ArgumentParser):
    """Never quotes a key that somebody put on the command line after all."""

    def error(self, message: str) -> NoReturn:
        if re.search("--api-key|--bearer|unrecognized.*(api|key|bearer|token|secret)", message, re.IGNORECASE):
            message = "a key is never an option's value: use --api-key-file or --bearer-file, or the environment"
        super().error(message)


def _id(text: str) -> str:
    if not is_segment(text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be a device's id")
    return text


def _text(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):  # what was no UTF-8 on the command line
        raise argparse.ArgumentTypeError("this is not UTF-8")
    return text


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a device needs a name")
    return _text(text)


class _Once(argparse.Action):
    """Ids in their order, each of them once."""

    def __call__(self, _parser: Any, namespace: argparse.Namespace, values: Any, _option: Any = None) -> None:
        setattr(namespace, self.dest, list(dict.fromkeys(values)))


def _common() -> _Parser:
    """The options that may stand before and after the command."""
    common = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--environment", metavar="URL", help="the service's base address")
    common.add_argument("--tenant", metavar="ID", help="whose devices")
    keys = common.add_mutually_exclusive_group()
    keys.add_argument("--api-key-file", metavar="FILE", help="a file that holds the API key; - for standard input")
    keys.add_argument("--bearer-file", metavar="FILE", help="a file that holds a bearer token; - for standard input")
    common.add_argument("--plain-http", action="store_true", help="allow an environment without encryption")
    common.add_argument("--json", action="store_true", help="for scripts: one device as an object, several as a list")
    return common


def command_line() -> argparse.ArgumentParser:
    """What can be typed. The manual page and the shell's completion are made from it."""
    common = _common()
    parser = _Parser(
        prog="crewcheck-admin",
        description="Manages a tenant's devices.",
        epilog=f"{_SETTINGS}\n\n{_EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"crewcheck-admin {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            parents=[common],
        )

    add("list", "all devices")
    one = add("create", "register a device")
    one.add_argument("name", type=_name, metavar="NAME")
    one.add_argument("--description", type=_text, metavar="TEXT")
    _takes_ids(add("show", "everything about devices"))
    _takes_changes(add("update", "change a device; what is not named stays as it is"))
    _takes_ids(add("enable", "let devices connect"))
    _takes_ids(add("disable", "switch devices off until they are enabled again"))
    one = add("delete", "delete devices and revoke their keys")
    _takes_ids(one)
    one.add_argument("--yes", action="store_true", help="do not ask")
    _takes_code_options(add("reset", "issue a new connection code; the kiosk is cut off until it is scanned"))
    return parser


def _takes_ids(parser: argparse.ArgumentParser, number: int | str = "+") -> None:
    parser.add_argument("ids", type=_id, nargs=number, metavar="ID", action=_Once)


def _takes_changes(parser: argparse.ArgumentParser) -> None:
    _takes_ids(parser, 1)
    parser.add_argument("--name", type=_name, metavar="NAME")
    parser.add_argument("--description", type=_text, metavar="TEXT", help='"" for none')
    state = parser.add_mutually_exclusive_group()
    state.add_argument("--enabled", action="store_const", const=True, dest="enabled", help="let it connect")
    state.add_argument("--disabled", action="store_const", const=False, dest="enabled", help="switch it off")


def _takes_code_options(parser: argparse.ArgumentParser) -> None:
    _takes_ids(parser, 1)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--qr", action="store_true", help="draw the code in the terminal (on one, the default without --output)"
    )
    parser.add_argument("--output", metavar="FILE", help="write it to FILE.png, FILE.svg or FILE.json, mode 0600")
