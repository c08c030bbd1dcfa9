"""`crewcheck-admin`: the operator's side of the Devices API, on a command line."""

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from gettext import gettext as _
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from crewcheck_agent import __version__
from crewcheck_agent.cloud.http import system_trust
from crewcheck_agent.cloud.operator import Device, NotDone, Operator, Reason
from crewcheck_agent.core.problem import printable
from crewcheck_agent.core.token import ConnectionToken
from crewcheck_agent.languages import speak_to_the_caller
from crewcheck_agent.settings import ConfigurationError
from crewcheck_agent.tools import codes, sheet
from crewcheck_agent.tools.account import account_of, is_segment
from crewcheck_agent.tools.exit_code import ExitCode
from crewcheck_agent.tools.output import check_ending, write_no_more
from crewcheck_agent.tools.table import table

_CODES = {
    Reason.FAILED: ExitCode.FAILED,
    Reason.UNAUTHORIZED: ExitCode.UNAUTHORIZED,
    Reason.NOT_FOUND: ExitCode.NOT_FOUND,
    Reason.UNREACHABLE: ExitCode.OFFLINE,
}

_Result = TypeVar("_Result")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, by default that of `sys.argv`; returns its exit code."""
    speak_to_the_caller()
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
        _check_output(options.output, codes.KINDS)  # before the service is asked: a code that cannot be written is lost
    if options.command == "sheet":
        _check_output(options.output, (".pdf",))
        _check_printing()
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
            _say(_("No devices yet: `crewcheck-admin create NAME` makes the first."))
        return ExitCode.FINE

    def create(self) -> int:
        """Register a device, and say how to go on."""
        device = self._operator.create(self._options.name, self._options.description or None)
        if self._as_json:
            _print_json(device.fields)
            return ExitCode.FINE
        print(_("Created: {device}").format(device=_named(device)))
        if device.device_id:
            command = f"crewcheck-admin reset {printable(device.device_id)} --qr"
            _say(_("Its connection code: {command}").format(command=command))
        else:
            _say(_("The service did not tell its id: `crewcheck-admin list` does."))
        return ExitCode.FINE

    def show(self) -> int:
        """Everything about devices."""
        return self._each(
            self._operator.device, _("read"), lambda devices: print("\n\n".join(map(_described, devices)))
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
            raise ConfigurationError(_("Nothing to change: use --name, --description, --enabled or --disabled."))
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
        what = _("Deleted devices are gone for good, and their kiosks show that they are unknown.")
        if not self._confirmed("delete", _("To delete: {device}"), what):
            return self._unconfirmed()

        def delete(device_id: str) -> Device:
            self._operator.delete(device_id)
            return Device({"deviceId": device_id, "deleted": True})

        return self._each(delete, _("deleted"), lambda devices: _tell_each(devices, _("Deleted: {device}")))

    def reset(self) -> int:
        """Issue a new connection code, once it is confirmed, and bring it where it is wanted."""
        what = _("A reset cuts the kiosk off: it stays out of service until the new code is scanned at it.")
        if not self._confirmed("reset", _("To reset: {device}"), what):
            return self._unconfirmed()
        token = self._operator.reset(self._options.ids[0])
        told = _("Reset: {device}. Its old code no longer works; the kiosk is cut off until the new one is scanned.")
        _say(told.format(device=printable(self._options.ids[0])))
        _say(_("A connection code is a password: whoever has it can be this kiosk."))
        self._deliver(token)
        return ExitCode.FINE

    def sheet(self) -> int:
        """Issue new connection codes, once it is confirmed, and write a page for each."""
        what = _("A reset cuts each kiosk off: it stays out of service until its new code is scanned at it.")
        if not self._confirmed("sheet", _("To reset: {device}"), what):
            return self._unconfirmed()
        pages: list[sheet.Page] = []

        def print_(device_id: str) -> Device:
            device = self._operator.device(device_id)
            pages.append(sheet.Page(self._operator.reset(device_id), device.text("name")))
            _write_pages(pages, self._options.output)  # after each: what was issued is not lost by what comes
            return device

        def tell(_devices: Sequence[Device]) -> None:
            told = _("{file}: the new codes, readable by you alone. Print it, and delete it.")
            _say(told.format(file=self._options.output))

        return self._each(print_, _("reset"), tell)

    def _switch(self, *, on: bool) -> int:
        told = _("Enabled: {device}") if on else _("Disabled: {device}")
        return self._each(
            lambda device_id: self._operator.update(device_id, {"isEnabled": on}),
            _("enabled") if on else _("disabled"),
            lambda devices: _tell_each(devices, told),
        )

    def _each(self, act: Callable[[str], Device], done: str, tell: Callable[[Sequence[Device]], None]) -> int:
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
        _say(_("{number} of {all} devices {done}.").format(number=len(devices), all=len(ids), done=done))
        if failures:
            _say(_("Failed: {devices}").format(devices=", ".join(map(printable, failures))))
        return _shared(failures.values())

    def _confirmed(self, command: str, which: str, what: str) -> bool:
        """Whether a person means it, having read which devices it is about."""
        if self._options.yes:
            return True
        if not sys.stdin or not sys.stdin.isatty():
            told = _("Without a terminal to ask on, {command} needs --yes.")
            raise ConfigurationError(told.format(command=command))
        for device_id in self._options.ids:
            _say(which.format(device=self._known_as(device_id)))
        _say(what)
        print(_("Type {word} to go on: ").format(word=_("yes")), end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip().lower() in {"yes", _("yes")}

    def _known_as(self, device_id: str) -> str:
        try:
            return _named(self._operator.device(device_id))
        except NotDone as error:
            if error.reason is not Reason.NOT_FOUND or len(self._options.ids) == 1:
                raise
            return _("{device}, which the service does not know").format(device=printable(device_id))

    def _unconfirmed(self) -> int:
        _say(_("Nothing was changed."))
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
        told = _("{file}: {why}. The new code is not there: make room, and reset again.")
        raise NotDone(Reason.FAILED, told.format(file=output, why=error.strerror)) from None
    _say(_("{file}: the new code, readable by you alone. Delete it when the kiosk has it.").format(file=output))


def _write_pages(pages: Sequence[sheet.Page], output: str) -> None:
    try:
        sheet.write(pages, date.today(), Path(output))  # noqa: DTZ011 - the day where the operator is
    except OSError as error:
        told = _("{file}: {why}. The new code is not there: make room, and reset again.")
        raise NotDone(Reason.FAILED, told.format(file=output, why=error.strerror)) from None


def _check_printing() -> None:
    try:
        sheet.check_printing()
    except sheet.CannotPrint as error:
        raise ConfigurationError(str(error)) from None


def _draw(token: ConnectionToken, *, wanted: bool, beside_json: bool) -> None:
    stream = sys.stderr if beside_json else sys.stdout
    if not wanted and not stream.isatty():
        _say(_("It was shown to nobody. To have a code, reset again with --qr, --output FILE or --json."))
        return
    lines = codes.drawn(token)
    stream.write("\n".join(lines) + "\n")
    if stream.isatty() and shutil.get_terminal_size().lines <= len(lines):
        told = _("If it does not fit: {number} lines are needed. Shrink the letters, or use --output FILE.png.")
        _say(told.format(number=len(lines) + 1))


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
            outcome = _("failed. {reason}").format(reason=error)
        _say(f"[{number}/{len(ids)}] {printable(device_id)}: {outcome}")
    return results, failures


def _shared(failures: Any) -> ExitCode:
    found = {_CODES[each.reason] for each in failures}
    return ExitCode.FAILED if len(found) > 1 else next(iter(found), ExitCode.FINE)


def _check_output(output: str, endings: Sequence[str]) -> None:
    check_ending(output, endings)
    path = Path(output)
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        told = _("--output {file}: no file can be written there. Nothing was changed.")
        raise ConfigurationError(told.format(file=output))


def _listed(devices: Sequence[Device]) -> Sequence[str]:
    rows = [
        (each.device_id or "?", each.text("name"), _state(each), each.text("description").strip()) for each in devices
    ]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return list(table(("ID", _("NAME"), _("STATE"), _("DESCRIPTION")), rows, room, cut=(3, 1)))


def _described(device: Device) -> str:
    facts = {
        _("device:"): device.device_id,
        _("name:"): device.text("name"),
        _("state:"): _state(device),
        _("type:"): device.text("type"),
        _("description:"): device.text("description"),
        _("logo:"): device.logo_url,
    }
    room = max(map(len, facts)) + 1
    return "\n".join(f"{label:{room}}{printable(fact, 500)}" for label, fact in facts.items() if fact)


def _named(device: Device) -> str:
    name, device_id = printable(device.text("name")), printable(device.device_id)
    return f"{name} ({device_id})" if name and device_id else name or device_id


def _state(device: Device) -> str:
    return {True: _("enabled"), False: _("disabled"), None: _("unknown")}[device.is_enabled]


def _tell_each(devices: Sequence[Device], told: str) -> None:
    for each in devices:
        print(told.format(device=_named(each)))


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
    "sheet": _Command.sheet,
}


class _Parser(argparse.ArgumentParser):
    """Never quotes a key that somebody put on the command line after all."""

    def error(self, message: str) -> NoReturn:
        if re.search("--api-key|--bearer|unrecognized.*(api|key|bearer|token|secret)", message, re.IGNORECASE):
            message = _("a key is never an option's value: use --api-key-file or --bearer-file, or the environment")
        super().error(message)


def _id(text: str) -> str:
    if not is_segment(text):
        raise argparse.ArgumentTypeError(_("{text} cannot be a device's id").format(text=repr(text)))
    return text


def _text(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):  # what was no UTF-8 on the command line
        raise argparse.ArgumentTypeError(_("this is not UTF-8"))
    return text


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(_("a device needs a name"))
    return _text(text)


class _Once(argparse.Action):
    """Ids in their order, each of them once."""

    def __call__(self, _parser: Any, namespace: argparse.Namespace, values: Any, _option: Any = None) -> None:
        setattr(namespace, self.dest, list(dict.fromkeys(values)))


def _common() -> _Parser:
    """The options that may stand before and after the command."""
    common = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--environment", metavar="URL", help=_("the service's base address"))
    common.add_argument("--tenant", metavar="ID", help=_("whose devices"))
    keys = common.add_mutually_exclusive_group()
    keys.add_argument(
        "--api-key-file", metavar=_("FILE"), help=_("a file that holds the API key; - for standard input")
    )
    keys.add_argument(
        "--bearer-file", metavar=_("FILE"), help=_("a file that holds a bearer token; - for standard input")
    )
    common.add_argument("--plain-http", action="store_true", help=_("allow an environment without encryption"))
    common.add_argument(
        "--json", action="store_true", help=_("for scripts: one device as an object, several as a list")
    )
    return common


def _settings() -> str:
    return _(
        "settings: CREWCHECK_ADMIN_ENVIRONMENT and CREWCHECK_ADMIN_TENANT, or the options; and\n"
        "CREWCHECK_ADMIN_API_KEY or CREWCHECK_ADMIN_BEARER, or a file that holds the key. Without any, a person\n"
        "at a terminal is asked. A key is never an option's value: everybody on the machine can read those."
    )


def _exit_codes() -> str:
    return _(
        "exit codes: 0 fine, 1 failed, 2 wrong usage or configuration, 5 credentials refused, 6 unknown device,\n"
        "7 the service cannot be reached. Of several devices: the cause that all failures share, else 1."
    )


def command_line() -> argparse.ArgumentParser:
    """What can be typed. The manual page and the shell's completion are made from it."""
    common = _common()
    parser = _Parser(
        prog="crewcheck-admin",
        description=_("Manages a tenant's devices."),
        epilog=f"{_settings()}\n\n{_exit_codes()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        parents=[common],
    )
    version = _("show program's version number and exit")
    parser.add_argument("--version", action="version", version=f"crewcheck-admin {__version__}", help=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar=_("COMMAND"))

    def add(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=_exit_codes(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            parents=[common],
        )

    add("list", _("all devices"))
    one = add("create", _("register a device"))
    one.add_argument("name", type=_name, metavar=_("NAME"))
    one.add_argument("--description", type=_text, metavar=_("TEXT"))
    _takes_ids(add("show", _("everything about devices")))
    _takes_changes(add("update", _("change a device; what is not named stays as it is")))
    _takes_ids(add("enable", _("let devices connect")))
    _takes_ids(add("disable", _("switch devices off until they are enabled again")))
    one = add("delete", _("delete devices and revoke their keys"))
    _takes_ids(one)
    one.add_argument("--yes", action="store_true", help=_("do not ask"))
    _takes_code_options(add("reset", _("issue a new connection code; the kiosk is cut off until it is scanned")))
    one = add("sheet", _("issue new connection codes, on pages to print; the kiosks are cut off until they scan them"))
    _takes_ids(one)
    one.add_argument("--yes", action="store_true", help=_("do not ask"))
    one.add_argument("--output", required=True, metavar=_("FILE"), help=_("write it to FILE.pdf, mode 0600"))
    return parser


def _takes_ids(parser: argparse.ArgumentParser, number: int | str = "+") -> None:
    parser.add_argument("ids", type=_id, nargs=number, metavar="ID", action=_Once)


def _takes_changes(parser: argparse.ArgumentParser) -> None:
    _takes_ids(parser, 1)
    parser.add_argument("--name", type=_name, metavar=_("NAME"))
    parser.add_argument("--description", type=_text, metavar=_("TEXT"), help=_('"" for none'))
    state = parser.add_mutually_exclusive_group()
    state.add_argument("--enabled", action="store_const", const=True, dest="enabled", help=_("let it connect"))
    state.add_argument("--disabled", action="store_const", const=False, dest="enabled", help=_("switch it off"))


def _takes_code_options(parser: argparse.ArgumentParser) -> None:
    _takes_ids(parser, 1)
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))
    parser.add_argument(
        "--qr", action="store_true", help=_("draw the code in the terminal (on one, the default without --output)")
    )
    parser.add_argument("--output", metavar=_("FILE"), help=_("write it to FILE.png, FILE.svg or FILE.json, mode 0600"))
