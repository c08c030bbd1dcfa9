"""Power cuts at random moments around a new connection code: the kiosk always comes back as somebody."""

import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image
from tests.kiosk_vm.kiosk import Kiosk
from tests.kiosk_vm.machine import Machine, eventually
from tests.kiosk_vm.report import Entry

from crewcheck_agent.tools import sight

_SPREAD = 1.5
"""The latest moment of a cut, as a share of how long a new code takes to be taken when nothing happens."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device of the service's: its id, its code as JSON, what its logo is painted with."""

    device_id: str
    code: str
    inks: Sequence[sight.Ink]


def cuts(machine: Machine, identities: Sequence[Identity], rounds: int, chance: random.Random) -> Iterator[Entry]:
    """Hand over the other one's code, cut the power, and see who comes back; so many times.

    The kiosk is to be running as the first of the identities. What the emulator's disk has acknowledged is kept, as by
    a drive without a volatile cache; all that was in the machine's memory is gone.
    """
    kiosk = Kiosk(machine)
    yield _without_network(kiosk, identities[0])
    taken = _time_of_a_new_code(kiosk, identities[1])
    yield Entry("A new code, undisturbed", "the other logo", "", taken, machine.screen())
    now = identities[1]
    for number in range(1, rounds + 1):
        other = next(identity for identity in identities if identity is not now)
        delay = chance.uniform(0, _SPREAD * taken)
        _hand_over(kiosk, other)
        time.sleep(delay)  # the very thing: an arbitrary moment
        machine.power_cut()
        began = time.monotonic()
        machine.power_on()
        now, complaint = _who_comes_back(kiosk, {i.device_id: i for i in identities})
        yield Entry(
            f"Power cut {number}, {delay:.1f} s into a new code",
            "one of the two identities, and the picture of the same",
            complaint,
            time.monotonic() - began,
            machine.screen(),
        )


def _without_network(kiosk: Kiosk, identity: Identity) -> Entry:
    """The picture waits for no network: here is none, from power-on until it has been seen."""
    machine = kiosk.machine
    eventually("the first logo", lambda: _complaint(machine.screen(), identity) == "" or None)
    machine.power_cut()
    began = time.monotonic()
    machine.power_on(cable=False)
    eventually("the logo", lambda: _complaint(machine.screen(), identity) == "" or None)
    entry = Entry("Power cut, and no network", "the logo", "", time.monotonic() - began, machine.screen())
    machine.await_agent()
    machine.plug_cable(plugged=True)
    eventually("an agent that is connected", lambda: kiosk.says("connected", "logo") == "" or None)
    return entry


def _time_of_a_new_code(kiosk: Kiosk, identity: Identity) -> float:
    began = time.monotonic()
    _hand_over(kiosk, identity)
    eventually("the new logo", lambda: _complaint(kiosk.machine.screen(), identity) == "" or None)
    return time.monotonic() - began


def _hand_over(kiosk: Kiosk, identity: Identity) -> None:
    kiosk.machine.put(identity.code.encode(), "/run/code.json")
    kiosk.machine.run("systemd-run --quiet --collect crewcheck-agent provision /run/code.json")


def _who_comes_back(kiosk: Kiosk, identities: Mapping[str, Identity]) -> tuple[Identity, str]:
    kiosk.machine.await_agent()
    identity = identities[eventually("an agent that is connected", lambda: _connected_as(kiosk))]
    stored = json.loads(kiosk.machine.run("cat /var/lib/crewcheck-agent/token.json"))["deviceId"]
    if stored != identity.device_id:
        return identity, "the stored code is another's"
    return identity, _complaint(kiosk.machine.screen(), identity)


def _connected_as(kiosk: Kiosk) -> str | None:
    report = kiosk.report()
    settled = report.get("state") == "connected" and report["screen"]["showing"] == "logo"
    return str(report["deviceId"]) if settled else None


def _complaint(picture: Image.Image, identity: Identity) -> str:
    return sight.no_logo_there(picture, identity.inks)
