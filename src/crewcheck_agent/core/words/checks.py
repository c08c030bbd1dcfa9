"""What an examination says: the names of its steps, what it saw, who must act, and causes in finer words."""
# ruff: noqa: RUF001 - typographic apostrophes and dashes, for people to read

from collections.abc import Mapping
from dataclasses import dataclass

from crewcheck_agent.core.diagnosis import Note, Step, Who
from crewcheck_agent.core.problem import Code
from crewcheck_agent.core.words.problems import ProblemTemplates, ProblemWords
from crewcheck_agent.core.words.translations import Translations


@dataclass(frozen=True, slots=True)
class CheckWords:
    """The texts of an examination.

    Attributes:
        titles: the steps.
        who: who must act.
        notes: what is said of a step without a problem; a finding's facts stand in braces.
        problems: finer wordings for causes, by code and variant.
    """

    titles: Mapping[Step, str]
    who: Mapping[Who, str]
    notes: Mapping[Note, str]
    problems: ProblemTemplates


def check_words(translations: Translations) -> CheckWords:
    """The texts in the language of these translations."""
    return CheckWords(
        titles=_titles(translations),
        who=who_words(translations),
        notes=_notes(translations),
        problems={**_of_this_machine(translations), **_of_the_network(translations)},
    )


def _titles(translations: Translations) -> Mapping[Step, str]:
    _ = translations.gettext
    return {
        Step.CONFIGURATION: _("Configuration"),
        Step.IDENTITY: _("Identity"),
        Step.DISK: _("Disk"),
        Step.CLOCK: _("Clock"),
        Step.LINK: _("Network link"),
        Step.ADDRESS: _("Network address"),
        Step.DNS: _("Name (DNS)"),
        Step.PROXY: _("Proxy"),
        Step.TCP: _("Connection"),
        Step.TLS: _("Certificate"),
        Step.PORTAL: _("Sign-in page"),
        Step.API: _("Cloud service"),
        Step.LOGO: _("Logo"),
        Step.DISPLAY: _("Screen"),
        Step.SCANNER: _("Scanner"),
        Step.SERVICE: _("Agent"),
        Step.POWER: _("Power supply"),
    }


def who_words(translations: Translations) -> Mapping[Who, str]:
    """Who must act, in the language of these translations."""
    pgettext = translations.pgettext
    return {
        Who.YOU: pgettext("who", "you"),
        Who.HOUSE: pgettext("who", "the people of the house"),
        Who.NETWORK: pgettext("who", "the network’s administrator"),
        Who.OPERATOR: pgettext("who", "the operator"),
        Who.NOBODY: pgettext("who", "nobody here"),
    }


def _notes(translations: Translations) -> Mapping[Note, str]:
    _ = translations.gettext
    return {
        Note.CONFIGURED: _("read from {file}"),
        Note.DEFAULTS: _("no file {file}: the defaults hold"),
        Note.IDENTIFIED: _("device {deviceId} of tenant {tenantId} at {environment}"),
        Note.ROOM: _("can be written; {freeMebibytes}\u00a0MiB are free"),
        Note.ON_TIME: _("agrees with the service’s"),
        Note.NO_SERVER_TIME: _("the service did not tell the time"),
        Note.LINKED: _("connected: {linked}"),
        Note.ADDRESSED: "{addresses}",
        Note.NOT_NEEDED: _("not needed for this service"),
        Note.RESOLVED: _("{host} is {addresses}"),
        Note.LITERAL: _("{host} is an address and needs no name"),
        Note.LEFT_TO_PROXY: _("left to the proxy {proxy}"),
        Note.NO_PROXY: _("none is configured"),
        Note.PROXY: _("{proxy} lets this device out"),
        Note.PROXY_HIDDEN: _("{proxy} wants a sign-in, which only root can see: run this with sudo"),
        Note.REACHED: _("{host} takes connections"),
        Note.TRUSTED: _("issued by {issuer}"),
        Note.OWN_AUTHORITY: _("issued by {issuer}, an authority that was added to this device"),
        Note.UNENCRYPTED: _("none: the configuration allows this service without encryption"),
        Note.NO_PORTAL: _("none in the way"),
        Note.ACCEPTED: _("accepts this device"),
        Note.THERE: _("answers; this device’s key was not tried"),
        Note.LOGO_SHOWN: _("has been fetched from {url}"),
        Note.LOGO_FETCHED: _("can be fetched from {url}"),
        Note.NO_LOGO_KNOWN: _("no address of a logo is known yet"),
        Note.DISPLAYING: "{driver}, {size}",
        Note.MONITOR: _("connected: {monitors}"),
        Note.SCANNER_FOUND: _("{name} is connected"),
        Note.SCANNER_OFF: _("switched off in the configuration"),
        Note.NOT_TOLD: _("this device does not tell"),
        Note.RUNNING: _("runs as a service since {since}"),
        Note.RUNNING_FREE: _("runs, and no service manager looks after it"),
        Note.POWERED: _("strong enough"),
        Note.NO_AGENT: _("only a running agent can tell"),
        Note.NOT_ADMITTED: _("this user may not ask the agent: run this with sudo"),
        Note.NO_FOLDER: _("there is no folder {missing} yet"),
        Note.NEEDS_ROOT: _("cannot be seen by this user: run this with sudo"),
        Note.RETRYING: _("answers now; the agent’s last try failed, and it tries again by itself"),
        Note.BEHIND: _("not checked, because this comes first: {behind}"),
    }


