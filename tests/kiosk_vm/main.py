"""Plays a kiosk's life and its power cuts in an emulated machine, and writes the report; `run` calls it."""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.kiosk_vm import life, power_cuts, report
from tests.kiosk_vm.kiosk import Kiosk, Watch, has_console_text
from tests.kiosk_vm.machine import PATIENCE, SERVICE, CommandFailed, Machine, NotSoon, eventually
from tests.kiosk_vm.power_cuts import Identity
from tests.kiosk_vm.report import Entry

from crewcheck_agent.simulator.artwork import demo_logo
from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.simulator.world import World, fresh_snapshot
from crewcheck_agent.tools import sight

ROUNDS = 10


def main(argv: Sequence[str]) -> int:
    options = _parser().parse_args(argv)
    entries: list[Entry] = []
    image = f"Image {options.image.name}, seed {options.seed}"
    print(image, flush=True)
    began = time.monotonic()
    for entry in _play(options):
        entries.append(entry)
        sign, seen = ("✗", entry.complaint) if entry.complaint else ("✓", entry.expected)
        print(f"{sign} {entry.seconds:6.1f} s  {entry.name}: {seen}", flush=True)
        minutes = (time.monotonic() - began) / 60
        report.write(options.report, "The emulated kiosk", (image, f"{minutes:.1f} minutes"), entries)
    print(f"The pictures: {options.report}", flush=True)
    return int(any(entry.complaint for entry in entries))


def _play(options: argparse.Namespace) -> Iterator[Entry]:
    with ExitStack() as stage:
        work = Path(stage.enter_context(TemporaryDirectory(prefix="crewcheck-vm-")))
        disk = work / "disk.qcow2"
        backing = ["-F", "raw", "-b", str(options.image.resolve())]
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", *backing, str(disk)], check=True)
        simulator = Simulator(World(fresh_snapshot("demo")), environment=f"http://{SERVICE}")
        stage.callback(simulator.close)
        machine = stage.enter_context(Machine(disk, work, simulator.port))
        first = simulator.create_device("Kiosk 1")
        yield from _live(machine, simulator, first)
        identities = (_identity(simulator, first, demo_logo()), _second(simulator))
        machine.put(identities[0].code.encode(), "/run/code.json")
        machine.run("crewcheck-agent provision /run/code.json")
        began = time.monotonic()
        try:
            yield from power_cuts.cuts(machine, simulator, identities, options.rounds, random.Random(options.seed))
        except (NotSoon, CommandFailed) as reason:
            yield Entry("Power cuts", "a kiosk", str(reason), time.monotonic() - began, machine.screen())


def _live(machine: Machine, simulator: Simulator, device_id: str) -> Iterator[Entry]:
    began = time.monotonic()
    machine.power_on()
    kiosk = Kiosk(machine)
    machine.await_agent()
    steps = life.Life(kiosk, simulator, device_id).steps()
    with Watch(machine.screen) as watch:
        for step in steps:
            complaint = _seen(step, machine)
            caught, watch.caught = watch.caught, []
            if caught and not complaint:
                complaint = "there was text of a console in between"
            yield Entry(
                step.name, step.expected, complaint, time.monotonic() - began, (caught or [machine.screen()])[0]
            )
            began = time.monotonic()
    yield _text_that_is_seen(kiosk)


def _text_that_is_seen(kiosk: Kiosk) -> Entry:
    """Text of a console would have been seen: here is some."""
    began, complaint = time.monotonic(), ""
    kiosk.show_console("kiosk login:")
    try:
        eventually("text of a console", lambda: has_console_text(kiosk.machine.screen()) or None)
    except NotSoon as reason:
        complaint = str(reason)
    seen = kiosk.machine.screen()
    kiosk.machine.run("systemctl start crewcheck-agent")
    name = "The agent is stopped, and a console let onto the screen"
    return Entry(name, "its text", complaint, time.monotonic() - began, seen)


def _seen(step: life.Step, machine: Machine) -> str:
    complaint = [""]
    try:
        step.act()

        def content() -> bool | None:
            complaint[0] = step.sees(machine.screen()) or step.knows()
            return None if complaint[0] else True

        eventually(step.name, content)
    except NotSoon as reason:
        return f"{complaint[0]}, for {PATIENCE:g} seconds" if complaint[0] else str(reason)
    except (life.NotAsExpected, CommandFailed) as reason:
        return str(reason)
    return ""


def _identity(simulator: Simulator, device_id: str, logo: bytes) -> Identity:
    simulator.set_logo(device_id, logo, "image/svg+xml")
    return Identity(device_id, json.dumps(simulator.reset(device_id)), sight.inks_of(logo))


def _second(simulator: Simulator) -> Identity:
    """Another device, whose logo has none of the first one's colours."""
    logo = demo_logo()
    for (red, green, blue), _ in sight.inks_of(logo):
        other = bytes((255 - red, 255 - green, 255 - blue))
        logo = logo.replace(f'fill="#{bytes((red, green, blue)).hex()}"'.encode(), f'fill="#{other.hex()}"'.encode())
    return _identity(simulator, simulator.create_device("Kiosk 2"), logo)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1000))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how many power cuts (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
