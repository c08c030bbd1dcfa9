"""The operator's client over real sockets: six operations, both credentials, and what comes of bad days."""

import contextlib
import json
import ssl
import traceback
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any

import pytest
import trustme
from tests.cloud.conftest import Connection, Serve

from crewcheck_agent import __version__
from crewcheck_agent.cloud.operator import Account, Credential, Device, NotDone, Operator, Reason
from crewcheck_agent.core.retry import parse_http_date
from crewcheck_agent.core.token import Secret
from crewcheck_agent.simulator.server import Simulator, running

KEY = "s3cr3t-key-that-nobody-may-see"
NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
PAGE = "<!DOCTYPE html><title>Welcome to our wireless network</title>"
WHOLE = {"name": "Bar", "description": None, "isEnabled": True}


class Desk:
    """An operator whose waiting takes no time; chance always draws its highest number."""

    def __init__(self, environment: str, credential: Credential, tenant: str = "demo", **more: Any) -> None:
        self.naps: list[float] = []
        self.heard: list[str] = []
        account = Account(environment, tenant, credential)
        trust = more.pop("trust", NO_TRUST)
        chance: Callable[[float, float], float] = lambda _, high: high  # noqa: E731 - a table needs no more
        self.ask = Operator(account, trust, sleep=self.naps.append, uniform=chance, tell=self.heard.append, **more)

    def refusal(self, work: Callable[[Operator], object]) -> NotDone:
        with pytest.raises(NotDone) as refused:
            work(self.ask)
        assert KEY not in "".join(traceback.format_exception(refused.value))
        return refused.value


@pytest.fixture(scope="module")
def service() -> Iterator[Simulator]:
    with running() as simulator:
        yield simulator


@pytest.fixture
def simulator(service: Simulator) -> Iterator[Simulator]:
    """One server for all, as new for each."""
    yield service
    service.clear_faults()
    service.listen_again()
    service.clear_requests()
    for kiosk in service.world.kiosks():
        service.delete(kiosk.device_id)


@pytest.fixture
def desk(simulator: Simulator) -> Desk:
    return Desk(simulator.environment, Credential(Secret(simulator.api_key)))


def at(server_url: str, **more: Any) -> Desk:
    return Desk(server_url, Credential(Secret(KEY)), **more)


@pytest.mark.parametrize("bearer", [False, True])
@pytest.mark.parametrize("device_id", ["kiosk-7", "a/b c?d#e%20f", "Käse..", "%2e%2e"])
def test_every_operation_works_with_both_credentials_and_any_id(
    simulator: Simulator, *, bearer: bool, device_id: str
) -> None:
    operator = Desk(f"{simulator.environment}/", Credential(Secret(simulator.api_key), bearer)).ask
    simulator.create_device("Bar", description="old", device_id=device_id)
    assert [each.device_id for each in operator.devices()] == [device_id]
    assert operator.update(device_id, {"isEnabled": False}).fields["description"] == "old"
    told = operator.device(device_id)
    assert (told.text("name"), told.is_enabled, told.logo_url[:4]) == ("Bar", False, "http")
    token = operator.reset(device_id)
    assert token.identity.device_id == device_id
    assert simulator.world.is_key_of(simulator.world.kiosk(device_id), token.api_key.reveal())
    operator.delete(device_id)
    created = operator.create("New", "words")
    assert [each.fields for each in operator.devices()] == [created.fields]
    assert (created.text("name"), created.text("description"), created.is_enabled) == ("New", "words", True)


def test_it_says_who_asks_and_for_what(serve: Serve) -> None:
    server = serve(lambda client: client.answer("200 OK", b"[]", Content_Type="application/json"))
    assert at(f"{server.url}/base/", tenant="a b/c").ask.devices() == []
    head = server.heard[0].decode()
    assert head.startswith("GET /base/api/a%20b%2Fc/devices HTTP/1.1\r\n")
    for line in (f"X-API-KEY: {KEY}", "Accept: application/json", f"User-Agent: crewcheck-agent/{__version__}"):
        assert f"{line}\r\n" in head
    assert "Authorization" not in head


