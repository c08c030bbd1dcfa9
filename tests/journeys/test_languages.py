"""One kiosk, three readers, three languages: the screen's, the caller's, and the journal's English."""

import json
import signal
from collections.abc import Mapping

import pytest
from tests.journeys.conftest import Kiosk
from tests.tools.machine import Machine

from crewcheck_agent.core.messages import words_for
from crewcheck_agent.core.problem import Code, Problem
from crewcheck_agent.languages import wording_in
from crewcheck_agent.simulator.server import Simulator


def disabled(language: str) -> str:
    return words_for(Problem(Code.DISABLED), wording_in(language)).message


def test_each_reads_their_own(kiosk: Kiosk, simulator: Simulator, red_token: Mapping[str, str]) -> None:
    kiosk.configuration.write_text('language = "de"\n')
    simulator.disable(red_token["deviceId"])
    kiosk.start()
    assert kiosk.provision(red_token) == "disabled"
    status = kiosk.await_state("disabled", "disabled")
    assert status["problem"]["message"] == disabled("de")
    in_german = kiosk.look()

    machine = Machine(kiosk.configuration.parent)
    machine.environ.update(kiosk.settings)
    told = machine.tool("status", LANG="es_ES.UTF-8", PYTHONIOENCODING="utf-8").stdout.decode()
    assert (disabled("es") in told, disabled("de") in told) == (True, False)
    wrong = json.dumps({**red_token, "apiKey": "made-up"}).encode()
    told = machine.tool("provision", stdin=wrong, LANG="fr_FR.UTF-8", PYTHONIOENCODING="utf-8").stdout.decode()
    refused = words_for(Problem(Code.UNAUTHORIZED, variant="offered"), wording_in("fr"))
    assert told.endswith(f" {refused.message} {refused.advice} (CC-41)\n")

    kiosk.configuration.write_text('language = "es"\n')
    kiosk.send_signal(signal.SIGHUP)
    kiosk.await_status(lambda status: status["problem"]["message"] == disabled("es"))
    assert kiosk.look().tobytes() != in_german.tobytes()

    assert disabled("en") in kiosk.log()
    assert not any(disabled(language) in kiosk.log() for language in ("de", "es"))


@pytest.mark.parametrize(("locale", "language"), [("fr_CH.UTF-8", "fr"), ("pt_PT.UTF-8", "en")])
def test_a_kiosk_without_a_word_on_it_takes_its_locales(kiosk: Kiosk, locale: str, language: str) -> None:
    kiosk.settings["LANG"] = locale
    kiosk.start()
    assert kiosk.provision("no code") == "misread"
    told = kiosk.status()["notice"]["message"]
    assert told == words_for(Problem(Code.BAD_TOKEN, variant="notACode"), wording_in(language)).message
