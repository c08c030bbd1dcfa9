"""A real browser for tests: Debian's Chromium, driven over its own debugging pipe without any further package."""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PATIENCE = 30.0
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # tests run as root in containers, and visit nothing but the simulator
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-pipe",
)


class ChromiumMissingError(Exception):
    """There is no browser to test with."""


class Page:
    """One tab. Its messages are JSON with a zero byte behind each."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser = to_browser
        self._from_browser = from_browser
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.exceptions: list[str] = []
        self.call("Runtime.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One command of the DevTools protocol, and its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next_message()
            if answer.get("method") == "Runtime.exceptionThrown":
                self.exceptions.append(json.dumps(answer["params"]))
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result = answer["result"]
                assert isinstance(result, dict)
                return result

    def open(self, url: str, *, width: int = 1280, height: int = 900) -> None:
        """Go to an address, in a window of this size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url=url)

    def evaluate(self, script: str) -> Any:
        """What a JavaScript expression gives; promises are waited for."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def until(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + _PATIENCE
        while not self.evaluate(f"(() => {{ try {{ return Boolean({condition}) }} catch {{ return false }} }})()"):
            assert time.monotonic() < end, f"never true: {condition}\n{self.evaluate('document.body.innerText')}"
            self.evaluate("new Promise(done => setTimeout(done, 20))")

    def click(self, selector: str) -> None:
        """Click into the middle of an element, as a mouse would."""
        place = self.evaluate(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)});"
            " it.scrollIntoView({block: 'center'});"
            " const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key such as Tab, Enter or Escape."""
        codes = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, "")}
        code, text = codes[key]
        for kind in ("keyDown", "keyUp"):
            event = {"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", **event, **({"text": text} if text and kind == "keyDown" else {}))

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def _next_message(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            ready, _, _ = select.select([self._from_browser], [], [], _PATIENCE)
            assert ready, "the browser does not answer"
            received = os.read(self._from_browser, 1 << 16)
            assert received, "the browser is gone"
            self._unread += received
        message, _, self._unread = self._unread.partition(b"\0")
        decoded = json.loads(message)
        assert isinstance(decoded, dict)
        return decoded


@contextlib.contextmanager
def page(profile: Path) -> Iterator[Page]:
    """A browser with one tab, for as long as the block lasts.

    Args:
        profile: an empty folder for what it writes.

    Raises:
        ChromiumMissingError: none is installed.
    """
    program = shutil.which("chromium")
    if program is None:
        raise ChromiumMissingError("These tests drive a real browser: run `apt-get install chromium`.")
    commands, to_browser = _high_pipe()
    from_browser, answers = _high_pipe()
    null = os.open(os.devnull, os.O_RDWR)
    process = os.posix_spawn(
        program,
        [program, *_OPTIONS, f"--user-data-dir={profile}"],
        {**os.environ, "HOME": str(profile)},
        file_actions=[
            *((os.POSIX_SPAWN_DUP2, null, standard) for standard in (0, 1, 2)),
            (os.POSIX_SPAWN_DUP2, commands, 3),
            (os.POSIX_SPAWN_DUP2, answers, 4),
        ],
    )
    for theirs in (commands, answers, null):
        os.close(theirs)
    try:
        tab = Page(to_browser, from_browser)
        yield tab
        assert tab.exceptions == []
    finally:
        os.close(to_browser)  # the browser ends when its pipe does
        os.close(from_browser)
        os.waitpid(process, 0)


def _high_pipe() -> tuple[int, int]:
    """A pipe whose ends are out of the way of the numbers that the browser expects."""
    ends = os.pipe()
    reading, writing = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return reading, writing