REFUSALS: list[tuple[dict[str, Any], Reason, str]] = [
    ({"status": 401}, Reason.UNAUTHORIZED, "refuses this API key for tenant demo (HTTP 401; The simulator was told"),
    ({"status": 401, "body": "", "contentType": "text/plain"}, Reason.UNAUTHORIZED, "(HTTP 401)"),
    ({"status": 403}, Reason.UNAUTHORIZED, "HTTP 403"),
    ({"status": 404}, Reason.NOT_FOUND, "no device kiosk-7 in tenant demo"),
    ({"status": 410}, Reason.NOT_FOUND, "no device kiosk-7"),
    ({"status": 405}, Reason.FAILED, "does not accept this (HTTP 405"),
    ({"status": 501}, Reason.FAILED, "cannot do this now (HTTP 501"),
    ({"status": 500}, Reason.FAILED, "cannot do this now (HTTP 500"),
    ({"status": 502, "body": PAGE}, Reason.FAILED, "(HTTP 502)"),
    ({"status": 200, "body": PAGE}, Reason.UNREACHABLE, "web page"),
    ({"status": 200, "body": f" \n{PAGE}", "contentType": "text/plain"}, Reason.UNREACHABLE, "Check the environment"),
    ({"status": 404, "body": PAGE}, Reason.UNREACHABLE, "(HTTP 404)"),
    ({"status": 302, "headers": {"Location": "/elsewhere"}}, Reason.UNREACHABLE, "leads elsewhere (HTTP 302)"),
    ({"status": 511}, Reason.UNREACHABLE, "HTTP 511"),
    ({"status": 407}, Reason.UNREACHABLE, "proxy"),
    ({"drop": True}, Reason.UNREACHABLE, "broke the connection off"),
    ({"status": 200, "body": '{"a": 1}', "cut": 3}, Reason.UNREACHABLE, "broke the connection off"),
]


@pytest.mark.parametrize(("fault", "reason", "words"), REFUSALS)
def test_every_refusal_has_its_reason_and_its_words(
    simulator: Simulator, desk: Desk, fault: dict[str, Any], reason: Reason, words: str
) -> None:
    simulator.set_fault(**fault)
    refused = desk.refusal(lambda operator: operator.device("kiosk-7"))
    assert refused.reason is reason
    assert words in str(refused)


def test_an_unknown_tenant_is_no_unknown_device(simulator: Simulator, desk: Desk) -> None:
    simulator.set_fault(status=404)
    refused = desk.refusal(lambda operator: operator.devices())
    assert (refused.reason, "no devices of tenant demo" in str(refused)) == (Reason.FAILED, True)


PROBLEMS: list[tuple[object, str]] = [
    ({"title": "Invalid", "errors": {"Name": ["too long", "too odd"], "Type": "wrong"}},
     "(HTTP 400; Invalid; Name: too long, too odd; Type: wrong)"),
    ({"title": None, "detail": "Never.", "errors": []}, "(HTTP 400; Never)"),
    ({"title": 7, "detail": ""}, "(HTTP 400)"),
    ([1], "(HTTP 400)"),
    ({"detail": f"Not with {KEY}!"}, "(HTTP 400; Not with [secret]!)"),
    ({"detail": "\u202eodd\x1b[31m\nlines"}, "(HTTP 400; odd [31m lines)"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "words"), PROBLEMS)
def test_what_the_service_says_is_told_in_one_line_and_without_the_key(
    simulator: Simulator, body: object, words: str
) -> None:
    simulator.set_fault(status=400, body=json.dumps(body), content_type="application/problem+json")
    assert words in str(at(simulator.environment).refusal(lambda operator: operator.create("Bar", None)))


NOON = "Wed, 02 Jun 2027 12:00:00 GMT"
PAUSES: list[tuple[dict[str, Any], list[float]]] = [
    ({"status": 503, "times": 2}, [0.5, 1.0]),
    ({"status": 500, "times": 3}, [0.5, 1.0, 2.0]),
    ({"status": 429, "times": 1, "retryAfter": "10"}, [11.0]),
    ({"status": 503, "times": 1, "retryAfter": "Wed, 02 Jun 2027 12:00:20 GMT", "headers": {"Date": NOON}}, [22.0]),
    ({"status": 503, "times": 1, "retryAfter": "soon"}, [0.5]),
    ({"status": 503, "times": 1, "retryAfter": "0"}, [0.5]),
]


@pytest.mark.parametrize(("fault", "naps"), PAUSES)
def test_a_read_is_tried_again_when_the_service_asks_to_wait(
    simulator: Simulator, desk: Desk, fault: dict[str, Any], naps: list[float]
) -> None:
    simulator.set_fault(**fault)
    assert desk.ask.devices() == []
    assert desk.naps == pytest.approx(naps)
    assert [words.split(";")[0] for words in desk.heard] == ["The service is busy"] * len(naps)


def test_a_read_ends_after_four_tries(simulator: Simulator, desk: Desk) -> None:
    simulator.set_fault(status=503)
    assert "HTTP 503" in str(desk.refusal(lambda operator: operator.devices()))
    assert (len(simulator.requests("list")), len(desk.naps)) == (4, 3)


