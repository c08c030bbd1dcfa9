"""Each person reads their own language, and whoever's is not there reads English."""

import subprocess
import sys

import pytest

from crewcheck_agent.languages import LANGUAGES, wording_in

OUT_OF_SERVICE = {"en": "Not in service", "fr": "Hors service"}
LOCALES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.mark.parametrize("language", OUT_OF_SERVICE)
def test_a_language_is_spoken_by_its_name(language: str) -> None:
    assert wording_in(language).headlines.out_of_service == OUT_OF_SERVICE[language]


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({"LANG": "fr_CA.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "fr_FR@euro"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LC_ALL": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "ja:fr"}, "fr"),
    ],
)
def test_auto_is_the_locales(locale: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LOCALES:
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert wording_in("auto") == wording_in(language)


def test_no_two_languages_say_the_same() -> None:
    assert len({repr(wording_in(language)) for language in OUT_OF_SERVICE}) == len(OUT_OF_SERVICE)


def test_english_reads_no_file() -> None:
    program = """
import sys
opened = []
sys.addaudithook(lambda event, values: event == "open" and opened.append(str(values[0])))
from crewcheck_agent.languages import wording_in
wording_in(sys.argv[1])
print(len([name for name in opened if name.endswith(".mo")]))
"""
    counts = {}
    for language in ("en", "fr"):
        done = subprocess.run((sys.executable, "-c", program, language), capture_output=True, text=True, check=True)
        counts[language] = int(done.stdout)
    assert counts == {"en": 0, "fr": 1}


def test_every_language_can_be_configured() -> None:
    from crewcheck_agent.settings import Settings  # noqa: PLC0415 - it looks at the environment

    assert Settings.model_fields["language"].annotation.__args__ == ("auto", *LANGUAGES)  # type: ignore[union-attr]
