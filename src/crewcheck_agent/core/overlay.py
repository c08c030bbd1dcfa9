"""What a technician is shown over whatever the screen shows: this kiosk in ten lines, without a secret."""

from collections.abc import Iterator
from dataclasses import replace

from crewcheck_agent.core.facts import Fact, Link, Vitals
from crewcheck_agent.core.kiosk import Kiosk, identity_of, pulse_of
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Problem, printable, short_code
from crewcheck_agent.core.words.wording import Wording


def overlay(
    kiosk: Kiosk,
    cause: Problem | None,
    words: Wording,
    version: str,
    addresses: tuple[str, ...],
    vitals: Vitals,
) -> Iterator[Fact]:
    """The lines, the most important first; what nobody told is left out.

    Args:
        kiosk: what it is.
        cause: what is wrong, if anything is.
        words: the screen's.
        version: this program's.
        addresses: its own, on the network.
        vitals: how the machine is.
    """
    labels, values = words.labels, words.values
    identity, pulse = identity_of(kiosk), pulse_of(kiosk)
    if cause:
        message = words_for(replace(cause, host=""), words).message  # another line names the service
        yield Fact(labels.cause, f"{short_code(cause.code)}  {printable(message)}")
    if identity:
        yield Fact(labels.device, printable(identity.device_id), spelt=True)
        yield Fact(labels.service, printable(identity.environment.removeprefix("https://")))
        yield Fact(labels.tenant, printable(identity.tenant_id))
    yield Fact(labels.addresses, ", ".join(addresses) or values.no_address)
    yield Fact(labels.version, version)
    if pulse.last_answer:
        yield Fact(labels.last_answer, values.moment.format(moment=pulse.last_answer))
    if pulse.next_attempt:
        time = f"{pulse.next_attempt:%H:%M:%S}"
        counted = values.next_try.format(time=time, number=pulse.attempts + 1)
        yield Fact(labels.next_try, counted if pulse.attempts else time)
    if vitals.links:
        yield Fact(labels.network, ", ".join(map(_link, vitals.links)))
    if vitals.on_since:
        yield Fact(labels.on_since, values.moment.format(moment=vitals.on_since))
    if vitals.celsius is not None:
        yield Fact(labels.temperature, f"{vitals.celsius}\u00a0°C")


def _link(link: Link) -> str:
    if link.signal is not None:
        sign = "\u2212" if link.signal < 0 else ""
        return f"{link.name} {sign}{abs(link.signal)}\u00a0dBm"
    return f"{link.name} {link.rate}\u00a0Mbit/s" if link.rate is not None else link.name