@pytest.mark.parametrize("form", ["3600", "date"])
def test_nobody_is_kept_waiting_for_long(simulator: Simulator, desk: Desk, form: str) -> None:
    noon = parse_http_date(NOON)
    assert noon
    wish = form if form != "date" else format_datetime(noon.replace(hour=13), usegmt=True)
    simulator.set_fault(status=503, retry_after=wish, headers={"Date": NOON})
    assert "left alone for 3600 s" in str(desk.refusal(lambda operator: operator.devices()))
    assert desk.naps == []


WRITES: list[tuple[str, Callable[[Operator], object]]] = [
    ("create", lambda operator: operator.create("Bar", None)),
    ("update", lambda operator: operator.update("kiosk-7", WHOLE)),
    ("delete", lambda operator: operator.delete("kiosk-7")),
    ("reset", lambda operator: operator.reset("kiosk-7")),
]


@pytest.mark.parametrize(("operation", "work"), WRITES)
def test_what_changes_something_is_tried_once(
    simulator: Simulator, desk: Desk, operation: str, work: Callable[[Operator], object]
) -> None:
    simulator.set_fault(status=503, retry_after="1")
    assert desk.refusal(work).reason is Reason.FAILED
    assert (len(simulator.requests(operation)), desk.naps) == (1, [])


@pytest.mark.parametrize(("operation", "work"), WRITES)
def test_a_lost_answer_leaves_open_what_was_done_and_a_lost_service_does_not(
    simulator: Simulator, desk: Desk, operation: str, work: Callable[[Operator], object]
) -> None:
    simulator.set_fault(operation=operation, drop=True)
    assert "Whether the change was made is not known" in str(desk.refusal(work))
    simulator.stop_listening()
    refused = desk.refusal(work)
    assert refused.reason is Reason.UNREACHABLE
    assert "cannot be reached" in str(refused)
    assert "not known" not in str(refused)


def test_a_silent_service_is_left_in_time(serve: Serve) -> None:
    server = serve(Connection.hang)
    refused = at(server.url, patience=0.2).refusal(lambda operator: operator.devices())
    assert (refused.reason, "in time" in str(refused)) == (Reason.UNREACHABLE, True)


