"""Keeps who this kiosk is: the tokens of this run by their claims, and the files that must survive a power cut."""

import logging
from collections.abc import Mapping
from datetime import datetime

from crewcheck_agent.core.events import Misread, Offered, Origin
from crewcheck_agent.core.kiosk import Kiosk, Moment, Verdict
from crewcheck_agent.core.problem import Problem
from crewcheck_agent.core.redaction import Redactor
from crewcheck_agent.core.state import restore
from crewcheck_agent.core.token import ConnectionToken, TokenError, parse_token
from crewcheck_agent.kiosk.files import tried
from crewcheck_agent.kiosk.store import Damaged, Store, handed_over
from crewcheck_agent.settings import Settings

_log = logging.getLogger(__name__)


class Keeper:
    """The tokens and their files. What cannot be written is told as a problem, and never raised."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], redactor: Redactor) -> None:
        self._environ = environ
        self._redactor = redactor
        self._store = Store(settings.state_dir, settings.allowed_environments)
        self._tokens: dict[int, ConnectionToken] = {}

    def allow(self, environments: tuple[str, ...]) -> None:
        """Take only codes for these environments from now on."""
        self._store = Store(self._store.directory, environments)

    def restored(self, now: datetime) -> Kiosk:
        """The kiosk as its files tell it."""
        self._store.sweep()
        token, damage = self._token_in_use()
        candidate = self._store.candidate()
        if candidate == token:  # the power went between taking it on and tidying up
            candidate = None
        for claim, each in ((1, token), (2, candidate)):
            if each:
                self._learn(claim, each)
        return restore(
            token.identity if token else None,
            candidate.identity if candidate else None,
            self._store.verdict(),
            now,
            damage,
        )

    def read(self, text: str, origin: Origin, at: Moment, ticket: int | None) -> Offered | Misread:
        """What a scanned or handed-over text is."""
        try:
            token = parse_token(text, self._store.allowed_environments)
        except TokenError as error:
            return Misread(error.problem, origin, at, ticket)
        self._redactor.learn(token.api_key)
        return Offered(token, origin, at, ticket)

    def token(self, claim: int) -> ConnectionToken:
        """The token of a claim that was not released."""
        return self._tokens[claim]

    def claims(self) -> tuple[int, ...]:
        """All claims that were not released."""
        return tuple(self._tokens)

    def keep(self, claim: int, token: ConnectionToken) -> Problem | None:
        """Keep an offered token until it is answered."""
        self._learn(claim, token)
        return tried(lambda: self._store.keep_candidate(token))

    def take_on(self, claim: int) -> Problem | None:
        """Make an offered token the one in use, on disk in the old one's place."""
        token = self._tokens[claim]
        problem = tried(lambda: self._store.keep_token(token))
        if problem is None:
            tried(self._store.drop_candidate)  # left behind, it is recognised at the next start
        return problem

    def release(self, claim: int) -> None:
        """Forget a token of this run; the files stay."""
        self._tokens.pop(claim, None)

    def drop_offer(self) -> None:
        """Erase the offered token's file."""
        tried(self._store.drop_candidate)

    def save(self, verdict: Verdict) -> Problem | None:
        """Keep the server's last word."""
        return tried(lambda: self._store.keep_verdict(verdict))

    def erase(self) -> Problem | None:
        """Erase all of it."""
        return tried(self._store.erase)

    def _learn(self, claim: int, token: ConnectionToken) -> None:
        self._tokens[claim] = token
        self._redactor.learn(token.api_key)

    def _token_in_use(self) -> tuple[ConnectionToken | None, Problem | None]:
        try:
            stored = self._store.token()
            return stored or handed_over(self._environ, self._store.allowed_environments), None
        except Damaged as damage:
            _log.error("the stored connection code cannot be used: %s", damage)
            return None, damage.problem
