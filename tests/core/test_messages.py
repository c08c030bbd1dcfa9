"""Every cause has words; the facts are named where they are known, and leave no hole where they are not."""

import errno
import os
import re
from gettext import NullTranslations

import pytest

from crewcheck_agent.core.kiosk import Name
from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.picture import Reason
from crewcheck_agent.core.problem import Code, Lack, Problem
from crewcheck_agent.core.token import TokenFault
from crewcheck_agent.core.words.wording import wording
from crewcheck_agent.languages import LANGUAGES, wording_in

ENGLISH = wording(NullTranslations())


def test_every_cause_and_variant_has_words() -> None:
    expected = {(code, "") for code in Code}
    expected |= {(Code.BAD_TOKEN, fault) for fault in TokenFault}
    expected |= {(Code.BAD_TOKEN, "stored"), (Code.STORAGE, "reading")}
    expected |= {(Code.LOGO, reason) for reason in Reason}
    expected |= {(Code.DISPLAY, lack) for lack in Lack}
    expected |= {(Code.SCANNER, "denied")}
    expected |= {(code, variant) for code in (Code.UNAUTHORIZED, Code.NOT_FOUND) for variant in ("doubt", "offered")}
    expected |= {(Code.BAD_ANSWER, variant) for variant in ("noSettings", "tooLong")}
    expected |= {(Code.LOGO, variant) for variant in ("noUrl", "unreachable", "insecure", "redirects")}
    assert set(ENGLISH.problems) == expected


def test_every_state_has_a_name_for_people() -> None:
    assert set(ENGLISH.states) == set(Name)


def test_known_facts_are_named() -> None:
    words = words_for(Problem(Code.SERVER, "HTTP 503", "app.neostore.cloud"), ENGLISH)
    assert words.message == "The cloud service (app.neostore.cloud) has a fault: HTTP 503."


def test_unknown_facts_leave_no_hole() -> None:
    assert words_for(Problem(Code.SERVER), ENGLISH).message == "The cloud service has a fault."


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_shows_through(language: str) -> None:
    words = wording_in(language)
    for code, variant in words.problems:
        for problem in (Problem(code, variant=variant), Problem(code, "detail", "host", variant)):
            assert not re.search(r"[\[\]{}]", "".join(words_for(problem, words)))


def test_foreign_braces_and_brackets_are_only_text() -> None:
    words = words_for(Problem(Code.SERVER, "{host} [x] {0}"), ENGLISH)
    assert words.message == "The cloud service has a fault: {host} [x] {0}."


def test_a_variant_without_its_own_words_gets_the_usual_ones() -> None:
    assert words_for(Problem(Code.DNS, variant="unheard"), ENGLISH) == words_for(Problem(Code.DNS), ENGLISH)


def test_a_variant_is_told_apart() -> None:
    missing = Problem(Code.BAD_TOKEN, "apiKey", variant=TokenFault.FIELD_MISSING)
    assert words_for(missing, ENGLISH).message == "The connection code is incomplete: apiKey is missing."


def test_what_a_machine_says_is_translated_where_it_is_known() -> None:
    expired = Problem(Code.TLS, "certificate has expired", "app.neostore.cloud")
    german = wording_in("de")
    assert words_for(expired, german).message.endswith(": Zertifikat abgelaufen.")
    assert words_for(Problem(Code.TLS, "gremlins"), german).message.endswith(": gremlins.")
    assert words_for(expired, ENGLISH).message.endswith(": certificate has expired.")


def test_what_a_machine_says_is_in_english_what_it_says() -> None:
    assert all(said == english for said, english in ENGLISH.details.items())
    assert {os.strerror(number) for number in (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO)} <= set(
        ENGLISH.details
    )
