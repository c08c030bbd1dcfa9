"""Every rule that decides what this kiosk is: `advance(kiosk, event) -> (kiosk, commands)`.

Pure and total. It knows no clock, file or socket: events bring the moments, commands carry the wishes out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

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
    Connected,
    Connecting,
    Disabled,
    Doubt,
    Good,
    Kiosk,
    Moment,
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
    scans_count,
)
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.retry import RECHECK, Pace
from crewcheck_agent.core.token import Identity

UNLOCK_SECONDS = 600.0
"""How long `provision --unlock` lets scans count on a healthy kiosk."""

MISREAD_SECONDS = 20.0
"""How long people are told that what they scanned was no code: long enough to read it twice."""

OVERLAY_SECONDS = 60.0
"""How long a technician is shown the facts of this machine, unless told otherwise: long enough to take a photo."""

LONGEST_OVERLAY = 600.0
"""Seconds: a forgotten one must not stay on a shop's wall."""

Step = tuple[Kiosk, Sequence[Command]]


def restore(
    identity: Identity | None,
    candidate: Identity | None,
    verdict: Verdict | None,
    now: datetime,
    damage: Problem | None = None,
) -> Kiosk:
    """The kiosk as its files tell it after a start: claim 1 is the token in use, claim 2 an unanswered offer.

    A verdict on another identity is ignored. `damage` tells why a stored token is none.
    """
    ours = verdict if verdict and verdict.identity == identity else None
    return Kiosk(
        state=_restored(identity, ours),
        since=ours.since if ours and ours.word is not Word.CONNECTED else now,
        claim=1 if identity else 0,
        verdict=ours,
        trial=Trial(2, candidate) if candidate else None,
        notice=damage,
        claims=2,
    )


def _restored(identity: Identity | None, verdict: Verdict | None) -> State:
    if identity is None:
        return Unprovisioned()
    if verdict is None:
        return Connecting(identity)
    match verdict.word:
        case Word.CONNECTED:
            return Connecting(identity)
        case Word.DISABLED:
            return Disabled(identity, verdict.detail)
        case Word.UNAUTHORIZED:
            return Unauthorized(identity, verdict.detail)
        case Word.NOT_FOUND:
            return NotFound(identity, verdict.detail)
        case _ as never:
            assert_never(never)


def advance(kiosk: Kiosk, event: Event) -> Step:  # noqa: C901, PLR0911, PLR0912 - one line per kind of event
    """What the kiosk becomes by an event, and what is to be done. Never raises."""
    match event:
        case Started():
            return kiosk, _first_questions(kiosk)
        case Offered():
            return _offered(kiosk, event)
        case Misread():
            return _misread(kiosk, event)
        case Scheduled():
            return _scheduled(kiosk, event), ()
        case Answered():
            return _answered(kiosk, event)
        case Missed():
            return _missed(kiosk, event)
        case Adopted():
            return _adopted(kiosk, event)
        case NotAdopted():
            return _not_adopted(kiosk, event)
        case LogoReady():
            return _logo_ready(kiosk, event)
        case LogoFailed():
            return _logo_failed(kiosk, event), ()
        case Stored(problem):
            return replace(kiosk, storage_problem=problem), ()
        case Unlocked(at):
            return replace(kiosk, unlocked_until=at.steady + UNLOCK_SECONDS), ()
        case NetworkCame():
            return kiosk, _questions_at_once(kiosk)
        case OverlayWanted():
            return replace(kiosk, overlay_until=_overlay_until(kiosk, event)), ()
        case Lapsed(at):
            return _lapsed(kiosk, at), ()
        case Forgotten(at):
            return Kiosk(Unprovisioned(), at.wall, overlay_until=kiosk.overlay_until, claims=kiosk.claims), (
                *_tell(kiosk.trial, Reply.FORGOTTEN),
                Erase(),
            )
        case _ as never:
            assert_never(never)


def _overlay_until(kiosk: Kiosk, event: OverlayWanted) -> float | None:
    seconds = event.seconds
    if seconds is None:
        seconds = 0.0 if kiosk.overlay_until is not None else OVERLAY_SECONDS
    return event.at.steady + seconds if seconds > 0 else None


