"""Who may use the console and the controls: people and programs on this machine, not web pages of others."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from crewcheck_agent.simulator.problems import ProblemError

_SAME_SITE = ("same-origin", "none")


def admit_this_machine_only(request: Request) -> None:
    """Let a request through that comes from this machine and was meant for the simulator.

    The Host header must be this machine's own address or name, so that no other name can be pointed at the
    simulator (DNS rebinding); and no other site's page may send the request through the browser.

    Raises:
        ProblemError: 403.
    """
    own_address = (request.scope.get("server") or (None,))[0]
    if not _is_here(request.client.host if request.client else "", own_address):
        raise ProblemError(403, "The console and the controls answer only on the machine the simulator runs on.")
    if not _is_here(_host(request), own_address):
        raise ProblemError(403, "Address the simulator as localhost or by its IP address.")
    if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise ProblemError(403, "A page of another site sent this request.")
    if request.headers.get("origin", _origin(request)) != _origin(request):
        raise ProblemError(403, "A page of another site sent this request.")


def _origin(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}"


def _host(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _is_here(host: str, own_address: str | None) -> bool:
    if host in ("localhost", own_address):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
