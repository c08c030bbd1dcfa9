"""An emulated kiosk: QEMU without acceleration, its screen, its scanner, its power switch."""

import base64
import json
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from PIL import Image

PATIENCE = 240.0
"""Seconds that anything may take: emulation is slow, and twice as slow while others use the machine."""

KEY_PAUSE = 0.05
"""Seconds between two keys: the emulated USB keyboard holds sixteen, and drops what a busy machine fetches too late."""

SERVICE = "10.0.2.100"
"""Where the guest, which reaches nothing else, finds what listens on this machine's loopback interface."""

T = TypeVar("T")

_EXTENDED_DESKTOP_SIZE = -308

_FIRMWARE = Path("/usr/share/OVMF")
_PLAIN_KEYS = {" ": "spc", "-": "minus", "=": "equal", "[": "bracket_left", "]": "bracket_right", ";": "semicolon",
               "'": "apostrophe", "`": "grave_accent", "\\": "backslash", ",": "comma", ".": "dot", "/": "slash",
               "\n": "ret", "\t": "tab"}  # fmt: skip
_SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./", strict=True))


class NotSoon(Exception):  # noqa: N818 - told as what did not come
    """What was waited for did not come. The text says what there was instead."""


class CommandFailed(Exception):  # noqa: N818 - told as what happened
    """A command in the guest ended with an error; the text is what it said."""