def _lapsed(kiosk: Kiosk, at: Moment) -> Kiosk:
    if kiosk.overlay_until is not None and at.steady >= kiosk.overlay_until:
        kiosk = replace(kiosk, overlay_until=None)
    if kiosk.misread_until is None or at.steady < kiosk.misread_until:
        return kiosk
    misread = kiosk.notice is not None and kiosk.notice.code is Code.BAD_TOKEN
    return replace(kiosk, notice=None if misread else kiosk.notice, misread_until=None)


def _first_questions(kiosk: Kiosk) -> Sequence[Command]:
    current = (Connect(kiosk.claim, Pace.BOOT),) if kiosk.claim else ()
    return (*current, Connect(kiosk.trial.claim, Pace.BOOT)) if kiosk.trial else current


def _questions_at_once(kiosk: Kiosk) -> Sequence[Command]:
    """What the network kept from being answered is asked now, however long the back-off; what is well is left alone.

    A server that has a fault may have named its own time (RFC 9110 on `Retry-After`), and is left to it.
    """
    waiting = [(kiosk.claim, kiosk.pulse, problem_of(kiosk))] if kiosk.claim else []
    if kiosk.trial:
        waiting.append((kiosk.trial.claim, kiosk.trial.pulse, kiosk.trial.problem))
    return [
        Connect(claim, Pace.NOW)
        for claim, pulse, problem in waiting
        if pulse.attempts and problem and problem.code is not Code.SERVER
    ]


def _offered(kiosk: Kiosk, event: Offered) -> Step:
    if event.origin is Origin.SCAN and not scans_count(kiosk, event.at):
        return kiosk, _tell(event, Reply.IGNORED)
    if _adopting(kiosk):  # for a moment only, and too late to be stopped: the disk would hold one token, we another
        return kiosk, _tell(event, Reply.IGNORED)
    claim = kiosk.claims + 1
    trial = Trial(claim, event.token.identity, event.ticket, pulse=Pulse(next_attempt=event.at.wall))
    after = _since(kiosk, replace(kiosk, trial=trial, notice=None, claims=claim), event.at)
    return after, (*_end_of_trial(kiosk.trial, Reply.REPLACED), Try(claim, event.token))


def _misread(kiosk: Kiosk, event: Misread) -> Step:
    if event.origin is Origin.SCAN and not scans_count(kiosk, event.at):
        return kiosk, _tell(event, Reply.IGNORED)
    after = replace(kiosk, notice=event.problem, misread_until=event.at.steady + MISREAD_SECONDS)
    return after, _tell(event, Reply.MISREAD, event.problem)


def _scheduled(kiosk: Kiosk, event: Scheduled) -> Kiosk:
    if event.claim == kiosk.claim:
        return replace(kiosk, pulse=replace(kiosk.pulse, next_attempt=event.next_attempt.wall))
    if kiosk.trial and event.claim == kiosk.trial.claim:
        pulse = replace(kiosk.trial.pulse, next_attempt=event.next_attempt.wall)
        return replace(kiosk, trial=replace(kiosk.trial, pulse=pulse))
    return kiosk


def _answered(kiosk: Kiosk, event: Answered) -> Step:
    if _adopting(kiosk):  # what was asked for the old token does not matter any more, and nobody asks it again
        return kiosk, ()
    if kiosk.trial and event.claim == kiosk.trial.claim:
        return _trial_answered(kiosk, kiosk.trial, event)
    if isinstance(kiosk.state, Unprovisioned) or event.claim != kiosk.claim:
        return kiosk, ()
    identity = kiosk.state.identity
    heard = replace(kiosk, pulse=Pulse(last_answer=event.at.wall))
    if isinstance(event.answer, Refused):
        return _refused(heard, identity, event.answer, event.at)
    return _accepted(heard, identity, event.answer, event.at)


