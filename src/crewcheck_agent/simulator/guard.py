"""Who may use the console and the controls: people and programs on this machine, not web pages of others."""

import ipaddress

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
    server = request.scope.get("server") or ("", None)
    client = request.client.host if request.client else ""
    if not _is_here(client, server[0]):
        raise ProblemError(403, "The console and the controls answer only on the machine the simulator runs on.")
    if not _is_here(request.url.hostname or "", server[0]):
        raise ProblemError(403, "Address the simulator as localhost or by its IP address.")
    if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise ProblemError(403, "A page of another site sent this request.")
    if request.headers.get("origin", _origin(request)) != _origin(request):
        raise ProblemError(403, "A page of another site sent this request.")


def _origin(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}"


def _is_here(host: str, own_address: str) -> bool:
    if host in ("localhost", own_address):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
