"""``crewcheck-sim``: the Devices API simulator as a program."""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from crewcheck_agent.simulator.server import Simulator
from crewcheck_agent.simulator.store import StateFile, StateFileError
from crewcheck_agent.simulator.world import Snapshot, World, fresh_snapshot

_ENDINGS = (signal.SIGINT, signal.SIGTERM)
_FINE, _WRONG_USAGE = 0, 2


class _UsageError(Exception):
    """What was asked for cannot be done. The message says why, and what to do instead."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        0 after SIGTERM or SIGINT; 2 when it cannot start, with the reason on standard error.
    """
    options = command_line().parse_args(argv)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)  # before any thread starts: they inherit it
    try:
        _serve(options)
    except (_UsageError, StateFileError) as error:
        sys.stderr.write(f"crewcheck-sim: {error}\n")
        return _WRONG_USAGE
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return _FINE


def _serve(options: argparse.Namespace) -> None:
    simulator = _started(options)
    try:
        _announce(simulator)
        signal.sigwait(_ENDINGS)
    finally:
        simulator.close()


def _started(options: argparse.Namespace) -> Simulator:
    world = _world(options.tenant, options.state)
    try:
        return Simulator(world, host=options.host, port=options.port, environment=options.environment)
    except OSError as error:
        raise _UsageError(
            f"cannot listen on {options.host} port {options.port}: {error.strerror}. "
            "Choose another with --host and --port; --port 0 takes any free port."
        ) from error


def _world(tenant: str | None, path: Path | None) -> World:
    if path is None:
        return World(fresh_snapshot(tenant or "demo"))
    file = StateFile(path)
    snapshot = file.load()
    if snapshot is None:
        snapshot = fresh_snapshot(tenant or "demo")
        file.save(snapshot)
    _check_tenant(snapshot, tenant, path)
    return World(snapshot, keep=file.save)


def _check_tenant(snapshot: Snapshot, tenant: str | None, path: Path) -> None:
    if tenant not in (None, snapshot.tenant_id):
        raise _UsageError(
            f"{path} belongs to the tenant {snapshot.tenant_id!r}, not to {tenant!r}. "
            "Leave --tenant out, or name another state file."
        )


def _announce(simulator: Simulator) -> None:
    line = {"environment": simulator.environment, "tenantId": simulator.tenant_id, "apiKey": simulator.api_key}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def command_line() -> argparse.ArgumentParser:
    """What can be typed. The manual page and the shell's completion are made from it."""
    parser = argparse.ArgumentParser(prog="crewcheck-sim", description="A simulator of the Devices API.")
    serve = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "serve",
        help="listen until SIGTERM or Ctrl-C",
        description="Listen until SIGTERM or Ctrl-C. Once it listens, prints one line of JSON: environment, "
        "tenantId and the operator's apiKey. Open the environment in a browser for the console.",
    )
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    serve.add_argument("--port", type=_port, default=0, help="0, the default, takes any free one")
    serve.add_argument("--tenant", type=_non_empty, help="the tenant's id (default: the state file's, or demo)")
    serve.add_argument(
        "--state", type=Path, metavar="FILE", help="keep devices and keys in this file (default: in memory only)"
    )
    serve.add_argument(
        "--environment",
        type=_base_url,
        metavar="URL",
        help="the base URL that tokens and logo addresses name, when kiosks reach the simulator by another one",
    )
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 0 to 65535")
    return port


def _non_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it must not be empty")
    return text


def _base_url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text} does not begin with http:// or https://")
    return text.rstrip("/")
