"""A logo's way from its address to a picture that can be shown: fetched, decoded apart, cached, told."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import httpx
import tenacity

from crewcheck_agent.cloud.answer import Unanswered
from crewcheck_agent.cloud.connector import Times
from crewcheck_agent.cloud.logo import Fetched, LogoUnusable, fetch_logo, needs_asking
from crewcheck_agent.core.events import FetchLogo, LogoFailed, LogoReady
from crewcheck_agent.core.kiosk import Logo
from crewcheck_agent.core.picture import Box, Picture, PictureRefused, Reason
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.core.retry import Rhythm
from crewcheck_agent.kiosk.decoder import decode
from crewcheck_agent.kiosk.pictures import Pictures

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Brought:
    """A logo's picture, ready to be shown, and the news of it."""

    picture: Picture
    news: LogoReady


class Logos:
    """Brings logos; posts `Brought`, `LogoReady` for one that has not changed, and `LogoFailed`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        pictures: Pictures,
        rhythm: Rhythm,
        times: Times,
        post: Callable[[Brought | LogoReady | LogoFailed], None],
    ) -> None:
        self.rhythm = rhythm
        self._client = client
        self._pictures = pictures
        self._times = times
        self._post = post
        self._hurry = asyncio.Event()
        self._at_hand: dict[str, int] = {}  # originals by digest, with their size in bytes
        self._fetched_at: dict[str, float] = {}  # steady seconds, by address
        self._refused: dict[str, LogoUnusable] = {}  # by address: what came from there last cannot be shown

    def replan(self, rhythm: Rhythm, request_timeout: float) -> None:
        """Use these times, in seconds, from the next logo on."""
        self.rhythm = rhythm
        self._client.timeout = httpx.Timeout(request_timeout)

    def hurry(self) -> None:
        """The server just answered, so the network is back: do not wait for the next try."""
        self._hurry.set()

    async def bring(self, wanted: FetchLogo, environment: str, box: Box) -> None:
        """Fetch the wanted logo if it changed, trying until it can be had, and make its picture for `box`."""
        since = self._times.now().steady - self._fetched_at.get(wanted.url, float("-inf"))
        refused = self._refused.get(wanted.url)
        if refused and not needs_asking(None, refused.cost, since):
            self._post(LogoFailed(wanted.claim, wanted.url, refused.problem))
            return
        known = wanted.known if wanted.known and wanted.known.url == wanted.url else None
        if known:
            size = await self._size_at_hand(known.sha256)
            if size is None:
                known = None
            elif not refused and not needs_asking(known, size, since):
                return
        try:
            fetched: Fetched | Logo = await tenacity.AsyncRetrying(
                retry=tenacity.retry_if_exception_type(Unanswered),
                wait=lambda tries: self.rhythm.after_miss(tries.attempt_number, self._times.uniform),
                before_sleep=lambda tries: self._missed(wanted, tries),
                sleep=self._nap,
            )(self._fetch, wanted.url, known, environment)
            news = (
                LogoReady(wanted.claim, fetched)
                if isinstance(fetched, Logo)
                else await self._made(wanted, fetched, box)
            )
        except LogoUnusable as refusal:
            self._fetched_at = {wanted.url: self._times.now().steady}
            self._refused = {wanted.url: refusal}
            self._post(LogoFailed(wanted.claim, wanted.url, refusal.problem))
            return
        self._refused = {}
        self._post(news)

    async def remake(self, claim: int, logo: Logo, box: Box) -> None:
        """Make the picture of a cached logo anew, for a screen of `box`."""
        original = await asyncio.to_thread(self._pictures.original, logo.sha256)
        if original is None:
            return
        with suppress(PictureRefused):  # it could be shown before; what is on show stays
            picture = await _decoded(original, box)
            await self._keep(picture, original)
            self._post(Brought(picture, LogoReady(claim, logo)))

    async def _size_at_hand(self, sha256: str) -> int | None:
        if sha256 not in self._at_hand:
            original = await asyncio.to_thread(self._pictures.original, sha256)
            if original is None:
                return None
            self._at_hand = {sha256: len(original)}
        return self._at_hand[sha256]

    async def _fetch(self, url: str, known: Logo | None, environment: str) -> Fetched | Logo:
        today = self._times.now().wall.date()
        return await fetch_logo(self._client, url, known, environment, today)

    def _missed(self, wanted: FetchLogo, tries: tenacity.RetryCallState) -> None:
        error = tries.outcome.exception() if tries.outcome else None
        problem = error.problem if isinstance(error, Unanswered) else Problem(Code.LOGO)
        self._post(LogoFailed(wanted.claim, wanted.url, problem))

    async def _nap(self, seconds: float) -> None:
        self._hurry.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _made(self, wanted: FetchLogo, fetched: Fetched, box: Box) -> Brought:
        self._fetched_at = {wanted.url: self._times.now().steady}
        try:
            picture = await _decoded(fetched.data, box)
        except PictureRefused as refusal:
            raise LogoUnusable(Problem(Code.LOGO, variant=refusal.reason), len(fetched.data)) from None
        await self._keep(picture, fetched.data)
        logo = Logo(wanted.url, picture.sha256, self._times.now().wall, fetched.etag, fetched.last_modified)
        if wanted.known and (wanted.known.url, wanted.known.sha256) == (logo.url, logo.sha256):
            logo = replace(logo, fetched_at=wanted.known.fetched_at)  # the same picture: no news, and no write
        return Brought(picture, LogoReady(wanted.claim, logo))

    async def _keep(self, picture: Picture, original: bytes) -> None:
        self._at_hand = {picture.sha256: len(original)}
        try:
            await asyncio.to_thread(self._pictures.save, picture, original)
        except OSError as error:  # it is shown all the same, and fetched again after the next start
            _log.warning("the logo cannot be cached: %s", error.strerror)


async def _decoded(original: bytes, box: Box) -> Picture:
    try:
        return await decode(original, box)
    except OSError:  # no process could be started for it
        raise PictureRefused(Reason.DECODER_FAILED) from None