def _of_this_machine(translations: Translations) -> ProblemTemplates:
    _ = translations.gettext
    return {
        (Code.STORAGE, "nearlyFull"): ProblemWords(
            _("The disk is almost full[: {detail} are left]."),
            _("Technician: make room on the disk before it is full."),
        ),
        (Code.STORAGE, "volatile"): ProblemWords(
            _("What this device must keep lies in memory[: {detail}]: it is lost when the power goes."),
            _("Technician: set state_dir to a folder on a disk."),
        ),
        (Code.STORAGE, "foreign"): ProblemWords(
            _("The folder[ {detail}] does not belong to the agent’s user: it cannot save its data."),
            _("Technician: give the folder to the service’s user (chown)."),
        ),
        (Code.SCANNER, "absent"): ProblemWords(
            _("The configured scanner is not there[: {detail}]."),
            _("Plug the scanner in, or correct the setting scanner."),
        ),
        (Code.SERVICE, "stuck"): ProblemWords(
            _("The agent runs and does not answer."),
            _("Wait a minute: its watchdog restarts it. If it does not: systemctl restart crewcheck-agent."),
        ),
        (Code.SERVICE, "watchdog"): ProblemWords(
            _("The agent got stuck, and its watchdog ended it."),
            _("It comes back by itself. If it lasts, send the output of crewcheck-agent bundle to support."),
        ),
        (Code.SERVICE, "ending"): ProblemWords(
            _("The agent ends soon after each start[: {detail}]."),
            _("Technician: “journalctl -u crewcheck-agent” says why."),
        ),
        (Code.SERVICE, "restarts"): ProblemWords(
            _("The agent had to be restarted {detail} times since it was started."),
            _("Technician: “journalctl -u crewcheck-agent” says why."),
        ),
        (Code.SERVICE, "disabled"): ProblemWords(
            _("The agent runs, but will not start with this device."),
            _("Technician: systemctl enable crewcheck-agent."),
        ),
        (Code.POWER, "before"): ProblemWords(
            _("The power supply was too weak for this board since it was switched on."),
            _("Use the power supply that is made for this board."),
        ),
    }


def _of_the_network(translations: Translations) -> ProblemTemplates:
    _ = translations.gettext
    set_time = _("Set the time. Network staff: allow time synchronisation (NTP, UDP\u00a0123).")
    return {
        (Code.CLOCK, "ahead"): ProblemWords(_("This device’s clock is {detail} ahead of the service’s."), set_time),
        (Code.CLOCK, "behind"): ProblemWords(_("This device’s clock is {detail} behind the service’s."), set_time),
        (Code.NETWORK, "noAdapter"): ProblemWords(
            _("This device has no network adapter."), _("Technician: check the adapter and its driver.")
        ),
        (Code.NETWORK, "noLink"): ProblemWords(
            _("This device is not connected to any network."),
            _("Plug the network cable in at both ends, or switch the Wi-Fi on; check that the router is on."),
        ),
        (Code.NETWORK, "noAddress"): ProblemWords(
            _("The network gives this device no address."),
            _("Restart the router. Network staff: the DHCP server must give this device an address."),
        ),
        (Code.NETWORK, "noRoute"): ProblemWords(
            _("This device has an address[ ({detail})], but no way out of its network."),
            _("Restart the router. Network staff: the DHCP server must name a gateway."),
        ),
        (Code.DNS, "silent"): ProblemWords(
            _("No DNS server[ ({detail})] answers, so the address of {host} cannot be found."),
            _("Check the router. Network staff: allow this device to ask a DNS server (UDP and TCP port\u00a053)."),
        ),
        (Code.PROXY, "nameless"): ProblemWords(
            _("The address of the network’s proxy[ ({host})] cannot be found[: {detail}]."),
            _("Network staff: check the proxy’s address in this device’s environment."),
        ),
        (Code.PROXY, "silent"): ProblemWords(
            _("The network’s proxy[ ({host})] does not answer in time."),
            _("Network staff: check that the proxy works, and that this device may connect to it."),
        ),
        (Code.PROXY, "unusable"): ProblemWords(
            _("The configured proxy[ {detail}] is of a kind that cannot be used: the agent goes without it."),
            _("Technician: set HTTPS_PROXY to an http or https address."),
        ),
        (Code.TLS, "expired"): ProblemWords(
            _("The certificate of {host} expired on {detail}."),
            _("The operator of {host} must renew its certificate."),
        ),
        (Code.TLS, "notYetValid"): ProblemWords(
            _("The certificate of {host} is valid only from {detail}."),
            _("The operator of {host} must install a certificate that is valid now."),
        ),
        (Code.TLS, "otherName"): ProblemWords(
            _("Another server answers in the place of {host}[: {detail}]."),
            _("Network staff: let this device reach {host} itself, without a sign-in page or a filter in between."),
        ),
        (Code.TLS, "unknownIssuer"): ProblemWords(
            _("The certificate of {host} was issued by {detail}, whom this device does not trust."),
            _("Network staff: do not inspect the connection to {host}, or install that issuer’s certificate here."),
        ),
    }
