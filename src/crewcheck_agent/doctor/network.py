"""The network as far as this machine sees it by itself: a link, an address, a way out."""

from collections.abc import Sequence

from crewcheck_agent.core.diagnosis import Finding, Note, Step, failed, not_reached, ok, unknown
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.kiosk.interfaces import Interface, interfaces


def network() -> Sequence[Finding]:
    """Link and address."""
    try:
        return judged(interfaces())
    except OSError:  # the kernel does not tell this process
        return unknown(Step.LINK, Note.NOT_TOLD), unknown(Step.ADDRESS, Note.NOT_TOLD)


def judged(found: Sequence[Interface]) -> Sequence[Finding]:
    """Link and address of these adapters."""
    facts = {"interfaces": [_facts(each) for each in found]}
    linked = [each for each in found if each.linked]
    if not linked:
        problem = Problem(Code.NETWORK, variant="noLink" if found else "noAdapter")
        return failed(Step.LINK, problem, **facts), not_reached(Step.ADDRESS, Step.LINK)
    link = ok(Step.LINK, Note.LINKED, linked=[_name(each) for each in linked], **facts)
    addressed = [each for each in linked if each.addresses]
    if not addressed:
        return link, failed(Step.ADDRESS, Problem(Code.NETWORK, variant="noAddress"))
    addresses = [address for each in addressed for address in each.addresses]
    gateways = [gateway for each in linked for gateway in each.gateways]
    told = {"addresses": addresses, "gateways": gateways}
    if not gateways:
        return link, failed(Step.ADDRESS, Problem(Code.NETWORK, ", ".join(addresses), variant="noRoute"), **told)
    return link, ok(Step.ADDRESS, Note.ADDRESSED, **told)


def _name(interface: Interface) -> str:
    return interface.name if interface.signal is None else f"{interface.name} ({interface.signal} dBm)"


def _facts(interface: Interface) -> dict[str, object]:
    return {
        "name": interface.name,
        "linked": interface.linked,
        "wireless": interface.wireless,
        "signal": interface.signal,
        "addresses": list(interface.addresses),
        "gateways": list(interface.gateways),
    }
