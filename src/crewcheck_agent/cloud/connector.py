"""Asks the server, over and over, who this kiosk may be: `POST …/connect` with retry and backoff."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import tenacity

from crewcheck_agent.cloud import http
from crewcheck_agent.cloud.answer import LONGEST_BODY, Unanswered, read_answer
from crewcheck_agent.cloud.fault import problem_from
from crewcheck_agent.core.events import Answered, Missed, Scheduled
from crewcheck_agent.core.kiosk import Answer, Moment
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.retry import Pace, Rhythm, Uniform
from crewcheck_agent.core.token import ConnectionToken


@dataclass(frozen=True, slots=True)
class Times:
    """Where time and chance come from; tests bring their own.

    Attributes:
        now: the present moment.
        sleep: waits that many seconds.
        uniform: draws between two bounds.
    """

    now: Callable[[], Moment]
    sleep: Callable[[float], Awaitable[None]]
    uniform: Uniform

    def after(self, seconds: float) -> Moment:
        """The moment that many seconds from now."""
        now = self.now()
        return Moment(now.wall + timedelta(seconds=seconds), now.steady + seconds)


class Connector:
    """Puts the connect question; posts `Scheduled`, `Missed` and `Answered`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        rhythm: Rhythm,
        request_timeout: float,
        post: Callable[[Scheduled | Missed | Answered], None],
        times: Times,
    ) -> None:
        self._client = client
        self.rhythm = rhythm
        self.request_timeout = request_timeout
        self._post = post
        self._times = times

    def replan(self, rhythm: Rhythm, request_timeout: float) -> None:
        """Use these times, in seconds, from the next question on."""
        self.rhythm = rhythm
        self.request_timeout = request_timeout
        self._client.timeout = httpx.Timeout(request_timeout)

    async def ask(self, claim: int, token: ConnectionToken, pace: Pace) -> None:
        """Wait as `pace` says, then ask until there is an answer that counts. Cancel it to stop."""
        delay = self.rhythm.before(pace, self._times.uniform)
        self._post(Scheduled(claim, self._times.after(delay)))
        if delay:
            await self._times.sleep(delay)
        answer: Answer = await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(Unanswered),
            wait=self._pause,
            before_sleep=lambda tries: self._missed(claim, tries),
            sleep=self._times.sleep,
        )(self._ask_once, token)
        self._post(Answered(claim, answer, self._times.now()))

    def _pause(self, tries: tenacity.RetryCallState) -> float:
        return self.rhythm.after_miss(tries.attempt_number, self._times.uniform, _miss(tries).retry_after)

    def _missed(self, claim: int, tries: tenacity.RetryCallState) -> None:
        again = self._times.after(tries.next_action.sleep if tries.next_action else 0.0)
        self._post(Missed(claim, _miss(tries).problem, self._times.now(), tries.attempt_number, again))

    async def _ask_once(self, token: ConnectionToken) -> Answer:
        return await ask_once(self._client, token, self.request_timeout, self._times.now)


async def ask_once(
    client: httpx.AsyncClient, token: ConnectionToken, seconds: float, now: Callable[[], Moment]
) -> Answer:
    """Put the connect question once, and wait at most that many seconds.

    Raises:
        Unanswered: there was no answer that counts.
    """
    redactor = Redactor()
    redactor.learn(token.api_key)
    url = http.device_url(token.identity, "connect")
    headers = {http.API_KEY_HEADER: token.api_key.reveal(), "Accept": "application/json"}
    try:
        async with (
            asyncio.timeout(seconds),  # of the whole: a byte a second must not hold the agent
            client.stream("POST", url, headers=headers) as response,
        ):
            body = await http.read_at_most(response, LONGEST_BODY)
    except Exception as error:  # noqa: BLE001 - whatever broke, a kiosk goes on asking; the problem names it
        today = now().wall.date()
        # "from None": the request in the chain holds the key
        raise Unanswered(problem_from(error, http.host_of(url), today, http.proxy_for(url))) from None
    if body is None:
        raise Unanswered(Problem(Code.BAD_ANSWER, f"HTTP {response.status_code}", variant="tooLong"))
    try:
        environment, kind = token.identity.environment, http.media_type(response)
        return read_answer(response.status_code, kind, body, environment, redactor.clean)
    except Unanswered as miss:
        raise Unanswered(miss.problem, _wanted_pause(response, now)) from None


def _wanted_pause(response: httpx.Response, now: Callable[[], Moment]) -> float | None:
    """The seconds that a busy server asks for."""
    if response.status_code not in {429, 503}:
        return None
    return http.retry_after(response.headers, now().wall)


def _miss(tries: tenacity.RetryCallState) -> Unanswered:
    error = tries.outcome.exception() if tries.outcome else None
    return error if isinstance(error, Unanswered) else Unanswered(Problem(Code.NETWORK))
