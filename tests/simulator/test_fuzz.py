"""Generated requests find no answer that the served document does not promise."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from crewcheck_agent.simulator.server import Simulator, running

# The first cannot know which tenant and which device exist, nor that connect takes a device's own key alone.
# The second takes the made-up bearer tokens for all that is sent; who may do what is test_admission's table.
LEFT_OUT = {"positive_data_acceptance", "ignored_auth"}
MODES = {"right": GenerationMode.POSITIVE, "wrong": GenerationMode.NEGATIVE}


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("name", "data"),
    [(name, "right") for name in ("list", "create", "get", "update", "delete", "connect", "reset")]
    + [("create", "wrong"), ("update", "wrong")],
)
def test_answers_keep_to_the_document(fuzzed: Simulator, name: str, data: str) -> None:
    operation = schemathesis.openapi.from_url(f"{fuzzed.environment}/openapi.json").find_operation_by_id(name)
    left_out: list[Any] = [check for check in CHECKS.get_all() if check.__name__ in LEFT_OUT]

    @given(operation.as_strategy(generation_mode=MODES[data]), strategies.sampled_from(["real", "real", "made up"]))
    @settings(max_examples=50, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: "schemathesis.Case[Any]", place: str) -> None:
        device_id = device_of(fuzzed)
        key = fuzzed.reset(device_id)["apiKey"] if name == "connect" else fuzzed.api_key
        if place == "real":
            names = {"tenantId": "demo", "deviceId": device_id}
            case.path_parameters.update({parameter: names[parameter] for parameter in case.path_parameters})
        case.call_and_validate(headers={"X-API-KEY": key}, excluded_checks=left_out)

    ask()
    assert {seen.status for seen in fuzzed.requests(name)} & {200, 201, 202, 400}, "nothing got past the door"
    fuzzed.clear_requests()


def device_of(simulator: Simulator) -> str:
    kiosks = simulator.world.kiosks()
    return kiosks[0].device_id if kiosks else simulator.create_device()
