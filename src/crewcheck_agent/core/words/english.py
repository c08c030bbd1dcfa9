"""English."""
# ruff: noqa: RUF001 - typographic apostrophes and dashes, for people to read

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.picture import Reason
from crewcheck_agent.core.problem import Code
from crewcheck_agent.core.token import TokenFault
from crewcheck_agent.core.words.wording import (
    FactLabels,
    FactValues,
    Headlines,
    NoticeWords,
    ProblemWords,
    StaffWords,
    Wording,
)

_NEW_CODE = "Ask the operator for a new connection code and scan it."
_OTHER_LOGO = "The operator must provide another picture. The last good one stays."

_PROBLEMS = {
    (Code.BAD_TOKEN, "stored"): ProblemWords("The connection code that this device kept is damaged.", _NEW_CODE),
    (Code.BAD_TOKEN, ""): ProblemWords("The scanned code cannot be used.", _NEW_CODE),
    (Code.BAD_TOKEN, TokenFault.NOT_A_CODE): ProblemWords(
        "The scanned code is not a connection code.",
        "Scan the QR code that the operator’s console shows after a reset.",
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_MISSING): ProblemWords(
        "The connection code is incomplete[: {detail} is missing].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_EMPTY): ProblemWords(
        "The connection code is incomplete[: {detail} is empty].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_WRONG_TYPE): ProblemWords(
        "The connection code is malformed[: {detail} is not a text].", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.FIELD_UNUSABLE): ProblemWords(
        "The connection code is damaged[: {detail} cannot be used].",
        "Scan it again. If that does not help, check the scanner’s keyboard layout.",
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_URL): ProblemWords(
        "The connection code names no valid address of a cloud service.", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_HTTPS): ProblemWords(
        "The connection code names a cloud service without encryption (https).", _NEW_CODE
    ),
    (Code.BAD_TOKEN, TokenFault.ENVIRONMENT_NOT_ALLOWED): ProblemWords(
        "The connection code is for another cloud service[: {detail}].",
        "Ask the operator for the right code, or allow this address in allowed_environments.",
    ),
    (Code.NETWORK, ""): ProblemWords(
        "The cloud service[ ({host})] cannot be reached.",
        "Check cable and router. Network staff: allow HTTPS connections out[ to {host}].",
    ),
    (Code.DNS, ""): ProblemWords(
        "The address of the cloud service[ ({host})] cannot be found.",
        "Check cable and router. Network staff: the DNS server must know this name.",
    ),
    (Code.TIMEOUT, ""): ProblemWords(
        "The cloud service[ ({host})] does not answer in time.",
        "Wait a few minutes. Network staff: check the line, and that the firewall drops nothing[ to {host}].",
    ),
    (Code.PROXY, ""): ProblemWords(
        "The network’s proxy does not let this device out[: {detail}].",
        "Network staff: check the proxy’s address and sign-in on this device.",
    ),
    (Code.CAPTIVE_PORTAL, ""): ProblemWords(
        "The network shows a sign-in page instead of the service.",
        "Network staff: let this device out without signing in.",
    ),
    (Code.TLS, ""): ProblemWords(
        "The connection[ to {host}] cannot be trusted[: {detail}].",
        "Network staff: do not inspect HTTPS, or install the company’s certificate here.",
    ),
    (Code.CLOCK, ""): ProblemWords(
        "This device’s clock is wrong[ ({detail})]: no secure connection.",
        "Set the time. Network staff: allow time synchronisation (NTP, UDP\u00a0123).",
    ),
    (Code.DISABLED, ""): ProblemWords(
        "The operator switched this device off.",
        "Ask the operator to enable it; it then comes back by itself.",
    ),
    (Code.UNAUTHORIZED, ""): ProblemWords("The cloud service no longer accepts this device’s key.", _NEW_CODE),
    (Code.UNAUTHORIZED, "doubt"): ProblemWords(
        "The cloud service refused this device’s key once.",
        "Nothing to do yet: the device asks again before it believes it.",
    ),
    (Code.UNAUTHORIZED, "offered"): ProblemWords("The scanned code was refused: it is no longer valid.", _NEW_CODE),
    (Code.NOT_FOUND, ""): ProblemWords(
        "The cloud service does not know this device any more.",
        "Ask the operator to create the device anew, then scan its connection code.",
    ),
    (Code.NOT_FOUND, "doubt"): ProblemWords(
        "The cloud service said once that it does not know this device.",
        "Nothing to do yet: the device asks again before it believes it.",
    ),
    (Code.NOT_FOUND, "offered"): ProblemWords(
        "The scanned code was refused: its device does not exist.",
        "Ask the operator for the connection code of a device that exists, and scan it.",
    ),
    (Code.SERVER, ""): ProblemWords(
        "The cloud service[ ({host})] has a fault[: {detail}].",
        "This device tries again by itself. If it lasts, tell the operator.",
    ),
    (Code.BAD_ANSWER, ""): ProblemWords(
        "The cloud service’s answer cannot be understood[: {detail}].",
        "This device tries again by itself. If it lasts, tell the operator.",
    ),
    (Code.BAD_ANSWER, "noSettings"): ProblemWords(
        "The cloud service’s answer holds no settings.",
        "The operator must complete the settings of this device. The last good logo stays.",
    ),
    (Code.BAD_ANSWER, "tooLong"): ProblemWords(
        "The cloud service’s answer is far too long[: {detail}].",
        "This device tries again by itself. If it lasts, tell the operator.",
    ),
    (Code.LOGO, "noUrl"): ProblemWords(
        "The settings of this device name no usable address for its logo.",
        "The operator must set the logo’s address (https). The last good one stays.",
    ),
    (Code.LOGO, "unreachable"): ProblemWords(
        "The logo cannot be fetched[ from {host}][: {detail}].",
        "The operator must check the logo’s address. The last good one stays.",
    ),
    (Code.LOGO, "insecure"): ProblemWords(
        "The logo’s address[ at {host}] leads to one without encryption.",
        "The operator must set an address with https. The last good one stays.",
    ),
    (Code.LOGO, "redirects"): ProblemWords(
        "The logo’s address[ at {host}] leads on and on to others.",
        "The operator must set the logo’s final address. The last good one stays.",
    ),
    (Code.LOGO, ""): ProblemWords(
        "The logo cannot be fetched[: {detail}].",
        "The operator must check the logo’s address. The last good one stays.",
    ),
    (Code.LOGO, Reason.TOO_LARGE): ProblemWords("The logo’s file is over 10 MiB.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOO_MANY_PIXELS): ProblemWords("The logo has more than 40 million pixels.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOO_MUCH_MEMORY): ProblemWords("The logo needs too much memory to be decoded.", _OTHER_LOGO),
    (Code.LOGO, Reason.TOOK_TOO_LONG): ProblemWords("The logo takes too long to be decoded.", _OTHER_LOGO),
    (Code.LOGO, Reason.NOT_A_PICTURE): ProblemWords("What the logo’s address gives is not a picture.", _OTHER_LOGO),
    (Code.LOGO, Reason.DAMAGED): ProblemWords("The logo’s file is damaged.", _OTHER_LOGO),
    (Code.LOGO, Reason.EMPTY): ProblemWords("The logo is fully transparent: there is nothing to see.", _OTHER_LOGO),
    (Code.LOGO, Reason.NO_SVG_RENDERER): ProblemWords(
        "The logo is a vector picture, and this device cannot draw those.",
        "Technician: install the package librsvg2-bin, or have the operator provide a PNG.",
    ),
    (Code.LOGO, Reason.DECODER_FAILED): ProblemWords(
        "The logo’s decoder failed.",
        "This device tries again by itself. If it lasts, the operator must provide another picture.",
    ),
    (Code.STORAGE, ""): ProblemWords(
        "This device cannot save its data[: {detail}].",
        "Technician: check whether the disk is full, read-only or worn out.",
    ),
    (Code.STORAGE, "reading"): ProblemWords(
        "This device cannot read the data that it kept[: {detail}].",
        "Technician: check the disk, and who may read the device’s files.",
    ),
    (Code.DISPLAY, ""): ProblemWords(
        "The screen cannot be used[: {detail}].",
        "Technician: check the screen’s cable and power, and the display driver.",
    ),
}

