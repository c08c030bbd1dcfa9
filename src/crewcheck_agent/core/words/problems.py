"""What can be wrong, in words: what happened, then who must act and what to do."""
# ruff: noqa: RUF001 - typographic apostrophes, for people to read

from collections.abc import Mapping
from typing import NamedTuple

from crewcheck_agent.core.picture import Reason
from crewcheck_agent.core.problem import Code, Lack
from crewcheck_agent.core.token import TokenFault
from crewcheck_agent.core.words.translations import Translations


class ProblemWords(NamedTuple):
    """One cause in words: what happened, then who must act and what to do.

    As templates, `{host}` and `{detail}` stand for the facts of the `Problem`; a part in square brackets is left
    out where its fact is unknown.
    """

    message: str
    advice: str


ProblemTemplates = Mapping[tuple[Code, str], ProblemWords]
"""By code and variant; the empty variant is the usual wording and always there."""


def detail_words(translations: Translations) -> Mapping[str, str]:
    """What this machine, its libraries and we ourselves say of causes, by the English; anything else stays as it is."""
    _ = translations.gettext
    return {
        # OpenSSL's (x509_txt.c)
        "certificate has expired": _("certificate has expired"),
        "self-signed certificate": _("self-signed certificate"),
        "self-signed certificate in certificate chain": _("self-signed certificate in certificate chain"),
        "unable to get local issuer certificate": _("unable to get local issuer certificate"),
        # the C library's (strerror)
        "No space left on device": _("No space left on device"),
        "Read-only file system": _("Read-only file system"),
        "Permission denied": _("Permission denied"),
        "Input/output error": _("Input/output error"),
        "Connection refused": _("Connection refused"),
        "Name or service not known": _("Name or service not known"),
        # ours
        "the disk does not answer": _("the disk does not answer"),
        "not HTTP": _("not HTTP"),
        "cannot be unpacked": _("cannot be unpacked"),
        "neither http nor https": _("neither http nor https"),
    }