def _accepted(kiosk: Kiosk, identity: Identity, answer: Good | SwitchedOff, at: Moment) -> Step:
    """A 200 or a 400 counts at once, and cures every doubt."""
    before = kiosk.verdict if kiosk.verdict and kiosk.verdict.identity == identity else None
    logo_url = before.logo_url if before else None
    logo = before.logo if before else None
    match answer:
        case Good():
            state: State = Connected(identity, answer.problem)
            verdict = Verdict(identity, Word.CONNECTED, at.wall, "", answer.logo_url or logo_url, logo)
        case SwitchedOff(detail):
            state = Disabled(identity, detail)
            verdict = Verdict(identity, Word.DISABLED, at.wall, detail, logo_url, logo)
        case _ as never:
            assert_never(never)
    if before and before.word is verdict.word:
        verdict = replace(verdict, since=before.since)
    logo_problem = kiosk.logo_problem if verdict.logo_url == logo_url else None
    after = replace(kiosk, state=state, doubt=None, verdict=verdict, logo_problem=logo_problem)
    if name_of(after) is not name_of(kiosk):
        after = replace(after, notice=None)  # it told why an earlier trouble lasted
    fetch = (FetchLogo(kiosk.claim, answer.logo_url, logo),) if isinstance(answer, Good) and answer.logo_url else ()
    return _since(kiosk, after, at), (*_save(kiosk, after), *fetch, Connect(kiosk.claim, Pace.POLL))


def _refused(kiosk: Kiosk, identity: Identity, answer: Refused, at: Moment) -> Step:
    """A 401 or 404 counts when it is said twice, at least `RECHECK` seconds apart."""
    match kiosk.state, answer.refusal:
        case (Unauthorized(), Refusal.UNAUTHORIZED) | (NotFound(), Refusal.NOT_FOUND):
            return _believed(kiosk, identity, answer, at)
        case _:
            pass
    doubt = kiosk.doubt
    if doubt is None or doubt.refusal is not answer.refusal:
        fresh = Doubt(answer.refusal, at, answer.detail)
        return replace(kiosk, doubt=fresh), (Connect(kiosk.claim, Pace.RECHECK),)
    if at.steady - doubt.at.steady < RECHECK:
        return kiosk, (Connect(kiosk.claim, Pace.RECHECK),)
    return _believed(kiosk, identity, answer, at)


def _believed(kiosk: Kiosk, identity: Identity, answer: Refused, at: Moment) -> Step:
    match answer.refusal:
        case Refusal.UNAUTHORIZED:
            state: State = Unauthorized(identity, answer.detail)
        case Refusal.NOT_FOUND:
            state = NotFound(identity, answer.detail)
        case _ as never:
            assert_never(never)
    word = Word(answer.refusal.value)
    before = kiosk.verdict or Verdict(identity, word, at.wall)
    since = before.since if before.word is word else at.wall
    verdict = replace(before, word=word, since=since, detail=answer.detail)
    after = replace(kiosk, state=state, doubt=None, verdict=verdict)
    return _since(kiosk, after, at), (*_save(kiosk, after), Connect(kiosk.claim, Pace.SLOW))


def _missed(kiosk: Kiosk, event: Missed) -> Step:
    """Silence takes nothing away: it only names what is wrong."""
    if kiosk.trial and event.claim == kiosk.trial.claim:
        pulse = Pulse(event.attempts, None, event.next_attempt.wall)
        trial = replace(kiosk.trial, problem=event.problem, pulse=pulse)
        after = replace(kiosk, trial=trial)
        return _since(kiosk, after, event.at), _tell(trial, Reply.WAITING, event.problem)
    if event.claim != kiosk.claim:
        return kiosk, ()
    pulse = Pulse(event.attempts, kiosk.pulse.last_answer, event.next_attempt.wall)
    after = replace(kiosk, state=_unheard(kiosk.state, event.problem), pulse=pulse)
    return _since(kiosk, after, event.at), ()


