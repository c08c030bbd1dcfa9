"""The key is in its file and in the one header, and nowhere else."""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.journeys.conftest import Kiosk
from tests.kiosk.reading import scanned

from crewcheck_agent.simulator.server import Simulator


def processes(root: int) -> Iterator[Path]:
    """A process and all below it, by their folders in /proc."""
    yield Path(f"/proc/{root}")
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from processes(int(child))


def test_the_key_is_seen_nowhere(kiosk: Kiosk, simulator: Simulator) -> None:
    token = simulator.reset(simulator.create_device("Canary"))
    canary = token["apiKey"]
    kiosk.start()
    seen = [json.dumps([*kiosk.offer(token)])]
    kiosk.await_state("connected", "logo")
    for body in (
        f'{{"title": "{canary}", "detail": "your key {canary}"}}',
        f'{{"settings": {{"logoUrl": "{canary}"}}}}',
    ):
        simulator.set_fault(
            operation="connect", status=200 if "settings" in body else 400, body=body, contentType="application/json"
        )
        seen.append(json.dumps(kiosk.await_status(lambda status: status["problem"] is not None)))
    said = f'{{"title": "{canary}", "detail": "your key {canary}", "instance": "/{canary}"}}'
    simulator.set_fault(operation="connect", status=401, body=said, contentType="application/problem+json")
    seen.append(json.dumps(kiosk.await_state("unauthorized", "unauthorized")))
    (report,) = scanned(kiosk.look())
    assert report.startswith("CrewCheck CC-41")
    seen.append(report)
    kiosk.offer('{"apiKey": "' + canary + '", "deviceId": 1, "tenantId": "t", "environment": "e"}')
    assert kiosk.process is not None
    for process in processes(kiosk.process.pid):
        seen += [(process / name).read_bytes().decode(errors="replace") for name in ("cmdline", "environ")]
    seen.append(kiosk.log())
    folders = (kiosk.state_dir, kiosk.cache_dir, kiosk.runtime_dir)
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    seen += [file.read_bytes().decode(errors="replace") for file in files if file.name != "token.json"]
    assert not [text for text in seen if canary in text]
    keyed = [request for request in simulator.requests() if request.key]
    assert {request.operation for request in keyed} == {"connect"}


def test_what_must_not_be_read_by_others_is_not(red_kiosk: Kiosk) -> None:
    state, cache, run = red_kiosk.state_dir, red_kiosk.cache_dir, red_kiosk.runtime_dir
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (*state.iterdir(), run / "control.sock", cache)}
    assert modes == {
        "token.json": "0o600",
        "verdict.json": "0o600",
        "control.sock": "0o660",
        "cache": "0o750",
    }
    assert state.stat().st_mode & 0o077 == 0


def test_a_key_that_a_power_cut_left_half_written_is_erased_at_the_next_start(kiosk: Kiosk) -> None:
    kiosk.state_dir.mkdir(mode=0o700)
    left = kiosk.state_dir / ".token.json.0a1b2c3d.unfinished"
    left.write_text("an old key")
    kiosk.start()
    assert not left.exists()