def test_a_service_that_drips_is_left_in_time(serve: Serve) -> None:
    server = serve(
        lambda client: client.drip(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[" + b" " * 999)
    )
    assert "in time" in str(at(server.url, patience=0.3).refusal(lambda operator: operator.devices()))


def test_an_answer_without_end_is_not_taken(serve: Serve) -> None:
    def flood(client: Connection) -> None:
        client.say(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(40):
                client.say(b" " * 2**20)

    assert "far too long" in str(at(serve(flood).url).refusal(lambda operator: operator.devices()))


def test_a_service_that_nobody_vouches_for_gets_no_key(serve: Serve, authority: trustme.CA, trust: Any) -> None:
    stranger = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger.issue_cert("127.0.0.1").configure_cert(context)
    server = serve(lambda client: client.answer("200 OK", b"[]"), context)
    refused = at(server.url, trust=trust).refusal(lambda operator: operator.update("kiosk-7", WHOLE))
    assert (refused.reason, "cannot be trusted" in str(refused)) == (Reason.UNREACHABLE, True)
    assert server.heard == []
    known = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(known)
    ours = serve(lambda client: client.answer("200 OK", b"[]", Content_Type="application/json"), known)
    assert at(ours.url, trust=trust).ask.devices() == []


def test_a_list_keeps_what_it_does_not_know_and_drops_what_is_no_device(simulator: Simulator, desk: Desk) -> None:
    told = [{"deviceId": "a", "colour": "red", "isEnabled": "yes", "settings": []}, None, 7, {}]
    simulator.set_fault(operation="list", body=json.dumps(told), content_type="application/json")
    devices = desk.ask.devices()
    assert [each.fields for each in devices] == [told[0], {}]
    assert [(each.is_enabled, each.logo_url, each.is_known) for each in devices] == [
        (None, "", True),
        (None, "", False),
    ]


@pytest.mark.parametrize("body", ["", "null", "{}", "7", "[" * 100_000])
def test_what_is_no_list_is_told(simulator: Simulator, desk: Desk, body: str) -> None:
    simulator.set_fault(operation="list", status=200, body=body, content_type="application/json")
    assert "without a list of devices" in str(desk.refusal(lambda operator: operator.devices()))


ODD = ["", "null", "7", '"done"', "[]", "{}", "OK", '{"status": "ok"}', "\udcff".encode(errors="replace").decode()]


@pytest.mark.parametrize("body", ODD)
def test_a_device_whose_own_answer_tells_nothing_is_looked_up_in_the_list(
    simulator: Simulator, desk: Desk, body: str
) -> None:
    simulator.create_device("Bar", device_id="kiosk-7")
    simulator.set_fault(operation="get", status=200, body=body, content_type="text/plain")
    assert desk.ask.device("kiosk-7").text("name") == "Bar"
    assert desk.ask.device("kiosk-8").is_known is False
    simulator.set_fault(operation="list", status=400)
    assert desk.ask.device("kiosk-7").device_id == "kiosk-7"


def test_a_device_that_nothing_is_told_of_is_changed_only_as_a_whole(simulator: Simulator, desk: Desk) -> None:
    simulator.set_fault(status=200)
    assert "its name could be lost" in str(desk.refusal(lambda operator: operator.update("kiosk-7", {"name": "Bar"})))
    assert simulator.requests("update") == []
    assert desk.ask.update("kiosk-7", WHOLE) == Device({"deviceId": "kiosk-7", **WHOLE})


@pytest.mark.parametrize("body", ODD)
def test_an_update_tells_what_was_sent_where_the_service_tells_nothing(
    simulator: Simulator, desk: Desk, body: str
) -> None:
    simulator.create_device("Bar", description="old", device_id="kiosk-7")
    simulator.set_fault(operation="update", status=200, body=body, content_type="application/json")
    told = desk.ask.update("kiosk-7", {"isEnabled": False})
    assert (told.text("name"), told.text("description"), told.is_enabled) == ("Bar", "old", False)


CREATED: list[tuple[str, dict[str, str], str]] = [
    ('{"deviceId": "k1", "more": 1}', {}, "k1"),
    ('"k1"', {}, "k1"),
    ("", {"Location": "/api/demo/devices/k%2F1"}, "k/1"),
    ("", {"Location": "https://elsewhere.example/devices/k1/?x"}, ""),
    ('{"deviceId": null}', {}, ""),
    ("<p>made</p>", {}, ""),
    ("[" * 100_000, {}, ""),
]


@pytest.mark.parametrize(("body", "headers", "device_id"), CREATED)
def test_a_new_devices_id_is_found_wherever_it_is(
    simulator: Simulator, desk: Desk, body: str, headers: dict[str, str], device_id: str
) -> None:
    simulator.set_fault(operation="create", status=201, body=body, headers=headers)
    told = desk.ask.create("Bar", None)
    assert (told.device_id, told.text("name")) == (device_id, "Bar")


@pytest.mark.parametrize(("devices", "found"), [(["b"], "b"), (["b", "c"], "")])
def test_a_new_device_without_an_id_is_known_by_its_name_if_only_one_has_it(
    simulator: Simulator, desk: Desk, devices: list[str], found: str
) -> None:
    for each in devices:
        simulator.create_device("Bar", device_id=each)
    simulator.create_device("Other")
    simulator.set_fault(operation="create", status=201)
    assert desk.ask.create("Bar", None).device_id == found
    simulator.set_fault(operation="list", status=401)
    assert desk.ask.create("Bar", None).device_id == ""


RESETS: list[tuple[object, tuple[str, str, str] | None]] = [
    ({"apiKey": "fresh"}, ("demo", "kiosk-7", "")),
    ({"apiKey": "fresh", "environment": None, "tenantId": None, "more": 1}, ("demo", "kiosk-7", "")),
    ({"apiKey": "fresh", "environment": "https://b.example/x", "deviceId": "k"}, ("demo", "k", "https://b.example/x")),
    ({"apiKey": "fresh", "environment": "nowhere"}, None),
    ({"apiKey": "fresh", "environment": 7}, None),
    ({"apiKey": "fresh", "environment": "http://[::1"}, None),
    ({"apiKey": 7}, None),
    ({}, None),
    ("fresh", None),
]


@pytest.mark.parametrize(("body", "identity"), RESETS)
def test_a_reset_gives_a_code_that_a_kiosk_takes_or_says_that_there_is_none(
    simulator: Simulator, desk: Desk, body: object, identity: tuple[str, str, str] | None
) -> None:
    simulator.set_fault(operation="reset", body=json.dumps(body), content_type="text/json")
    if identity is None:
        refused = str(desk.refusal(lambda operator: operator.reset("kiosk-7")))
        assert "did the reset" in refused
        assert "fresh" not in refused
        return
    token = desk.ask.reset("kiosk-7")
    told = token.identity
    assert (told.tenant_id, told.device_id, told.environment) == (*identity[:2], identity[2] or simulator.environment)
    assert token.api_key.reveal() == "fresh"


def test_a_key_shows_itself_nowhere() -> None:
    account = Account("https://a.example", "demo", Credential(Secret(KEY), bearer=True))
    assert KEY not in repr(account) + str(account) + repr(Operator(account, NO_TRUST).__dict__)