def _unheard(state: State, problem: Problem) -> State:
    match state:
        case Unprovisioned():
            return state
        case Connecting(identity) | Connected(identity) | Offline(identity):
            return Offline(identity, problem)
        case Disabled() | Unauthorized() | NotFound():
            return replace(state, problem=problem)
        case _ as never:
            assert_never(never)


def _adopting(kiosk: Kiosk) -> bool:
    """Whether an accepted token is on its way to the disk."""
    return kiosk.trial is not None and kiosk.trial.answer is not None


def _trial_answered(kiosk: Kiosk, trial: Trial, event: Answered) -> Step:
    match event.answer:
        case Good() | SwitchedOff() as answer:
            return replace(kiosk, trial=replace(trial, answer=answer)), (Adopt(trial.claim),)
        case Refused(refusal, detail):
            notice = Problem(Code(refusal.value), detail, variant="offered")
            after, commands = _without_trial(kiosk, trial, Reply(refusal.value), notice)
            return _since(kiosk, after, event.at), commands
        case _ as never:
            assert_never(never)


def _without_trial(kiosk: Kiosk, trial: Trial, reply: Reply, problem: Problem) -> Step:
    """The offered code comes to nothing, and the kiosk stays what it was."""
    after = replace(kiosk, trial=None, notice=problem)
    return after, (*_tell(trial, reply, problem), Release(trial.claim))


def _adopted(kiosk: Kiosk, event: Adopted) -> Step:
    trial = kiosk.trial
    if trial is None or trial.claim != event.claim or trial.answer is None:
        return kiosk, ()
    pulse = Pulse(last_answer=event.at.wall)
    fresh = replace(
        kiosk, claim=trial.claim, trial=None, notice=None, unlocked_until=0.0, pulse=pulse, logo_problem=None
    )
    if trial.identity != identity_of(kiosk):
        fresh = replace(fresh, since=event.at.wall)
    after, commands = _accepted(fresh, trial.identity, trial.answer, event.at)
    reply = Reply.CONNECTED if isinstance(trial.answer, Good) else Reply.DISABLED
    return after, (*commands, *_tell(trial, reply, problem_of(after)))


def _not_adopted(kiosk: Kiosk, event: NotAdopted) -> Step:
    if kiosk.trial is None or kiosk.trial.claim != event.claim:
        return kiosk, ()
    after, commands = _without_trial(kiosk, kiosk.trial, Reply.NOT_STORED, event.problem)
    # An answer to the old token's question may have been dropped meanwhile.
    again = (Connect(kiosk.claim, Pace.POLL),) if kiosk.claim else ()
    return _since(kiosk, after, event.at), (*commands, *again)


def _logo_ready(kiosk: Kiosk, event: LogoReady) -> Step:
    verdict = kiosk.verdict
    if verdict is None or event.claim != kiosk.claim or event.logo.url != verdict.logo_url:
        return kiosk, ()
    after = replace(kiosk, verdict=replace(verdict, logo=event.logo), logo_problem=None)
    return after, _save(kiosk, after)


def _logo_failed(kiosk: Kiosk, event: LogoFailed) -> Kiosk:
    wanted = kiosk.verdict.logo_url if kiosk.verdict else None
    if event.claim != kiosk.claim or event.url != wanted:
        return kiosk
    return replace(kiosk, logo_problem=event.problem)


def _since(before: Kiosk, after: Kiosk, at: Moment) -> Kiosk:
    return after if name_of(before) is name_of(after) else replace(after, since=at.wall)


def _save(before: Kiosk, after: Kiosk) -> Sequence[Command]:
    """A write only where something changed, or where the last one failed."""
    if after.verdict is None or (after.verdict == before.verdict and before.storage_problem is None):
        return ()
    return (Save(after.verdict),)


def _end_of_trial(trial: Trial | None, reply: Reply) -> Sequence[Command]:
    return (*_tell(trial, reply), Release(trial.claim)) if trial else ()


def _tell(holder: Offered | Misread | Trial | None, reply: Reply, problem: Problem | None = None) -> Sequence[Command]:
    ticket = holder.ticket if holder else None
    return () if ticket is None else (Tell(ticket, reply, problem),)
