"""Every text of the screens, so that a forgotten one fails the type check."""
# ruff: noqa: RUF001 - typographic dashes, for people to read

from collections.abc import Mapping
from dataclasses import dataclass

from crewcheck_agent.core.diagnosis import Who
from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.words.checks import who_words
from crewcheck_agent.core.words.problems import ProblemTemplates, detail_words, problem_templates
from crewcheck_agent.core.words.translations import Translations


@dataclass(frozen=True, slots=True)
class Headlines:
    """The one line for the public, three metres away."""

    setup: str
    connecting: str
    offline: str
    out_of_service: str


@dataclass(frozen=True, slots=True)
class StaffWords:
    """What the people of the house can do, one metre away."""

    scan: str
    plug_scanner: str
    replug_scanner: str
    hand_over: str
    check_cable: str
    call_network_support: str
    call_technician: str
    wait_for_service: str
    disabled: str
    unauthorized: str
    not_found: str


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """What became of the code that was just scanned. `{time}` is the next try's, HH:MM:SS."""

    checking: str
    retrying: str
    saving: str


@dataclass(frozen=True, slots=True)
class FactLabels:
    """The names in the technician's table."""

    code: str
    name: str
    device: str
    scanner: str
    addresses: str
    version: str
    service: str
    tenant: str
    next_try: str
    since: str
    last_answer: str
    server: str
    cause: str
    advice: str
    besides: str
    once_enabled: str
    who: str
    ticket: str
    network: str
    temperature: str
    on_since: str


@dataclass(frozen=True, slots=True)
class FactValues:
    """The values in the technician's table that are words. `{time}`: HH:MM:SS, `{number}`: which try it will be.

    `moment` is how a day and its time are written, as `{moment:…}` with what `strftime` takes; `fact` how a label and
    its text are, on one line.
    """

    scanner_present: str
    scanner_missing: str
    scanner_denied: str
    scanner_off: str
    no_address: str
    next_try: str
    comes_back: str
    moment: str
    fact: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One language.

    Attributes:
        states: the states as `status` tells them to a person.
        who: who must act.
        problems: what can be wrong.
        details: what is known of causes in English, and what it says here.
    """

    headlines: Headlines
    staff: StaffWords
    notices: NoticeWords
    labels: FactLabels
    values: FactValues
    states: Mapping[Name, str]
    who: Mapping[Who, str]
    problems: ProblemTemplates
    details: Mapping[str, str]


def wording(translations: Translations) -> Wording:
    """Every text in the language of these translations."""
    _ = translations.gettext
    return Wording(
        headlines=Headlines(
            setup=_("This kiosk is being set up"),
            connecting=_("One moment, please"),
            offline=_("One moment – no connection"),
            out_of_service=_("Not in service"),
        ),
        staff=StaffWords(
            scan=_("Hold the connection code in front of the scanner."),
            plug_scanner=_("Plug in the scanner, then hold the connection code in front of it."),
            replug_scanner=_("Unplug the scanner and plug it in again. If that does not help, call a technician."),
            hand_over=_("A technician hands the connection code over at this device."),
            check_cable=_("Check the network cable and the router."),
            call_network_support=_("Call your network support and read out the help code."),
            call_technician=_("Call your technician and read out the help code."),
            wait_for_service=_("Nothing to do here: this kiosk keeps trying."),
            disabled=_("Switched off by the operator. For help, call them and read out this name."),
            unauthorized=_("Needs a new connection code: call the operator and read out this name."),
            not_found=_("No longer registered: ask the operator for a new connection code."),
        ),
        notices=NoticeWords(
            checking=_("Code read. Checking…"),
            retrying=_("Code read. No connection: next try at {time}."),
            saving=_("Code accepted. Saving…"),
        ),
        labels=FactLabels(
            code=_("Help code"),
            name=_("Name of this device"),
            device=_("Device"),
            scanner=_("Scanner"),
            addresses=_("Address"),
            version=_("Version"),
            service=_("Service"),
            tenant=_("Tenant"),
            next_try=_("Next try"),
            since=_("Since"),
            last_answer=_("Last answer"),
            server=_("Server"),
            cause=_("Cause"),
            advice=_("To do"),
            besides=_("Also"),
            once_enabled=_("Once enabled"),
            who=_("Who acts"),
            ticket=_("With a phone: report for support"),
            network=_("Network"),
            temperature=_("Temperature"),
            on_since=_("Switched on"),
        ),
        values=FactValues(
            scanner_present=translations.pgettext("scanner", "connected"),
            scanner_missing=_("not found"),
            scanner_denied=_("found, but it cannot be opened"),
            scanner_off=_("switched off in the settings"),
            no_address=_("none: no network"),
            next_try=_("{time} (attempt\u00a0{number})"),
            comes_back=_("comes back by itself"),
            moment=_("{moment:%Y-%m-%d %H:%M}"),
            fact=_("{label}: {text}"),
        ),
        states={
            Name.UNPROVISIONED: _("not set up"),
            Name.CONNECTING: _("connecting"),
            Name.CONNECTED: _("connected"),
            Name.OFFLINE: _("offline"),
            Name.DISABLED: translations.pgettext("state", "disabled"),
            Name.UNAUTHORIZED: _("key refused"),
            Name.NOT_FOUND: translations.pgettext("state", "unknown"),
        },
        who=who_words(translations),
        problems=problem_templates(translations),
        details=detail_words(translations),
    )