def problem_templates(translations: Translations) -> ProblemTemplates:
    """Every cause in the language of these translations."""
    _ = translations.gettext
    new_code = _("Ask the operator for a new connection code and scan it.")
    other_logo = _("The operator must provide another picture. The last good one stays.")
    return {
        (Code.BAD_TOKEN, "stored"): ProblemWords(_("The connection code that this device kept is damaged."), new_code),
        (Code.BAD_TOKEN, ""): ProblemWords(_("The scanned code cannot be used."), new_code),
        (Code.BAD_TOKEN, TokenFault.NOT_A_CODE): ProblemWords(
            _("The scanned code is not a connection code."),
            _("Scan the QR code that the operator’s console shows after a reset."),
        ),
        (Code.BAD_TOKEN, TokenFault.FIELD_MISSING): ProblemWords(
            _("The connection code is incomplete[: {detail} is missing]."), new_code
        ),
        (Code.BAD_TOKEN, TokenFault.FIELD_EMPTY): ProblemWords(
            _("The connection code is incomplete[: {detail} is empty]."), new_code
        ),
        (Code.BAD_TOKEN, TokenFault.FIELD_WRONG_TYPE): ProblemWords(
            _("The connection code is malformed[: {detail} is not a text]."), new_code
        ),
        (Code.BAD_TOKEN, TokenFault.FIELD_UNUSABLE): ProblemWords(
            _("The connection code is damaged[: {detail} cannot be used]."),
            _("Scan it again. If that does not help, check the scanner’s keyboard layout."),
        ),
        (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_URL): ProblemWords(
            _("The connection code names no valid address of a cloud service."), new_code
        ),
        (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_HTTPS): ProblemWords(
            _("The connection code names a cloud service without encryption (https)."), new_code
        ),
        (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_ALLOWED): ProblemWords(
            _("The connection code is for another cloud service[: {detail}]."),
            _("Ask the operator for the right code, or allow this address in allowed_environments."),
        ),
        (Code.NOT_PROVISIONED, ""): ProblemWords(_("This device has no connection code yet."), new_code),
        (Code.CONFIGURATION, ""): ProblemWords(
            _("The configuration cannot be used[: {detail}]."),
            _("Technician: correct it, then restart the agent."),
        ),
        (Code.NETWORK, ""): ProblemWords(
            _("The cloud service[ ({host})] cannot be reached."),
            _("Check cable and router. Network staff: allow HTTPS connections out[ to {host}]."),
        ),
        (Code.DNS, ""): ProblemWords(
            _("The address of the cloud service[ ({host})] cannot be found."),
            _("Check cable and router. Network staff: the DNS server must know this name."),
        ),
        (Code.TIMEOUT, ""): ProblemWords(
            _("The cloud service[ ({host})] does not answer in time."),
            _("Wait a few minutes. Network staff: check the line, and that the firewall drops nothing[ to {host}]."),
        ),
        (Code.PROXY, ""): ProblemWords(
            _("The network’s proxy[ ({host})] does not let this device out[: {detail}]."),
            _("Network staff: check the proxy’s address and sign-in on this device."),
        ),
        (Code.CAPTIVE_PORTAL, ""): ProblemWords(
            _("The network shows a sign-in page instead of the service."),
            _("Network staff: let this device out[ to {host}] without signing in."),
        ),
        (Code.TLS, ""): ProblemWords(
            _("The connection[ to {host}] cannot be trusted[: {detail}]."),
            _("Network staff: do not inspect HTTPS, or install the company’s certificate here."),
        ),
        (Code.CLOCK, ""): ProblemWords(
            _("This device’s clock is wrong[ ({detail})]: no secure connection."),
            _("Set the time. Network staff: allow time synchronisation (NTP, UDP\u00a0123)."),
        ),
        (Code.DISABLED, ""): ProblemWords(
            _("The operator switched this device off."),
            _("Ask the operator to enable it; it then comes back by itself."),
        ),
        (Code.UNAUTHORIZED, ""): ProblemWords(_("The cloud service no longer accepts this device’s key."), new_code),
        (Code.UNAUTHORIZED, "doubt"): ProblemWords(
            _("The cloud service refused this device’s key once."),
            _("Nothing to do yet: the device asks again before it believes it."),
        ),
        (Code.UNAUTHORIZED, "offered"): ProblemWords(
            _("The scanned code was refused: it is no longer valid."), new_code
        ),
        (Code.NOT_FOUND, ""): ProblemWords(
            _("The cloud service does not know this device any more."),
            _("Ask the operator to create the device anew, then scan its connection code."),
        ),
        (Code.NOT_FOUND, "doubt"): ProblemWords(
            _("The cloud service said once that it does not know this device."),
            _("Nothing to do yet: the device asks again before it believes it."),
        ),
        (Code.NOT_FOUND, "offered"): ProblemWords(
            _("The scanned code was refused: its device does not exist."),
            _("Ask the operator for the connection code of a device that exists, and scan it."),
        ),
        (Code.SERVER, ""): ProblemWords(
            _("The cloud service[ ({host})] has a fault[: {detail}]."),
            _("This device tries again by itself. If it lasts, tell the operator."),
        ),
        (Code.BAD_ANSWER, ""): ProblemWords(
            _("The cloud service’s answer cannot be understood[: {detail}]."),
            _("This device tries again by itself. If it lasts, tell the operator."),
        ),
        (Code.BAD_ANSWER, "noSettings"): ProblemWords(
            _("The cloud service’s answer holds no settings."),
            _("The operator must complete the settings of this device. The last good logo stays."),
        ),
        (Code.BAD_ANSWER, "tooLong"): ProblemWords(
            _("The cloud service’s answer is far too long[: {detail}]."),
            _("This device tries again by itself. If it lasts, tell the operator."),
        ),
        (Code.LOGO, "noUrl"): ProblemWords(
            _("The settings of this device name no usable address for its logo."),
            _("The operator must set the logo’s address (https). The last good one stays."),
        ),
        (Code.LOGO, "unreachable"): ProblemWords(
            _("The logo cannot be fetched[ from {host}][: {detail}]."),
            _("The operator must check the logo’s address. The last good one stays."),
        ),
        (Code.LOGO, "insecure"): ProblemWords(
            _("The logo’s address[ at {host}] leads to one without encryption."),
            _("The operator must set an address with https. The last good one stays."),
        ),
        (Code.LOGO, "redirects"): ProblemWords(
            _("The logo’s address[ at {host}] leads on and on to others."),
            _("The operator must set the logo’s final address. The last good one stays."),
        ),
        (Code.LOGO, ""): ProblemWords(
            _("The logo cannot be fetched[: {detail}]."),
            _("The operator must check the logo’s address. The last good one stays."),
        ),
        (Code.LOGO, Reason.TOO_LARGE): ProblemWords(_("The logo’s file is over 10 MiB."), other_logo),
        (Code.LOGO, Reason.TOO_MANY_PIXELS): ProblemWords(_("The logo has more than 40 million pixels."), other_logo),
        (Code.LOGO, Reason.TOO_MUCH_MEMORY): ProblemWords(
            _("The logo needs too much memory to be decoded."), other_logo
        ),
        (Code.LOGO, Reason.TOOK_TOO_LONG): ProblemWords(_("The logo takes too long to be decoded."), other_logo),
        (Code.LOGO, Reason.NOT_A_PICTURE): ProblemWords(
            _("What the logo’s address gives is not a picture."), other_logo
        ),
        (Code.LOGO, Reason.DAMAGED): ProblemWords(_("The logo’s file is damaged."), other_logo),
        (Code.LOGO, Reason.EMPTY): ProblemWords(
            _("The logo is fully transparent: there is nothing to see."), other_logo
        ),
        (Code.LOGO, Reason.NO_SVG_RENDERER): ProblemWords(
            _("The logo is a vector picture, and this device cannot draw those."),
            _("Technician: install the package librsvg2-bin, or have the operator provide a PNG."),
        ),
        (Code.LOGO, Reason.DECODER_FAILED): ProblemWords(
            _("The logo’s decoder failed."),
            _("This device tries again by itself. If it lasts, the operator must provide another picture."),
        ),
        (Code.STORAGE, ""): ProblemWords(
            _("This device cannot save its data[: {detail}]."),
            _("Technician: check whether the disk is full, read-only or worn out."),
        ),
        (Code.STORAGE, "reading"): ProblemWords(
            _("This device cannot read the data that it kept[: {detail}]."),
            _("Technician: check the disk, and who may read the device’s files."),
        ),
        (Code.DISPLAY, ""): ProblemWords(
            _("The screen cannot be used[: {detail}]."),
            _("Technician: check the screen’s cable and power, and the display driver."),
        ),
        (Code.DISPLAY, Lack.NO_CARD): ProblemWords(
            _("No graphics card was found."),
            _("Technician: if it lasts for minutes after power-on, check the card and its driver."),
        ),
        (Code.DISPLAY, Lack.NO_PERMISSION): ProblemWords(
            _("This program may not use the graphics card[ {detail}]."),
            _("Technician: let the user that runs it into the group that owns the card, usually “video”."),
        ),
        (Code.DISPLAY, Lack.NO_MONITOR): ProblemWords(
            _("No monitor is connected."),
            _("Technician: check the screen’s cable and power. The picture comes back by itself."),
        ),
        (Code.DISPLAY, Lack.IN_USE): ProblemWords(
            _("Another program uses the screen."),
            _("Technician: stop it; a desktop with “systemctl disable --now display-manager”."),
        ),
        (Code.SCANNER, ""): ProblemWords(_("No scanner is found."), _("Plug the scanner in.")),
        (Code.SCANNER, "denied"): ProblemWords(
            _("The agent may not use the scanner[ {detail}]."),
            _("Technician: let the user that runs it into the group that owns the device, usually “input”."),
        ),
        (Code.SERVICE, ""): ProblemWords(
            _("The agent does not run[: {detail}]."),
            _("Technician: systemctl start crewcheck-agent; “journalctl -u crewcheck-agent” says why it ended."),
        ),
        (Code.POWER, ""): ProblemWords(
            _("The power supply is too weak for this board."), _("Use the power supply that is made for this board.")
        ),
    }
