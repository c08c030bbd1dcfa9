"""Power cuts at random moments around a new connection code: the kiosk always comes back as somebody."""

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image
from tests.kiosk_vm.kiosk import Kiosk
from tests.kiosk_vm.machine import Machine, eventually
from tests.kiosk_vm.report import Entry

from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.tools import sight

_EARLIEST, _LATEST = 0.5, 1.5
"""When a cut comes, as shares of the time until the service is asked whether it knows the new code: what can be lost
is written just before and just after that."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A device of the service's: its id, its code as JSON, what its logo is painted with."""

    device_id: str
    code: str
    inks: Sequence[sight.Ink]


def cuts(
    machine: Machine, simulator: Simulator, identities: Sequence[Identity], rounds: int, chance: random.Random
) -> Iterator[Entry]:
    """Hand over the other one's code, cut the power, and see who comes back; so many times.

    The kiosk is to be running as the first of the identities. What the emulator's disk has acknowledged is kept, as by
    a drive without a volatile cache; all that was in the machine's memory is gone.
    """
    kiosk = Kiosk(machine)
    yield _without_network(kiosk, identities[0])
    began = time.monotonic()
    asked = _time_until_asked(kiosk, simulator, identities[1])
    eventually("the new logo", lambda: _complaint(machine.screen(), identities[1]) == "" or None)
    yield Entry("A new code, undisturbed", "the other logo", "", time.monotonic() - began, machine.screen())
    old, new = identities[1], identities[0]
    for number in range(1, rounds + 1):
        delay = chance.uniform(_EARLIEST, _LATEST) * asked
        _hand_over(kiosk, new)
        time.sleep(delay)  # the very thing: an arbitrary moment
        machine.power_cut()
        began = time.monotonic()
        machine.power_on()
        now, complaint = _who_comes_back(kiosk, old, new)
        yield Entry(
            f"Power cut {number}, {delay:.1f} s into a new code, which {asked:.1f} s alone take to the service",
            f"the {'new' if now is new else 'old'} identity, and the picture of the same",
            complaint,
            time.monotonic() - began,
            machine.screen(),
        )
        if now is new:
            old, new = new, old


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


def _time_until_asked(kiosk: Kiosk, simulator: Simulator, identity: Identity) -> float:
    began = time.monotonic()
    _hand_over(kiosk, identity)

    def asked() -> bool | None:
        return any(identity.device_id in seen.path for seen in simulator.requests("connect")) or None

    eventually("a question with the new code", asked)
    return time.monotonic() - began


def _hand_over(kiosk: Kiosk, identity: Identity) -> None:
    kiosk.machine.put(identity.code.encode(), "/run/code.json")
    kiosk.machine.run("systemd-run --quiet --collect crewcheck-agent provision /run/code.json")


def _who_comes_back(kiosk: Kiosk, old: Identity, new: Identity) -> tuple[Identity, str]:
    """Whose logo stays, and what is wrong with that.

    A code that waited for its answer is tried again: then the old logo comes first, and the new one follows.
    """
    machine = kiosk.machine

    def somebody() -> Identity | None:
        picture = machine.screen()
        return next((identity for identity in (old, new) if not _complaint(picture, identity)), None)

    first = eventually("a logo", somebody)
    machine.await_agent()
    device_id = eventually("an agent that is connected", lambda: _connected_as(kiosk))
    last = new if device_id == new.device_id else old
    stored = json.loads(machine.run("cat /var/lib/crewcheck-agent/token.json"))["deviceId"]
    if stored != last.device_id:
        return last, "the stored code is another's"
    if first is new and last is old:
        return last, "the new logo came first, and then the old one"
    return last, _complaint(machine.screen(), last)


def _connected_as(kiosk: Kiosk) -> str | None:
    """The device that the agent is, once it has nothing left to try."""
    if kiosk.machine.try_run("test -e /var/lib/crewcheck-agent/candidate.json").code == 0:
        return None
    report = kiosk.report()
    settled = report.get("state") == "connected" and report["screen"]["showing"] == "logo"
    return str(report["deviceId"]) if settled else None


def _complaint(picture: Image.Image, identity: Identity) -> str:
    return sight.no_logo_there(picture, identity.inks)
