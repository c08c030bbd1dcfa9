"""A kiosk whose scanner is on a serial line: a real one in all but its wire."""

import json
import os
import pty
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.conftest import Kiosk


class Scanner:
    """The scanner's end of the line, and the node of the kiosk's."""

    def __init__(self) -> None:
        self._end, other = pty.openpty()
        tty.setraw(self._end)
        self.node = Path(os.ttyname(other))
        self._other = other

    def scan(self, text: str) -> None:
        os.write(self._end, text.encode())

    def unplug(self) -> None:
        for each in (self._end, self._other):
            os.close(each)


@pytest.fixture
def scanner() -> Scanner:
    return Scanner()


@pytest.fixture
def kiosk_with_it(kiosk: Kiosk, scanner: Scanner) -> Iterator[Kiosk]:
    kiosk.settings["CREWCHECK_SCANNER"] = str(scanner.node)
    kiosk.start()
    kiosk.await_status(lambda status: status["scanner"]["state"] == "present")
    yield kiosk
    kiosk.stop()


def test_a_scan_sets_the_kiosk_up(kiosk_with_it: Kiosk, scanner: Scanner, red_token: dict[str, str]) -> None:
    assert kiosk_with_it.status()["scanner"] == {
        "state": "present",
        "name": str(scanner.node),
        "device": str(scanner.node),
    }
    scanner.scan(json.dumps(red_token))  # without any end
    kiosk_with_it.await_state("connected", "logo")
    assert red_token["apiKey"] not in kiosk_with_it.log()


def test_garbage_is_told(kiosk_with_it: Kiosk, scanner: Scanner) -> None:
    scanner.scan("4006381333931\r")
    status = kiosk_with_it.await_status(lambda status: status["notice"] is not None)
    assert status["notice"]["code"] == "badToken"


def test_one_that_is_pulled_out_is_missed(kiosk_with_it: Kiosk, scanner: Scanner) -> None:
    scanner.scan("half a c")
    scanner.unplug()
    kiosk_with_it.await_status(lambda status: status["scanner"]["state"] == "missing")
    assert "a scanner is connected" in kiosk_with_it.log()
    assert "no scanner is connected" in kiosk_with_it.log()
