"""The specification of the state machine, as one table: (before, event, after, commands)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from crewcheck_agent.core.events import (
    Adopt,
    Adopted,
    Answered,
    Command,
    Connect,
    Erase,
    Event,
    FetchLogo,
    Forgotten,
    Lapsed,
    LogoFailed,
    LogoReady,
    Misread,
    Missed,
    NetworkCame,
    NotAdopted,
    Offered,
    Origin,
    OverlayWanted,
    Release,
    Reply,
    Save,
    Scheduled,
    Started,
    Stored,
    Tell,
    Try,
    Unlocked,
)
from crewcheck_agent.core.kiosk import (
    Answer,
    Connected,
    Connecting,
    Disabled,
    Doubt,
    Good,
    Kiosk,
    Logo,
    Moment,
    Name,
    NotFound,
    Offline,
    Pulse,
    Refusal,
    Refused,
    State,
    SwitchedOff,
    Trial,
    Unauthorized,
    Unprovisioned,
    Verdict,
    Word,
    identity_of,
    name_of,
    problem_of,
    pulse_of,
    scans_count,
)
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.retry import Pace
from crewcheck_agent.core.state import advance, restore
from crewcheck_agent.core.token import ConnectionToken, Identity, Secret

NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)


def at(seconds: float) -> Moment:
    """So many seconds after noon, on both clocks; the steady one started long before."""
    return Moment(wall(seconds), 5000.0 + seconds)


def wall(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


KEY = "k3y-that-nobody-may-see"
ME = Identity("acme", "kiosk-7", "https://app.neostore.cloud")
OTHER = Identity("globex", "kiosk-8", "https://app.neostore.cloud")
MY_TOKEN = ConnectionToken(ME, Secret(KEY))
OTHER_TOKEN = ConnectionToken(OTHER, Secret(KEY))

LOGO = Logo("https://acme.example/logo.png", "ab" * 32, NOON, etag='"1"')
NEW_LOGO = Logo("https://acme.example/new.png", "cd" * 32, wall(9))

DNS = Problem(Code.DNS, "Name or service not known", "app.neostore.cloud:443")
SERVER = Problem(Code.SERVER, "HTTP 503")
NO_URL = Problem(Code.LOGO, variant="noUrl")
BAD_LOGO = Problem(Code.LOGO, variant="damaged")
NOT_A_CODE = Problem(Code.BAD_TOKEN, variant="notACode")
DISK_FULL = Problem(Code.STORAGE, "No space left on device")

GOOD = Good(LOGO.url)
OFF = SwitchedOff("HTTP 400 Device is disabled.")
NO_KEY = Refused(Refusal.UNAUTHORIZED, "HTTP 401 No such key.")
GONE = Refused(Refusal.NOT_FOUND, "HTTP 404")

# What the server said last: the verdict that is on disk in each state.
BARE = Verdict(ME, Word.CONNECTED, NOON, "", LOGO.url)
SEEN = replace(BARE, logo=LOGO)
IS_OFF = replace(SEEN, word=Word.DISABLED, detail=OFF.detail)
IS_REFUSED = replace(SEEN, word=Word.UNAUTHORIZED, detail=NO_KEY.detail)
IS_GONE = replace(SEEN, word=Word.NOT_FOUND, detail=GONE.detail)

NEW = Kiosk(Unprovisioned(), NOON, claims=2)
STARTING = Kiosk(Connecting(ME), NOON, claim=1, claims=2)
HEALTHY = Kiosk(Connected(ME), NOON, claim=1, verdict=SEEN, claims=2)
OFFLINE = replace(HEALTHY, state=Offline(ME, DNS))
DISABLED = replace(HEALTHY, state=Disabled(ME, OFF.detail), verdict=IS_OFF)
UNAUTHORIZED = replace(HEALTHY, state=Unauthorized(ME, NO_KEY.detail), verdict=IS_REFUSED)
NOT_FOUND = replace(HEALTHY, state=NotFound(ME, GONE.detail), verdict=IS_GONE)
EVERY_STATE = (NEW, STARTING, HEALTHY, OFFLINE, DISABLED, UNAUTHORIZED, NOT_FOUND)

POLL, RECHECK, SLOW = Connect(1, Pace.POLL), Connect(1, Pace.RECHECK), Connect(1, Pace.SLOW)
FETCH = FetchLogo(1, LOGO.url, LOGO)


def answered(answer: Answer, seconds: float = 10, claim: int = 1) -> Answered:
    return Answered(claim, answer, at(seconds))


def missed(problem: Problem = DNS, seconds: float = 10, claim: int = 1, attempts: int = 3) -> Missed:
    return Missed(claim, problem, at(seconds), attempts, at(seconds + 4))


def offered(token: ConnectionToken = OTHER_TOKEN, origin: Origin = Origin.TOOL, ticket: int | None = 5) -> Offered:
    return Offered(token, origin, at(10), ticket)


def heard(kiosk: Kiosk, seconds: float = 10, **changes: Any) -> Kiosk:
    """The kiosk after an answer: what changed, and that there was one."""
    return replace(kiosk, pulse=Pulse(last_answer=wall(seconds)), **changes)


def unheard(kiosk: Kiosk, seconds: float = 10, **changes: Any) -> Kiosk:
    """The kiosk after a miss that `missed` made."""
    return replace(kiosk, pulse=Pulse(3, kiosk.pulse.last_answer, wall(seconds + 4)), **changes)


def doubting(kiosk: Kiosk, answer: Refused = NO_KEY, seconds: float = 0) -> Kiosk:
    return replace(kiosk, doubt=Doubt(answer.refusal, at(seconds), answer.detail))


def trying(kiosk: Kiosk, identity: Identity = OTHER, **changes: Any) -> Kiosk:
    """The kiosk while an offered token, claim 3, waits for its answer."""
    return replace(kiosk, trial=Trial(3, identity, 5, **changes), claims=3)


@dataclass(frozen=True)
class Rule:
    says: str
    before: Kiosk
    event: Event
    after: Kiosk
    do: Sequence[Command] = field(default=())


TRIED = Trial(3, OTHER, 5, pulse=Pulse(next_attempt=wall(10)))
REFUSED_OFFER = Problem(Code.UNAUTHORIZED, NO_KEY.detail, variant="offered")
GONE_OFFER = Problem(Code.NOT_FOUND, GONE.detail, variant="offered")
OTHERS = Verdict(OTHER, Word.CONNECTED, wall(10), "", LOGO.url)

RULES = [
    # The start
    Rule("a new kiosk has nothing to ask", NEW, Started(), NEW),
    Rule("a provisioned kiosk asks at once, jittered", STARTING, Started(), STARTING, [Connect(1, Pace.BOOT)]),
    Rule("an unanswered offer is asked about too", trying(NEW), Started(), trying(NEW), [Connect(3, Pace.BOOT)]),
    Rule(
        "both a token in use and an offered one are asked about",
        trying(UNAUTHORIZED),
        Started(),
        trying(UNAUTHORIZED),
        [Connect(1, Pace.BOOT), Connect(3, Pace.BOOT)],
    ),
    # 200
    Rule(
        "a first 200 connects, is kept, and has its logo fetched",
        STARTING,
        answered(GOOD),
        heard(STARTING, state=Connected(ME), since=wall(10), verdict=replace(BARE, since=wall(10))),
        [Save(replace(BARE, since=wall(10))), FetchLogo(1, LOGO.url, None), POLL],
    ),
    Rule("the same 200 again writes nothing", HEALTHY, answered(GOOD), heard(HEALTHY), [FETCH, POLL]),
    Rule(
        "a new logoUrl is kept at once, and the old logo until the new one is here",
        HEALTHY,
        answered(Good(NEW_LOGO.url)),
        heard(HEALTHY, verdict=replace(SEEN, logo_url=NEW_LOGO.url)),
        [Save(replace(SEEN, logo_url=NEW_LOGO.url)), FetchLogo(1, NEW_LOGO.url, LOGO), POLL],
    ),
    Rule(
        "a 200 without a usable logoUrl connects, names it, and keeps the last good logo",
        OFFLINE,
        answered(Good(None, NO_URL)),
        heard(OFFLINE, state=Connected(ME, NO_URL), since=wall(10)),
        [POLL],
    ),
    Rule(
        "a first 200 without settings connects all the same",
        STARTING,
        answered(Good(None, Problem(Code.BAD_ANSWER))),
        heard(
            STARTING,
            state=Connected(ME, Problem(Code.BAD_ANSWER)),
            since=wall(10),
            verdict=Verdict(ME, Word.CONNECTED, wall(10)),
        ),
        [Save(Verdict(ME, Word.CONNECTED, wall(10))), POLL],
    ),
    Rule(
        "a verdict on somebody else gives nothing to this kiosk",
        replace(HEALTHY, verdict=OTHERS),
        answered(Good(None, NO_URL)),
        heard(HEALTHY, state=Connected(ME, NO_URL), verdict=Verdict(ME, Word.CONNECTED, wall(10))),
        [Save(Verdict(ME, Word.CONNECTED, wall(10))), POLL],
    ),
    # 400
    Rule(
        "a 400 disables at once, and the kiosk keeps asking",
        HEALTHY,
        answered(OFF),
        heard(HEALTHY, state=Disabled(ME, OFF.detail), since=wall(10), verdict=replace(IS_OFF, since=wall(10))),
        [Save(replace(IS_OFF, since=wall(10))), POLL],
    ),
    Rule("disabled again is no news", DISABLED, answered(OFF), heard(DISABLED), [POLL]),
    Rule(
        "disabled stays disabled when the network goes, with the problem named",
        DISABLED,
        missed(DNS),
        unheard(DISABLED, state=Disabled(ME, OFF.detail, DNS)),
    ),
    Rule(
        "disabled in clear words again, the network is no problem any more",
        replace(DISABLED, state=Disabled(ME, OFF.detail, DNS)),
        answered(OFF),
        heard(DISABLED),
        [POLL],
    ),
    Rule(
        "enabling is noticed unaided, and the cached logo is back at once",
        DISABLED,
        answered(GOOD),
        heard(DISABLED, state=Connected(ME), since=wall(10), verdict=replace(SEEN, since=wall(10))),
        [Save(replace(SEEN, since=wall(10))), FETCH, POLL],
    ),
    # 401, 404 and 410: believed when said twice
    Rule(
        "a first 401 changes nothing on screen and asks again",
        HEALTHY,
        answered(NO_KEY),
        heard(doubting(HEALTHY, seconds=10)),
        [RECHECK],
    ),
    Rule(
        "a first 404 changes nothing on screen and asks again",
        HEALTHY,
        answered(GONE),
        heard(doubting(HEALTHY, GONE, 10)),
        [RECHECK],
    ),
    Rule(
        "a second 401 four seconds later is not believed yet",
        doubting(HEALTHY),
        answered(NO_KEY, 4),
        heard(doubting(HEALTHY), 4),
        [RECHECK],
    ),
    Rule(
        "a second 401 five seconds later is",
        doubting(HEALTHY),
        answered(NO_KEY, 5),
        heard(
            HEALTHY, 5, state=Unauthorized(ME, NO_KEY.detail), since=wall(5), verdict=replace(IS_REFUSED, since=wall(5))
        ),
        [Save(replace(IS_REFUSED, since=wall(5))), SLOW],
    ),
    Rule(
        "a second 404 five seconds later is",
        doubting(HEALTHY, GONE),
        answered(GONE, 5),
        heard(HEALTHY, 5, state=NotFound(ME, GONE.detail), since=wall(5), verdict=replace(IS_GONE, since=wall(5))),
        [Save(replace(IS_GONE, since=wall(5))), SLOW],
    ),
    Rule(
        "401, network miss: the doubt stays",
        doubting(HEALTHY),
        missed(DNS, 6),
        unheard(doubting(HEALTHY), 6, state=Offline(ME, DNS), since=wall(6)),
    ),
    Rule(
        "401, network miss, 401: unauthorized",
        doubting(OFFLINE),
        answered(NO_KEY, 6),
        heard(
            OFFLINE, 6, state=Unauthorized(ME, NO_KEY.detail), since=wall(6), verdict=replace(IS_REFUSED, since=wall(6))
        ),
        [Save(replace(IS_REFUSED, since=wall(6))), SLOW],
    ),
    Rule(
        "401 then 404 starts the doubt anew",
        doubting(HEALTHY),
        answered(GONE, 60),
        heard(doubting(HEALTHY, GONE, 60), 60),
        [RECHECK],
    ),
    Rule("a 200 in between cures", doubting(HEALTHY), answered(GOOD), heard(HEALTHY), [FETCH, POLL]),
    Rule(
        "a 400 in between is believed at once, and ends the doubt",
        doubting(HEALTHY),
        answered(OFF),
        heard(HEALTHY, state=Disabled(ME, OFF.detail), since=wall(10), verdict=replace(IS_OFF, since=wall(10))),
        [Save(replace(IS_OFF, since=wall(10))), POLL],
    ),
    Rule(
        "a kiosk that never connected is refused twice like any other",
        doubting(STARTING),
        answered(NO_KEY, 6),
        heard(
            STARTING,
            6,
            state=Unauthorized(ME, NO_KEY.detail),
            since=wall(6),
            verdict=Verdict(ME, Word.UNAUTHORIZED, wall(6), NO_KEY.detail),
        ),
        [Save(Verdict(ME, Word.UNAUTHORIZED, wall(6), NO_KEY.detail)), SLOW],
    ),
    Rule(
        "a disabled kiosk can be refused, when it is said twice",
        doubting(DISABLED),
        answered(NO_KEY, 6),
        heard(
            DISABLED,
            6,
            state=Unauthorized(ME, NO_KEY.detail),
            since=wall(6),
            verdict=replace(IS_REFUSED, since=wall(6)),
        ),
        [Save(replace(IS_REFUSED, since=wall(6))), SLOW],
    ),
    Rule("refused again, it asks slowly", UNAUTHORIZED, answered(NO_KEY), heard(UNAUTHORIZED), [SLOW]),
    Rule("unknown again, it asks slowly", NOT_FOUND, answered(GONE), heard(NOT_FOUND), [SLOW]),
    Rule(
        "refused again after a miss, the network is no problem any more",
        replace(UNAUTHORIZED, state=Unauthorized(ME, NO_KEY.detail, DNS)),
        answered(NO_KEY),
        heard(UNAUTHORIZED),
        [SLOW],
    ),
    Rule(
        "refused in other words, it keeps the newest",
        UNAUTHORIZED,
        answered(replace(NO_KEY, detail="HTTP 401")),
        heard(UNAUTHORIZED, state=Unauthorized(ME, "HTTP 401"), verdict=replace(IS_REFUSED, detail="HTTP 401")),
        [Save(replace(IS_REFUSED, detail="HTTP 401")), SLOW],
    ),
    Rule(
        "from one refusal to the other is believed when said twice, too",
        UNAUTHORIZED,
        answered(GONE),
        heard(doubting(UNAUTHORIZED, GONE, 10)),
        [RECHECK],
    ),
    Rule(
        "a stray 404 among 401s is forgotten",
        doubting(UNAUTHORIZED, GONE),
        answered(NO_KEY),
        heard(UNAUTHORIZED),
        [SLOW],
    ),
    Rule(
        "any good answer cures a refusal, and the logo is back at once",
        UNAUTHORIZED,
        answered(GOOD),
        heard(UNAUTHORIZED, state=Connected(ME), since=wall(10), verdict=replace(SEEN, since=wall(10))),
        [Save(replace(SEEN, since=wall(10))), FETCH, POLL],
    ),
    Rule(
        "a disabled device that was unknown is known again",
        NOT_FOUND,
        answered(OFF),
        heard(NOT_FOUND, state=Disabled(ME, OFF.detail), since=wall(10), verdict=replace(IS_OFF, since=wall(10))),
        [Save(replace(IS_OFF, since=wall(10))), POLL],
    ),
    Rule(
        "a cure ends the word on the last offered code",
        replace(UNAUTHORIZED, notice=NOT_A_CODE),
        answered(GOOD),
        heard(UNAUTHORIZED, state=Connected(ME), since=wall(10), verdict=replace(SEEN, since=wall(10))),
        [Save(replace(SEEN, since=wall(10))), FETCH, POLL],
    ),
    Rule(
        "a poll like any other does not",
        replace(HEALTHY, notice=REFUSED_OFFER),
        answered(GOOD),
        heard(HEALTHY, notice=REFUSED_OFFER),
        [FETCH, POLL],
    ),
    # No answer that counts
    Rule(
        "the first miss is named, and the logo stays",
        HEALTHY,
        missed(DNS),
        unheard(HEALTHY, state=Offline(ME, DNS), since=wall(10)),
    ),
    Rule("later misses name what they met", OFFLINE, missed(SERVER), unheard(OFFLINE, state=Offline(ME, SERVER))),
    Rule(
        "a miss keeps the moment of the last answer",
        heard(HEALTHY, 1),
        missed(SERVER),
        unheard(heard(HEALTHY, 1), state=Offline(ME, SERVER), since=wall(10)),
    ),
    Rule(
        "with nothing cached, offline is told all the same",
        STARTING,
        missed(DNS),
        unheard(STARTING, state=Offline(ME, DNS), since=wall(10)),
    ),
    Rule(
        "a clear no outlives a network failure: unauthorized",
        UNAUTHORIZED,
        missed(DNS),
        unheard(UNAUTHORIZED, state=Unauthorized(ME, NO_KEY.detail, DNS)),
    ),
    Rule(
        "a clear no outlives a network failure: notFound",
        NOT_FOUND,
        missed(DNS),
        unheard(NOT_FOUND, state=NotFound(ME, GONE.detail, DNS)),
    ),
    Rule(
        "any good answer ends it",
        OFFLINE,
        answered(GOOD),
        heard(OFFLINE, state=Connected(ME), since=wall(10)),
        [FETCH, POLL],
    ),
    Rule("a miss of nobody's changes nothing", NEW, missed(claim=0), unheard(NEW)),
    # When the next question will be put
    Rule(
        "the next question's time is told",
        heard(HEALTHY, 1),
        Scheduled(1, at(61)),
        replace(HEALTHY, pulse=Pulse(last_answer=wall(1), next_attempt=wall(61))),
    ),
    Rule(
        "an offer's next question's time is told",
        trying(NEW, pulse=Pulse(2)),
        Scheduled(3, at(11)),
        trying(NEW, pulse=Pulse(2, next_attempt=wall(11))),
    ),
    # A code is offered
    Rule(
        "a new kiosk tries what is scanned",
        NEW,
        offered(origin=Origin.SCAN, ticket=None),
        replace(NEW, trial=replace(TRIED, ticket=None), claims=3, since=wall(10)),
        [Try(3, OTHER_TOKEN)],
    ),
    Rule(
        "an unauthorized kiosk tries what is scanned",
        UNAUTHORIZED,
        offered(origin=Origin.SCAN),
        replace(UNAUTHORIZED, trial=TRIED, claims=3),
        [Try(3, OTHER_TOKEN)],
    ),
    Rule(
        "a kiosk that the server does not know tries what is scanned",
        NOT_FOUND,
        offered(origin=Origin.SCAN),
        replace(NOT_FOUND, trial=TRIED, claims=3),
        [Try(3, OTHER_TOKEN)],
    ),
    *(
        Rule(
            f"a kiosk that is {name_of(kiosk)} ignores a scan",
            kiosk,
            offered(origin=Origin.SCAN),
            kiosk,
            [Tell(5, Reply.IGNORED)],
        )
        for kiosk in (STARTING, HEALTHY, OFFLINE, DISABLED)
    ),
    *(
        Rule(
            f"a kiosk that is {name_of(kiosk)} obeys a tool",
            kiosk,
            offered(),
            replace(kiosk, trial=TRIED, claims=3, since=kiosk.since if identity_of(kiosk) else wall(10)),
            [Try(3, OTHER_TOKEN)],
        )
        for kiosk in EVERY_STATE
    ),
    Rule(
        "a network that came ends every wait that silence caused",
        trying(replace(OFFLINE, pulse=Pulse(9)), problem=DNS, pulse=Pulse(2)),
        NetworkCame(),
        trying(replace(OFFLINE, pulse=Pulse(9)), problem=DNS, pulse=Pulse(2)),
        [Connect(1, Pace.NOW), Connect(3, Pace.NOW)],
    ),
    Rule("and none of a kiosk that is well", HEALTHY, NetworkCame(), HEALTHY),
    Rule("nor of one that is new", NEW, NetworkCame(), NEW),
    Rule(
        "nor that of a server with a fault, which may have named its own time",
        replace(OFFLINE, state=Offline(ME, SERVER), pulse=Pulse(9)),
        NetworkCame(),
        replace(OFFLINE, state=Offline(ME, SERVER), pulse=Pulse(9)),
    ),
    Rule("unlocking lasts ten minutes", HEALTHY, Unlocked(at(10)), replace(HEALTHY, unlocked_until=5610.0)),
    Rule(
        "an unlocked kiosk obeys a scan until the last moment",
        replace(HEALTHY, unlocked_until=5010.001),
        offered(origin=Origin.SCAN),
        replace(HEALTHY, unlocked_until=5010.001, trial=TRIED, claims=3),
        [Try(3, OTHER_TOKEN)],
    ),
    Rule(
        "and not at its end",
        replace(HEALTHY, unlocked_until=5010.0),
        offered(origin=Origin.SCAN),
        replace(HEALTHY, unlocked_until=5010.0),
        [Tell(5, Reply.IGNORED)],
    ),
    Rule(
        "a newer offer replaces an older one, whose bringer is told",
        trying(UNAUTHORIZED),
        offered(MY_TOKEN, ticket=6),
        replace(UNAUTHORIZED, trial=Trial(4, ME, 6, pulse=Pulse(next_attempt=wall(10))), claims=4),
        [Tell(5, Reply.REPLACED), Release(3), Try(4, MY_TOKEN)],
    ),
    Rule(
        "an offer in place of one that could not be answered counts as connecting again",
        trying(NEW, problem=DNS),
        offered(),
        replace(NEW, trial=replace(TRIED, claim=4), claims=4, since=wall(10)),
        [Tell(5, Reply.REPLACED), Release(3), Try(4, OTHER_TOKEN)],
    ),
    Rule(
        "a new offer ends the word on the last one",
        replace(UNAUTHORIZED, notice=NOT_A_CODE),
        offered(),
        replace(UNAUTHORIZED, trial=TRIED, claims=3),
        [Try(3, OTHER_TOKEN)],
    ),
    Rule(
        "an offer that comes while another is being written is too late",
        trying(UNAUTHORIZED, answer=GOOD),
        offered(MY_TOKEN, ticket=6),
        trying(UNAUTHORIZED, answer=GOOD),
        [Tell(6, Reply.IGNORED)],
    ),
    # Something that is no code is offered
    Rule(
        "what is no code is told to everybody who needs one",
        NEW,
        Misread(NOT_A_CODE, Origin.SCAN, at(10)),
        replace(NEW, notice=NOT_A_CODE, misread_until=5030.0),
    ),
    Rule(
        "what is no code is told to the tool that brought it",
        HEALTHY,
        Misread(NOT_A_CODE, Origin.TOOL, at(10), 5),
        replace(HEALTHY, notice=NOT_A_CODE, misread_until=5030.0),
        [Tell(5, Reply.MISREAD, NOT_A_CODE)],
    ),
    Rule("a healthy kiosk ignores a passer-by's bar code", HEALTHY, Misread(NOT_A_CODE, Origin.SCAN, at(10)), HEALTHY),
    Rule(
        "and says so to whoever waits for an answer",
        HEALTHY,
        Misread(NOT_A_CODE, Origin.SCAN, at(10), 5),
        HEALTHY,
        [Tell(5, Reply.IGNORED)],
    ),
    Rule(
        "what is no code does not end a trial",
        trying(NEW),
        Misread(NOT_A_CODE, Origin.SCAN, at(10)),
        replace(trying(NEW), notice=NOT_A_CODE, misread_until=5030.0),
    ),
    Rule(
        "and is told for a while",
        replace(NEW, notice=NOT_A_CODE, misread_until=5030.0),
        Lapsed(at(30)),
        NEW,
    ),
    Rule(
        "which takes away nothing else that was told since",
        replace(UNAUTHORIZED, notice=REFUSED_OFFER, misread_until=5030.0),
        Lapsed(at(30)),
        replace(UNAUTHORIZED, notice=REFUSED_OFFER),
    ),
    Rule("nor anything where nothing is told", replace(NEW, misread_until=5030.0), Lapsed(at(30)), NEW),
    Rule(
        "not for shorter than that",
        replace(NEW, misread_until=5030.0),
        Lapsed(at(29)),
        replace(NEW, misread_until=5030.0),
    ),
    # A technician looks at the machine
    Rule("the facts are shown for a minute", HEALTHY, OverlayWanted(at(10)), replace(HEALTHY, overlay_until=5070.0)),
    Rule("or for as long as is wished", NEW, OverlayWanted(at(10), 5), replace(NEW, overlay_until=5015.0)),
    Rule("a second time ends them", replace(OFFLINE, overlay_until=5070.0), OverlayWanted(at(20)), OFFLINE),
    Rule("and so does the wish for none", replace(OFFLINE, overlay_until=5070.0), OverlayWanted(at(20), 0), OFFLINE),
    Rule(
        "a wish with a time begins it anew",
        replace(OFFLINE, overlay_until=5070.0),
        OverlayWanted(at(20), 60),
        replace(OFFLINE, overlay_until=5080.0),
    ),
    Rule("they end by themselves", replace(DISABLED, overlay_until=5070.0), Lapsed(at(70)), DISABLED),
    Rule(
        "and not because something else does",
        replace(NEW, notice=NOT_A_CODE, misread_until=5030.0, overlay_until=5070.0),
        Lapsed(at(30)),
        replace(NEW, overlay_until=5070.0),
    ),
    Rule(
        "they outlive whatever the kiosk becomes",
        replace(HEALTHY, overlay_until=5070.0),
        missed(),
        replace(OFFLINE, since=wall(10), overlay_until=5070.0, pulse=Pulse(3, None, wall(14))),
    ),
    Rule(
        "even nothing",
        replace(HEALTHY, overlay_until=5070.0),
        Forgotten(at(10)),
        replace(NEW, since=wall(10), overlay_until=5070.0),
        [Erase()],
    ),
    # The offered code is answered
    Rule(
        "an offered code answered with 200 is written first",
        trying(UNAUTHORIZED),
        answered(GOOD, claim=3),
        trying(UNAUTHORIZED, answer=GOOD),
        [Adopt(3)],
    ),
    Rule(
        "an offered code answered with 400 is written first",
        trying(NEW),
        answered(OFF, claim=3),
        trying(NEW, answer=OFF),
        [Adopt(3)],
    ),
    Rule(
        "an offered code answered with 401 changes nothing and says why",
        trying(HEALTHY),
        answered(NO_KEY, claim=3),
        replace(HEALTHY, notice=REFUSED_OFFER, claims=3),
        [Tell(5, Reply.UNAUTHORIZED, REFUSED_OFFER), Release(3)],
    ),
    Rule(
        "an offered code answered with 404 changes nothing and says why",
        trying(DISABLED),
        answered(GONE, claim=3),
        replace(DISABLED, notice=GONE_OFFER, claims=3),
        [Tell(5, Reply.NOT_FOUND, GONE_OFFER), Release(3)],
    ),
    Rule(
        "a new kiosk whose offered code is refused is unprovisioned again, from now on",
        trying(NEW),
        answered(NO_KEY, claim=3),
        replace(NEW, notice=REFUSED_OFFER, claims=3, since=wall(10)),
        [Tell(5, Reply.UNAUTHORIZED, REFUSED_OFFER), Release(3)],
    ),
    Rule(
        "a refused offer casts no doubt on the token in use",
        doubting(trying(HEALTHY)),
        answered(NO_KEY, 60, claim=3),
        replace(doubting(HEALTHY), notice=REFUSED_OFFER, claims=3),
        [Tell(5, Reply.UNAUTHORIZED, REFUSED_OFFER), Release(3)],
    ),
    Rule(
        "a new kiosk without a network keeps the offered code and tries on",
        trying(NEW),
        missed(DNS, claim=3),
        replace(trying(NEW, problem=DNS, pulse=Pulse(3, None, wall(14))), since=wall(10)),
        [Tell(5, Reply.WAITING, DNS)],
    ),
    Rule(
        "an unanswered offer takes nothing from the token in use",
        trying(HEALTHY),
        missed(DNS, claim=3),
        trying(HEALTHY, problem=DNS, pulse=Pulse(3, None, wall(14))),
        [Tell(5, Reply.WAITING, DNS)],
    ),
    Rule(
        "while an offer is tried, the token in use lives on",
        trying(HEALTHY),
        answered(OFF),
        heard(
            trying(HEALTHY),
            state=Disabled(ME, OFF.detail),
            since=wall(10),
            verdict=replace(IS_OFF, since=wall(10)),
        ),
        [Save(replace(IS_OFF, since=wall(10))), POLL],
    ),
    # The offered code is written
    Rule(
        "once written, another identity takes over; the old one's logo goes",
        replace(trying(UNAUTHORIZED, answer=GOOD), notice=NOT_A_CODE),
        Adopted(3, at(10)),
        Kiosk(Connected(OTHER), wall(10), 3, OTHERS, Pulse(last_answer=wall(10)), claims=3),
        [
            Save(OTHERS),
            FetchLogo(3, LOGO.url, None),
            Connect(3, Pace.POLL),
            Tell(5, Reply.CONNECTED),
        ],
    ),
    Rule(
        "another identity in the same state is there from now on",
        trying(HEALTHY, answer=GOOD),
        Adopted(3, at(10)),
        Kiosk(Connected(OTHER), wall(10), 3, OTHERS, Pulse(last_answer=wall(10)), claims=3),
        [
            Save(OTHERS),
            FetchLogo(3, LOGO.url, None),
            Connect(3, Pace.POLL),
            Tell(5, Reply.CONNECTED),
        ],
    ),
    Rule(
        "the same identity with a new key keeps its logo",
        trying(UNAUTHORIZED, ME, answer=GOOD),
        Adopted(3, at(10)),
        Kiosk(Connected(ME), wall(10), 3, replace(SEEN, since=wall(10)), Pulse(last_answer=wall(10)), claims=3),
        [
            Save(replace(SEEN, since=wall(10))),
            FetchLogo(3, LOGO.url, LOGO),
            Connect(3, Pace.POLL),
            Tell(5, Reply.CONNECTED),
        ],
    ),
    Rule(
        "a healthy kiosk with a new key goes on as if nothing had been",
        trying(HEALTHY, ME, answer=GOOD),
        Adopted(3, at(10)),
        heard(HEALTHY, claim=3, claims=3),
        [FetchLogo(3, LOGO.url, LOGO), Connect(3, Pace.POLL), Tell(5, Reply.CONNECTED)],
    ),
    Rule(
        "a disabled device can be taken on",
        trying(NEW, answer=OFF),
        Adopted(3, at(10)),
        Kiosk(
            Disabled(OTHER, OFF.detail),
            wall(10),
            3,
            Verdict(OTHER, Word.DISABLED, wall(10), OFF.detail),
            Pulse(last_answer=wall(10)),
            claims=3,
        ),
        [
            Save(Verdict(OTHER, Word.DISABLED, wall(10), OFF.detail)),
            Connect(3, Pace.POLL),
            Tell(5, Reply.DISABLED, Problem(Code.DISABLED, OFF.detail)),
        ],
    ),
    Rule(
        "taking on ends doubt, unlocking and the old logo's problem",
        replace(doubting(trying(HEALTHY, ME, answer=GOOD)), unlocked_until=9e9, logo_problem=BAD_LOGO),
        Adopted(3, at(10)),
        heard(HEALTHY, claim=3, claims=3),
        [FetchLogo(3, LOGO.url, LOGO), Connect(3, Pace.POLL), Tell(5, Reply.CONNECTED)],
    ),
    Rule(
        "a token that cannot be written changes nothing and says why; the old one is asked about again",
        trying(UNAUTHORIZED, answer=GOOD),
        NotAdopted(3, DISK_FULL, at(10)),
        replace(UNAUTHORIZED, notice=DISK_FULL, claims=3),
        [Tell(5, Reply.NOT_STORED, DISK_FULL), Release(3), POLL],
    ),
    Rule(
        "a first token that cannot be written leaves a new kiosk",
        trying(NEW, answer=GOOD),
        NotAdopted(3, DISK_FULL, at(10)),
        replace(NEW, notice=DISK_FULL, claims=3, since=wall(10)),
        [Tell(5, Reply.NOT_STORED, DISK_FULL), Release(3)],
    ),
    Rule(
        "what the old token is answered while the new one is written does not matter any more",
        trying(UNAUTHORIZED, answer=GOOD),
        answered(GOOD),
        trying(UNAUTHORIZED, answer=GOOD),
    ),
    Rule(
        "an accepted token is not refused while it is written",
        trying(UNAUTHORIZED, answer=GOOD),
        answered(NO_KEY, claim=3),
        trying(UNAUTHORIZED, answer=GOOD),
    ),
    # The logo
    Rule(
        "a logo that is ready is kept",
        replace(HEALTHY, verdict=BARE, logo_problem=BAD_LOGO),
        LogoReady(1, LOGO),
        HEALTHY,
        [Save(SEEN)],
    ),
    Rule("a logo that has not changed is no news", HEALTHY, LogoReady(1, LOGO), HEALTHY),
    Rule(
        "a bad logo is named, and the last good one stays",
        replace(HEALTHY, verdict=replace(SEEN, logo_url=NEW_LOGO.url)),
        LogoFailed(1, NEW_LOGO.url, BAD_LOGO),
        replace(HEALTHY, verdict=replace(SEEN, logo_url=NEW_LOGO.url), logo_problem=BAD_LOGO),
    ),
    Rule(
        "a bad logo stays named while the server asks for it",
        replace(HEALTHY, logo_problem=BAD_LOGO),
        answered(GOOD),
        heard(HEALTHY, logo_problem=BAD_LOGO),
        [FETCH, POLL],
    ),
    Rule(
        "and no longer when it asks for another",
        replace(HEALTHY, logo_problem=BAD_LOGO),
        answered(Good(NEW_LOGO.url)),
        heard(HEALTHY, verdict=replace(SEEN, logo_url=NEW_LOGO.url)),
        [Save(replace(SEEN, logo_url=NEW_LOGO.url)), FetchLogo(1, NEW_LOGO.url, LOGO), POLL],
    ),
    Rule(
        "a disabled kiosk takes the logo that was on its way",
        replace(DISABLED, verdict=replace(IS_OFF, logo=None)),
        LogoReady(1, LOGO),
        DISABLED,
        [Save(IS_OFF)],
    ),
    Rule("a logo that nobody asks for any more is not taken", HEALTHY, LogoReady(1, NEW_LOGO), HEALTHY),
    Rule(
        "a logo that nobody asks for any more is no problem",
        HEALTHY,
        LogoFailed(1, NEW_LOGO.url, BAD_LOGO),
        HEALTHY,
    ),
    Rule("a logo without a verdict is not taken", STARTING, LogoReady(1, LOGO), STARTING),
    Rule("a logo without a verdict is no problem", STARTING, LogoFailed(1, LOGO.url, BAD_LOGO), STARTING),
    # Writing
    Rule("a failed write is named", HEALTHY, Stored(DISK_FULL), replace(HEALTHY, storage_problem=DISK_FULL)),
    Rule("a good one ends it", replace(HEALTHY, storage_problem=DISK_FULL), Stored(None), HEALTHY),
    Rule(
        "after a failed write every answer tries anew",
        replace(HEALTHY, storage_problem=DISK_FULL),
        answered(GOOD),
        heard(HEALTHY, storage_problem=DISK_FULL),
        [Save(SEEN), FETCH, POLL],
    ),
    # Forgetting
    *(
        Rule(
            f"a kiosk that is {name_of(kiosk)} can be made as new",
            replace(kiosk, notice=NOT_A_CODE, unlocked_until=9e9, logo_problem=BAD_LOGO, storage_problem=DISK_FULL),
            Forgotten(at(10)),
            Kiosk(Unprovisioned(), wall(10), claims=2),
            [Erase()],
        )
        for kiosk in EVERY_STATE
    ),
    Rule(
        "whoever waits for an offered code is told that it was forgotten",
        doubting(trying(HEALTHY, answer=GOOD)),
        Forgotten(at(10)),
        Kiosk(Unprovisioned(), wall(10), claims=3),
        [Tell(5, Reply.FORGOTTEN), Erase()],
    ),
    # What comes too late, for a token that was replaced or forgotten
    *(
        Rule(f"too late: {type(event).__name__} under a claim that is not in use", kiosk, event, kiosk)
        for kiosk in (NEW, trying(HEALTHY), trying(HEALTHY, answer=GOOD))
        for event in (
            answered(GOOD, claim=2),
            answered(NO_KEY, claim=2),
            missed(claim=2),
            Scheduled(2, at(10)),
            Adopted(2, at(10)),
            NotAdopted(2, DISK_FULL, at(10)),
            LogoReady(2, LOGO),
            LogoFailed(2, LOGO.url, BAD_LOGO),
        )
    ),
    *(
        Rule(f"no token, no connection: {name_of(kiosk)}", kiosk, answered(GOOD, claim=0), kiosk)
        for kiosk in (NEW, trying(NEW))
    ),
    Rule("a token that was not accepted is not taken on", trying(NEW), Adopted(3, at(10)), trying(NEW)),
]


@pytest.mark.parametrize("rule", RULES, ids=[each.says for each in RULES])
def test_rule(rule: Rule) -> None:
    after, commands = advance(rule.before, rule.event)
    assert after == rule.after
    assert list(commands) == list(rule.do)


# The start, from what the files tell


@pytest.mark.parametrize(
    ("identity", "candidate", "verdict", "expected"),
    [
        pytest.param(None, None, None, NEW, id="nothing on disk: as new"),
        pytest.param(ME, None, None, STARTING, id="a token alone: connecting"),
        pytest.param(ME, None, SEEN, replace(STARTING, verdict=SEEN), id="the cached logo is shown while connecting"),
        pytest.param(ME, None, IS_OFF, DISABLED, id="disabled stays disabled through a power cut"),
        pytest.param(ME, None, IS_REFUSED, UNAUTHORIZED, id="so does unauthorized"),
        pytest.param(ME, None, IS_GONE, NOT_FOUND, id="and notFound"),
        pytest.param(OTHER, None, IS_OFF, replace(STARTING, state=Connecting(OTHER)), id="somebody else's is ignored"),
        pytest.param(None, None, SEEN, NEW, id="a verdict without a token is ignored"),
        pytest.param(None, OTHER, None, replace(NEW, trial=Trial(2, OTHER)), id="an offer survives a power cut"),
        pytest.param(ME, OTHER, SEEN, replace(STARTING, verdict=SEEN, trial=Trial(2, OTHER)), id="beside a token, too"),
    ],
)
def test_a_restart(
    identity: Identity | None, candidate: Identity | None, verdict: Verdict | None, expected: Kiosk
) -> None:
    assert restore(identity, candidate, verdict, NOON) == expected


def test_a_clear_no_keeps_its_moment_through_a_restart_and_a_yes_counts_anew() -> None:
    assert restore(ME, None, IS_OFF, wall(3600)).since == NOON
    assert restore(ME, None, SEEN, wall(3600)).since == wall(3600)


def test_a_damaged_token_is_told() -> None:
    assert restore(None, None, None, NOON, NOT_A_CODE) == replace(NEW, notice=NOT_A_CODE)


# What is said of a kiosk


@pytest.mark.parametrize(
    ("kiosk", "name", "problem"),
    [
        (NEW, Name.UNPROVISIONED, None),
        (replace(NEW, notice=NOT_A_CODE), Name.UNPROVISIONED, NOT_A_CODE),
        (trying(NEW), Name.CONNECTING, None),
        (replace(trying(NEW), notice=NOT_A_CODE), Name.CONNECTING, None),
        (trying(NEW, problem=DNS), Name.OFFLINE, DNS),
        (STARTING, Name.CONNECTING, None),
        (doubting(STARTING), Name.CONNECTING, Problem(Code.UNAUTHORIZED, NO_KEY.detail, variant="doubt")),
        (HEALTHY, Name.CONNECTED, None),
        (replace(HEALTHY, notice=REFUSED_OFFER), Name.CONNECTED, None),
        (trying(HEALTHY, problem=DNS), Name.CONNECTED, None),
        (doubting(HEALTHY, GONE), Name.CONNECTED, Problem(Code.NOT_FOUND, GONE.detail, variant="doubt")),
        (replace(HEALTHY, logo_problem=BAD_LOGO), Name.CONNECTED, BAD_LOGO),
        (replace(HEALTHY, state=Connected(ME, NO_URL), logo_problem=BAD_LOGO), Name.CONNECTED, NO_URL),
        (replace(HEALTHY, storage_problem=DISK_FULL), Name.CONNECTED, DISK_FULL),
        (replace(OFFLINE, storage_problem=DISK_FULL), Name.OFFLINE, DNS),
        (DISABLED, Name.DISABLED, Problem(Code.DISABLED, OFF.detail)),
        (replace(DISABLED, state=Disabled(ME, "", DNS)), Name.DISABLED, DNS),
        (UNAUTHORIZED, Name.UNAUTHORIZED, Problem(Code.UNAUTHORIZED, NO_KEY.detail)),
        (replace(UNAUTHORIZED, state=Unauthorized(ME, "", DNS)), Name.UNAUTHORIZED, DNS),
        (NOT_FOUND, Name.NOT_FOUND, Problem(Code.NOT_FOUND, GONE.detail)),
        (replace(NOT_FOUND, state=NotFound(ME, "", DNS)), Name.NOT_FOUND, DNS),
    ],
)
def test_its_name_and_its_first_problem(kiosk: Kiosk, name: Name, problem: Problem | None) -> None:
    assert name_of(kiosk) is name
    assert problem_of(kiosk) == problem


@pytest.mark.parametrize("kiosk", EVERY_STATE)
def test_who_it_is_and_how_its_asking_goes(kiosk: Kiosk) -> None:
    beside = replace(trying(kiosk, pulse=Pulse(7)), pulse=Pulse(1))
    assert identity_of(kiosk) == (None if kiosk is NEW else ME)
    assert identity_of(beside) == (OTHER if kiosk is NEW else ME)
    assert pulse_of(beside) == (Pulse(7) if kiosk is NEW else Pulse(1))


# What holds whatever happens

TOKENS = (MY_TOKEN, OTHER_TOKEN)
EXTRAS: tuple[dict[str, Any], ...] = ({}, {"unlocked_until": 9e9, "notice": NOT_A_CODE, "storage_problem": DISK_FULL})
SHAPES = tuple(
    replace(shape, doubt=doubt, **extra)
    for base in EVERY_STATE
    for shape in (base, trying(base), trying(base, problem=DNS), trying(base, answer=GOOD), trying(base, answer=OFF))
    for doubt in (None, Doubt(Refusal.UNAUTHORIZED, at(0)), Doubt(Refusal.NOT_FOUND, at(0)))
    for extra in EXTRAS
)
ANSWERS: tuple[Answer, ...] = (GOOD, Good(NEW_LOGO.url), Good(None, NO_URL), OFF, NO_KEY, GONE)


def events_at(seconds: float, claim: int) -> tuple[Event, ...]:
    return (
        Started(),
        *(Offered(each, origin, at(seconds), ticket) for each in TOKENS for origin in Origin for ticket in (None, 9)),
        *(Misread(NOT_A_CODE, origin, at(seconds), 9) for origin in Origin),
        Scheduled(claim, at(seconds)),
        *(Answered(claim, each, at(seconds)) for each in ANSWERS),
        missed(SERVER, seconds, claim),
        Adopted(claim, at(seconds)),
        NotAdopted(claim, DISK_FULL, at(seconds)),
        *(LogoReady(claim, each) for each in (LOGO, NEW_LOGO)),
        *(LogoFailed(claim, each.url, BAD_LOGO) for each in (LOGO, NEW_LOGO)),
        Stored(None),
        Stored(DISK_FULL),
        Unlocked(at(seconds)),
        *(OverlayWanted(at(seconds), each) for each in (None, 0, 60)),
        Lapsed(at(seconds)),
        NetworkCame(),
        Forgotten(at(seconds)),
    )


def test_every_event_has_its_step_in_every_state() -> None:
    steps = 0
    for kiosk, claim in product(SHAPES, (0, 1, 3, 99)):
        for event in events_at(60, claim):
            after, commands = advance(kiosk, event)
            assert isinstance(after, Kiosk)
            assert isinstance(after.state, get_args(State))
            assert isinstance(problem_of(after), Problem | None)
            assert after.claims >= max(kiosk.claims, after.claim, after.trial.claim if after.trial else 0)
            assert all(isinstance(each, get_args(Command)) for each in commands)
            assert all(each.ticket in {5, 9} for each in commands if isinstance(each, Tell))
            assert sum(isinstance(each, Tell) for each in commands) <= 2
            steps += 1
    assert steps > 20_000


@dataclass
class World:
    """A server and a daemon as the state machine sees them, checked after each event."""

    kiosk: Kiosk = NEW
    now: float = 0.0
    asking: set[int] = field(default_factory=set)
    adopting: set[int] = field(default_factory=set)
    on_disk: int = 0
    saved: Verdict | None = None
    logos: dict[int, Logo] = field(default_factory=dict)
    waiting: set[int] = field(default_factory=set)
    tickets: int = 0

    def happen(self, event: Event) -> None:
        before = self.kiosk
        match event:
            case Offered() | Misread() if event.ticket:
                self.tickets = event.ticket
                self.waiting.add(event.ticket)
            case Answered(claim):
                self.asking.discard(claim)
            case Adopted(claim) | NotAdopted(claim):
                self.adopting.remove(claim)
                if isinstance(event, Adopted) and before.trial and before.trial.claim == claim:
                    self.on_disk = claim
                    self.asking.clear()
            case _:
                pass
        self.kiosk, commands = advance(before, event)
        for each in commands:
            self._carry_out(each, before)
        self._check(before, event)

    def _carry_out(self, command: Command, before: Kiosk) -> None:
        match command:
            case Connect(claim):
                self.asking.add(claim)
            case Try(claim):
                assert claim not in self.asking
                self.asking.add(claim)
            case Release(claim):
                self.asking.discard(claim)
            case Adopt(claim):
                self.adopting.add(claim)
            case FetchLogo(claim, url, known):
                assert known is None or known == (self.kiosk.verdict and self.kiosk.verdict.logo)
                self.logos[claim] = LOGO if url == LOGO.url else NEW_LOGO
            case Save(verdict):
                assert verdict == self.kiosk.verdict
                assert verdict != self.saved or before.storage_problem
                self.saved = verdict
            case Erase():
                self.asking.clear()
                self.on_disk, self.saved = 0, None
            case Tell(ticket, reply):
                assert ticket in self.waiting, "everybody is told once"
                if reply is not Reply.WAITING:
                    self.waiting.discard(ticket)

    def _check(self, before: Kiosk, event: Event) -> None:
        kiosk = self.kiosk
        assert KEY not in repr(kiosk)
        held = identity_of(kiosk) if kiosk.claim else None
        trial = {kiosk.trial.claim} if kiosk.trial and kiosk.trial.answer is None else set()
        if not self.adopting:
            assert self.asking == trial | ({kiosk.claim} if held else set()), "one question for each token, always"
            assert kiosk.claim == self.on_disk
        assert kiosk.verdict is None or kiosk.verdict.identity == held
        assert kiosk.verdict == self.saved
        no = (Disabled, Unauthorized, NotFound)
        if isinstance(before.state, no) and not isinstance(kiosk.state, no):
            good = isinstance(event, Answered) and isinstance(event.answer, Good)
            assert good or isinstance(event, Adopted | Forgotten)
        if isinstance(before.state, no) and isinstance(kiosk.state, no) and type(before.state) is not type(kiosk.state):
            assert isinstance(event, Answered | Adopted)
        if name_of(before) is not name_of(kiosk) and not isinstance(event, NotAdopted):
            assert kiosk.since == wall(self.now)
        if scans_count(before, at(self.now)) is False and isinstance(event, Offered) and event.origin is Origin.SCAN:
            assert kiosk == before


def possible(world: World) -> list[Sequence[Event]]:
    """What can happen next, by kind; kinds that are named twice are more likely."""
    moment, ticket = at(world.now), world.tickets + 1
    asked, adopting = sorted(world.asking), sorted(world.adopting)
    answers = [Answered(claim, each, moment) for claim in asked for each in ANSWERS]
    misses = [missed(DNS, world.now, claim) for claim in asked]
    ends = [each for claim in adopting for each in (Adopted(claim, moment), NotAdopted(claim, DISK_FULL, moment))]
    kinds: list[Sequence[Event]] = [
        *(answers, answers, answers, misses, misses),
        *(ends, ends, ends, ends, ends),
        [Offered(each, origin, moment, ticket) for each in TOKENS for origin in Origin],
        [Misread(NOT_A_CODE, Origin.TOOL, moment, ticket)],
        [Unlocked(moment)],
        [OverlayWanted(moment)],
        [Lapsed(moment)],
        [NetworkCame()],
        [Stored(None), Stored(DISK_FULL)],
        [] if adopting else [Started()],
        [Answered(claim, each, moment) for claim in (0, 9999) for each in ANSWERS],
        [LogoReady(claim, logo) for claim, logo in world.logos.items()],
        [LogoFailed(claim, logo.url, BAD_LOGO) for claim, logo in world.logos.items()],
        [Forgotten(moment)],
    ]
    return [each for each in kinds if each]


@settings(derandomize=True, deadline=None, max_examples=150, suppress_health_check=list(HealthCheck), database=None)
@given(st.data())
def test_no_life_breaks_the_promises(data: st.DataObject) -> None:
    world = World()
    for _ in range(data.draw(st.integers(1, 40))):
        world.now += data.draw(st.sampled_from([0.001, 1.0, 4.0, 5.0, 60.0, 700.0]))
        world.happen(data.draw(st.sampled_from(data.draw(st.sampled_from(possible(world))))))
    trial = world.kiosk.trial
    assert world.waiting == ({trial.ticket} if trial else set()), "nobody waits for ever"