ENGLISH = Wording(
    headlines=Headlines(
        setup="This kiosk is being set up",
        connecting="One moment, please",
        offline="One moment – no connection",
        out_of_service="Not in service",
    ),
    staff=StaffWords(
        scan="Hold the connection code in front of the scanner.",
        plug_scanner="Plug in the scanner, then hold the connection code in front of it.",
        hand_over="A technician hands the connection code over at this device.",
        check_cable="Check the network cable and the router.",
        call_network_support="Call your network support and read out the help code.",
        wait_for_service="Nothing to do here: this kiosk keeps trying.",
        disabled="Switched off by the operator. For help, call them and read out this name.",
        unauthorized="Needs a new connection code: call the operator and read out this name.",
        not_found="No longer registered: ask the operator for a new connection code.",
    ),
    notices=NoticeWords(
        checking="Code read. Checking…",
        retrying="Code read. No connection: next try at {time}.",
        saving="Code accepted. Saving…",
    ),
    labels=FactLabels(
        code="Help code",
        name="Name of this device",
        device="Device",
        scanner="Scanner",
        addresses="Address",
        version="Version",
        service="Service",
        tenant="Tenant",
        next_try="Next try",
        since="Since",
        server="Server",
        cause="Cause",
        advice="To do",
        besides="Also",
        once_enabled="Once enabled",
    ),
    values=FactValues(
        scanner_present="connected",
        scanner_missing="not found",
        scanner_off="switched off in the settings",
        no_address="none: no network",
        next_try="{time} (attempt\u00a0{number})",
        comes_back="comes back by itself",
    ),
    states={
        Name.UNPROVISIONED: "not set up",
        Name.CONNECTING: "connecting",
        Name.CONNECTED: "connected",
        Name.OFFLINE: "offline",
        Name.DISABLED: "switched off by the operator",
        Name.UNAUTHORIZED: "key refused",
        Name.NOT_FOUND: "unknown to the cloud service",
    },
    problems=_PROBLEMS,
)
