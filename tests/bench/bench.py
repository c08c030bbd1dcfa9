"""How soon the logo is there, and what the idle agent costs: figures for people, no pass and no fail.

    python tests/bench/bench.py [--runs 7] [--idle 60]

Needs Xvfb. With a C compiler and SDL's headers (Debian: gcc, libsdl2-dev) the least that SDL can do is timed in turn
with the agent, so that the ratio holds on any machine. What is on the screen is read from the X server's own memory:
the pixels themselves are watched, and nobody is asked.
"""

import argparse
import contextlib
import json
import mmap
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from crewcheck_agent.kiosk.control import AgentUnreachable, ask
from crewcheck_agent.simulator.server import Simulator, running

AGENT = (str(Path(sys.executable).with_name("crewcheck-agent")), "run")  # as systemd starts it
PATIENCE = 30.0


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7, help="starts of each program (default: 7)")
    parser.add_argument("--idle", type=float, default=60, help="seconds to watch the idle agent (default: 60)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, screen(Path(name)) as pixels, running() as simulator:
        environ = agent_environ(Path(name), simulator, pixels.display)
        with started(AGENT, environ):
            set_up(simulator, environ)
        programs = {"agent": AGENT, **minimal_program(Path(name))}
        times: dict[str, list[float]] = {each: [] for each in programs}
        for run in range(options.runs + 1):  # the first one warms the caches
            for each, command in programs.items():
                taken = first_pixel(command, environ, pixels)
                if run:
                    times[each].append(taken)
        report_times(times)
        with started(AGENT, environ) as agent:
            await_logo(environ)
            report_idle(agent.pid, options.idle)


class Pixels:
    """The screen of an X server that keeps it in a file (`Xvfb -fbdir`, an XWD dump with 25 words of header)."""

    def __init__(self, display: str, dump: Path) -> None:
        self.display = display
        with dump.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = struct.unpack(">25I", self._memory[:100])
        start, height, line = header[0] + 12 * header[19], header[5], header[12]
        self._lines = [start + y * line for y in range(height // 20, height, height // 20)]
        self._width = header[4] * 4

    def dark(self) -> bool:
        """Whether nothing is painted: the X server's own background is black."""
        return not any(any(self._memory[each + 1000 : each + self._width : 4000]) for each in self._lines)


@contextlib.contextmanager
def screen(folder: Path) -> Iterator[Pixels]:
    """An X server of 1920 x 1080 pixels."""
    read, write = os.pipe()
    command = ("Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-fbdir", str(folder))
    with subprocess.Popen((*command, "-nolisten", "tcp"), pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        yield Pixels(display, folder / "Xvfb_screen0")
        server.terminate()


def agent_environ(folder: Path, simulator: Simulator, display: str) -> Mapping[str, str]:
    """The environment of an agent of its own on that display."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CREWCHECK_", "SDL_"))}
    places = {f"CREWCHECK_{kind}_DIR": str(folder / kind.lower()) for kind in ("STATE", "CACHE", "RUNTIME")}
    return {**kept, **places, "DISPLAY": display, "CREWCHECK_ALLOWED_ENVIRONMENTS": simulator.environment}


@contextlib.contextmanager
def started(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A running program."""
    with subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL) as process:
        yield process
        process.terminate()


def set_up(simulator: Simulator, environ: Mapping[str, str]) -> None:
    """Provision, and wait for the logo: from now on it is cached."""
    token = simulator.reset(simulator.create_device("Bench"))
    await_logo(environ, json.dumps(token))


def await_logo(environ: Mapping[str, str], token: str = "") -> None:
    """Wait until the agent shows a logo."""
    socket = Path(environ["CREWCHECK_RUNTIME_DIR"], "control.sock")
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(AgentUnreachable):
            if token:
                list(ask(socket, {"do": "provision", "token": token}))
                token = ""
            for reply in ask(socket, {"do": "watch"}, PATIENCE):
                if reply.fields["logo"] and reply.fields["screen"]["showing"] == "logo":
                    return
        time.sleep(0.05)
    raise SystemExit("the agent never showed a logo")


def minimal_program(folder: Path) -> Mapping[str, Sequence[str]]:
    """The least that SDL can do, if it can be compiled here."""
    source, program = Path(__file__).with_name("minimal_sdl.c"), folder / "minimal_sdl"
    compiler = shutil.which("gcc") or shutil.which("cc")
    command = (compiler or "cc", "-O2", "-o", str(program), str(source), "-lSDL2")
    if not compiler or subprocess.run(command, capture_output=True, check=False).returncode:
        print("without libsdl2-dev there is nothing to compare with")
        return {}
    return {"minimal SDL program": (str(program),)}


def first_pixel(command: Sequence[str], environ: Mapping[str, str], pixels: Pixels) -> float:
    """Seconds from exec to the first pixel that is not black."""
    while not pixels.dark():
        time.sleep(0.01)
    began = time.perf_counter()
    with started(command, environ):
        while pixels.dark():
            if time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"{command[0]} painted nothing")
        return time.perf_counter() - began


def report_times(times: Mapping[str, Sequence[float]]) -> None:
    """Each program's times, and the ratio of the medians."""
    medians = {}
    for program, taken in times.items():
        medians[program] = statistics.median(taken)
        least, most = min(taken) * 1000, max(taken) * 1000
        print(f"first pixel, {program}: median {medians[program] * 1000:.0f} ms ({least:.0f} to {most:.0f})")
    if len(medians) == 2:
        agent, minimal = medians.values()
        print(f"ratio of the medians: {agent / minimal:.2f}")


def report_idle(pid: int, seconds: float) -> None:
    """Memory, and what it takes to do nothing; the first polls are over when the watch begins."""
    time.sleep(15)
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    pss = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    print(f"memory after settling: PSS {pss / 1024:.1f} MiB")
    before = costs(pid)
    time.sleep(seconds)
    after = costs(pid)
    minutes = seconds / 60
    print(f"idle: {(after[0] - before[0]) / minutes:.3f} CPU seconds a minute, polls included")
    print(f"idle: {(after[1] - before[1]) / seconds:.2f} wake-ups a second, polls included")


def costs(pid: int) -> tuple[float, int]:
    """CPU seconds and wake-ups (voluntary context switches) of all threads so far."""
    nanoseconds, switches = 0, 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((task / "schedstat").read_text(encoding="ascii").split()[0])
        status = (task / "status").read_text(encoding="ascii")
        switches += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("voluntary"))
    return nanoseconds / 1e9, switches


if __name__ == "__main__":
    main()