def eventually(what: str, look: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """What `look` finds, as soon as it finds something."""
    until = time.monotonic() + patience
    while True:
        found = look()
        if found is not None:
            return found
        if time.monotonic() > until:
            raise NotSoon(f"{what}: not within {patience:g} seconds")
        time.sleep(0.5)


class _Wire:
    """A socket on which one JSON object a line goes each way, as QMP and the guest's agent speak."""

    def __init__(self, path: Path, patience: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(patience)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("rb")

    def ask(self, command: str, arguments: Mapping[str, Any] | None = None) -> Any:
        request = {"execute": command, "arguments": arguments or {}}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            answer = self.receive()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise CommandFailed(f"{command}: {answer['error']['desc']}")

    def receive(self) -> Mapping[str, Any]:
        line = self._lines.readline()
        if not line:
            raise ConnectionResetError("the emulator has closed the connection")
        answer: Mapping[str, Any] = json.loads(line.lstrip(b"\xff"))
        return answer

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Said:
    """What a command in the guest said, and its exit code."""

    code: int
    text: str


class Machine:
    """A kiosk with a disk, a monitor, a USB scanner and a network cable.

    Args:
        disk: what it boots from, and changes: a qcow2 image.
        work: a directory for its sockets and its log.
        port: what listens on this machine's loopback interface; the guest finds it at http://SERVICE.
    """

    def __init__(self, disk: Path, work: Path, port: int) -> None:
        self._disk = disk
        self._work = work
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._asking = threading.Lock()

    def power_on(self, *, cable: bool = True) -> None:
        """Start the machine, with its network cable plugged in or not; returns before it has booted."""
        for name in ("qmp", "agent"):
            (self._work / name).unlink(missing_ok=True)
        variables = self._work / "firmware-variables"
        if not variables.exists():
            shutil.copy(_FIRMWARE / "OVMF_VARS_4M.fd", variables)
        log = (self._work / "qemu.log").open("ab")
        self._process = subprocess.Popen(self._command(variables), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self._qmp = eventually("the emulator's control socket", lambda: self._connected("qmp"), 30)
        self._qmp.receive()  # its greeting
        self._ask("qmp_capabilities")
        if not cable:
            self.plug_cable(plugged=False)

    def power_cut(self) -> None:
        """Kill the emulator: nothing is told to the guest, nothing is flushed."""
        if self._process:
            self._qmp.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.power_cut()

    def screen(self) -> Image.Image:
        """What the monitor shows."""
        dump = self._work / f"screen-{threading.get_ident()}.ppm"
        self._ask("screendump", {"filename": str(dump)})
        with Image.open(dump) as picture:
            return picture.convert("RGB")

    def plug_cable(self, *, plugged: bool) -> None:
        """Plug the network cable in, or pull it."""
        self._ask("set_link", {"name": "net", "up": plugged})

    def _ask(self, command: str, arguments: Mapping[str, Any] | None = None) -> Any:
        with self._asking:
            return self._qmp.ask(command, arguments)

    def type(self, text: str) -> None:
        """Type a text on the USB keyboard, as a scanner with a US layout does."""
        for character in text:
            self.press(*keys_of(character))

    def press(self, *keys: str) -> None:
        """Press these keys together, by their QEMU names, and let them go."""
        for down, order in ((True, keys), (False, tuple(reversed(keys)))):
            events = [{"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": key}}} for key in order]
            self._ask("input-send-event", {"events": events})
            time.sleep(KEY_PAUSE)

    def unplug_scanner(self) -> None:
        """Pull the USB keyboard."""
        self._ask("device_del", {"id": "scanner"})

    def plug_scanner(self) -> None:
        """Put the USB keyboard back."""
        self._ask("device_add", {"driver": "usb-kbd", "bus": "usb.0", "id": "scanner"})

    def change_monitor(self, width: int, height: int) -> None:
        """Hang another monitor up. The kernel learns its mode as soon as it looks for one.

        The emulator takes that from whoever watches over VNC (RFC 6143, with the extension ExtendedDesktopSize).
        """
        with socket.socket(socket.AF_UNIX) as watcher, watcher.makefile("rb") as told:
            watcher.settimeout(PATIENCE)
            watcher.connect(str(self._work / "vnc"))
            watcher.sendall(told.read(12))  # the same version
            told.read(told.read(1)[0])
            watcher.sendall(b"\1")  # no password
            told.read(4)
            watcher.sendall(b"\1")  # beside others
            *_, name = struct.unpack(">20sI", told.read(24))
            told.read(name)
            watcher.sendall(struct.pack(">BxHi", 2, 1, _EXTENDED_DESKTOP_SIZE))
            screen = struct.pack(">IHHHHI", 0, 0, 0, width, height, 0)
            watcher.sendall(struct.pack(">BxHHBx", 251, width, height, 1) + screen)
            watcher.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, 1, 1))
            told.read(1)  # it has got so far

    def run(self, command: str, *, patience: float = PATIENCE) -> str:
        """Run a shell command as root in the guest; what it printed.

        Raises:
            CommandFailed: its exit code was not 0.
        """
        said = self.try_run(command, patience=patience)
        if said.code:
            raise CommandFailed(f"{command}: exit code {said.code}: {said.text.strip()}")
        return said.text

    def try_run(self, command: str, *, patience: float = PATIENCE, stdin: bytes = b"") -> Said:
        """Run a shell command as root in the guest; its exit code and what it printed, errors included."""
        wire = self._agent()
        try:
            arguments = {
                "path": "/bin/sh",
                "arg": ["-c", f"exec 2>&1; {command}"],
                "capture-output": True,
                "input-data": base64.b64encode(stdin).decode(),
            }
            process = wire.ask("guest-exec", arguments)["pid"]

            def ended() -> Mapping[str, Any] | None:
                status: Mapping[str, Any] = wire.ask("guest-exec-status", {"pid": process})
                return status if status["exited"] else None

            status = eventually(f"the end of {command!r} in the guest", ended, patience)
        finally:
            wire.close()
        text = base64.b64decode(status.get("out-data", "")).decode(errors="replace")
        return Said(status.get("exitcode", 128 + status.get("signal", 0)), text)

    def put(self, content: bytes, path: str) -> None:
        """Write a file in the guest."""
        said = self.try_run(f"cat > '{path}'", stdin=content)
        if said.code:
            raise CommandFailed(said.text)

    def get(self, path: str) -> bytes:
        """What a file in the guest holds."""
        return base64.b64decode(self.run(f"base64 '{path}'"))

    def await_agent(self) -> None:
        """Until commands can be run in the guest."""
        eventually("the guest's agent", self._answering)

    def _answering(self) -> bool | None:
        try:
            self._agent(patience=5).close()
        except (OSError, ConnectionResetError):
            return None
        return True

    def _agent(self, patience: float = PATIENCE) -> _Wire:
        wire = _Wire(self._work / "agent", patience)
        try:
            wire.ask("guest-sync", {"id": time.monotonic_ns() & 0x7FFFFFFF})
        except OSError:
            wire.close()
            raise
        return wire

    def _connected(self, name: str) -> _Wire | None:
        if self._process and self._process.poll() is not None:
            raise NotSoon(f"the emulator ended: {(self._work / 'qemu.log').read_text(errors='replace').strip()}")
        try:
            return _Wire(self._work / name, PATIENCE)
        except OSError:
            return None

    def _command(self, variables: Path) -> Sequence[str]:
        relay = f"socat STDIO TCP:127.0.0.1:{self._port}"
        return [
            *("setpriv", "--pdeathsig", "KILL"),  # no emulator outlives its test
            "qemu-system-x86_64",
            *("-machine", "q35", "-accel", "tcg,thread=multi", "-cpu", "Nehalem", "-smp", "2", "-m", "1024"),
            *("-uuid", "6b696f73-6b00-4000-8000-000000000001", "-nodefaults", "-device", "virtio-vga"),
            *("-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={_FIRMWARE / 'OVMF_CODE_4M.fd'}"),
            *("-drive", f"if=pflash,format=raw,unit=1,file={variables}"),
            *("-drive", f"if=none,id=disk,file={self._disk},format=qcow2,cache=writeback"),
            *("-device", "virtio-blk-pci,drive=disk,bootindex=1"),
            *("-device", "qemu-xhci,id=usb", "-device", "usb-kbd,bus=usb.0,id=scanner"),
            *("-netdev", f"user,id=net,restrict=on,guestfwd=tcp:{SERVICE}:80-cmd:{relay}"),
            *("-device", "virtio-net-pci,netdev=net,romfile="),
            *("-vnc", f"unix:{self._work / 'vnc'}"),
            *("-qmp", f"unix:{self._work / 'qmp'},server=on,wait=off"),
            *(
                "-device",
                "virtio-serial",
                "-chardev",
                f"socket,id=agent,path={self._work / 'agent'},server=on,wait=off",
            ),
            *("-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"),
        ]


def keys_of(character: str) -> tuple[str, ...]:
    """The keys, by QEMU's names, that type a character on a US keyboard."""
    if character.isascii() and character.isalnum():
        return ("shift", character.lower()) if character.isupper() else (character,)
    if character in _SHIFTED:
        return ("shift", *keys_of(_SHIFTED[character]))
    return (_PLAIN_KEYS[character],)
