"""Every cause is produced for real, and found: the table reads as what the doctor promises.

A row: what is wrong, the step that names it, its code, and who must act. What comes before that step is well.
"""
# ruff: noqa: RUF001 - typographic apostrophes, for people to read

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import trustme
from tests.cloud.conftest import Connection
from tests.doctor.conftest import KEY, NO_KEY, Clinic, needs_mounts, needs_network
from tests.journeys.conftest import picture

PROBLEM = {"Content_Type": "application/problem+json"}
JSON = {"Content_Type": "application/json"}
HTML = {"Content_Type": "text/html"}
DAY = timedelta(days=1)


def now_and(shift: timedelta) -> str:
    return format_datetime(datetime.now(UTC) + shift, usegmt=True)


def refuses_keyless(client: Connection) -> None:
    """What the API says to a question without a key."""
    client.answer("401 Unauthorized", NO_KEY, Date=now_and(timedelta()), **PROBLEM)


def says(status: str, body: bytes = b"", **fields: str) -> Callable[[Connection], None]:
    return lambda client: client.answer(status, body, **fields)


def connects(clinic: Clinic, status: str, body: bytes, **fields: str) -> None:
    """A service that refuses whoever has no key, and says this to the kiosk's."""

    def script(client: Connection) -> None:
        if server.heard[-1].startswith(b"POST"):
            client.answer(status, body, **fields)
        elif b"/logo" in server.heard[-1].split(b"\r\n")[0]:
            client.answer(*logo)
        else:
            refuses_keyless(client)

    logo = ("200 OK", picture((200, 0, 0)))
    server = clinic.server(script)


# Each arranges one thing that is wrong.


def wrong_setting(clinic: Clinic) -> None:
    (clinic.machine.folder / "agent.toml").write_text("rotation = 45\n")


def damaged_code(clinic: Clinic) -> None:
    clinic.server(refuses_keyless)
    (clinic.state / "token.json").write_text("{")


def full_disk(clinic: Clinic) -> None:
    clinic.server(refuses_keyless)
    state, token = clinic.state, (clinic.state / "token.json").read_text()
    clinic.before = f"""\
ip link set lo up
mount -t tmpfs -o size=64k,mode=700 none {state}
printf %s '{token}' > {state}/token.json
dd if=/dev/zero of={state}/filler bs=4k 2>/dev/null || true"""


def read_only_disk(clinic: Clinic) -> None:
    clinic.server(refuses_keyless)
    clinic.before = f"mount --bind {clinic.state} {clinic.state}\nmount -o remount,bind,ro {clinic.state}"


def clock_ahead(clinic: Clinic) -> None:
    clinic.server(says("401 No", NO_KEY, Date=now_and(-3 * DAY), **PROBLEM))


def clock_behind(clinic: Clinic) -> None:
    clinic.server(says("401 No", NO_KEY, Date=now_and(90 * DAY), **PROBLEM))


def clock_before_the_certificate(clinic: Clinic) -> None:
    begins = datetime.now(UTC) + 20 * DAY
    late = says("401 No", NO_KEY, Date=now_and(30 * DAY), **PROBLEM)
    clinic.secured(late, "127.0.0.1", not_before=begins, not_after=begins + 90 * DAY)


def clock_after_the_certificate(clinic: Clinic) -> None:
    ended = datetime.now(UTC) - 20 * DAY
    early = says("401 No", NO_KEY, Date=now_and(-30 * DAY), **PROBLEM)
    clinic.secured(early, "127.0.0.1", not_before=ended - 90 * DAY, not_after=ended)


def no_adapter(clinic: Clinic) -> None:
    clinic.provision("https://192.0.2.7")
    clinic.before = "true"


PAIR = "ip link add kiosk0 type veth peer name wall0"


def no_cable(clinic: Clinic) -> None:
    clinic.provision("https://192.0.2.7")
    clinic.before = f"{PAIR}\nip link set kiosk0 up"


def no_address(clinic: Clinic) -> None:
    clinic.provision("https://192.0.2.7")
    clinic.before = f"{PAIR}\nip link set kiosk0 up\nip link set wall0 up"


def no_gateway(clinic: Clinic) -> None:
    no_address(clinic)
    clinic.before += "\nip address add 10.9.0.2/24 dev kiosk0"


def behind_a_wall(clinic: Clinic) -> None:
    """Everything that leaves is lost on the way."""
    no_gateway(clinic)
    clinic.before += (
        "\nip route add default via 10.9.0.1 dev kiosk0\nip neigh add 10.9.0.1 lladdr 2:2:2:2:2:2 dev kiosk0"
    )


def unknown_name(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.invalid")
    hosts = clinic.machine.folder / "nsswitch.conf"
    hosts.write_text("hosts: files\n")  # no name server is asked
    clinic.before = f"mount --bind {hosts} /etc/nsswitch.conf\n{WAY_OUT}"


WAY_OUT = f"""\
ip link set lo up
{PAIR}
ip link set kiosk0 up
ip link set wall0 up
ip address add 10.9.0.2/24 dev kiosk0
ip route add default via 10.9.0.1 dev kiosk0"""


def silent_name_server(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.example")
    resolver = clinic.machine.folder / "resolv.conf"
    resolver.write_text("nameserver 10.9.0.53\noptions timeout:20 attempts:1\n")
    clinic.before = f"{WAY_OUT}\nip neigh add 10.9.0.53 lladdr 2:2:2:2:2:2 dev kiosk0\n"
    clinic.before += f"mount --bind {resolver} /etc/resolv.conf"


def proxy_that_is_gone(clinic: Clinic) -> None:
    gone = clinic.serve(says("200 OK"))
    gone.close()
    clinic.provision("https://kiosks.example")
    clinic.environ["HTTPS_PROXY"] = gone.url


def proxy_that_wants_a_sign_in(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.example")
    clinic.environ["HTTPS_PROXY"] = clinic.serve(says("407 Proxy Authentication Required")).url


def proxy_without_a_name(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.example")
    clinic.environ["HTTPS_PROXY"] = "http://proxy.invalid:3128"


def silent_proxy(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.example")
    clinic.environ["HTTPS_PROXY"] = clinic.serve(lambda client: client.hang()).url


def refused(clinic: Clinic) -> None:
    clinic.server(refuses_keyless).close()


def silent_before_the_certificate(clinic: Clinic) -> None:
    clinic.provision(clinic.serve(lambda client: client.hang()).url.replace("http:", "https:"))


def no_encryption_there(clinic: Clinic) -> None:
    clinic.provision(clinic.serve(says("400 Bad")).url.replace("http:", "https:"))


def expired(clinic: Clinic) -> None:
    today = datetime.now(UTC)
    clinic.secured(refuses_keyless, "127.0.0.1", not_before=today - 90 * DAY, not_after=today - DAY)


def not_yet_valid(clinic: Clinic) -> None:
    today = datetime.now(UTC)
    clinic.secured(refuses_keyless, "127.0.0.1", not_before=today + DAY, not_after=today + 90 * DAY)


def intercepted(clinic: Clinic) -> None:
    clinic.secured(refuses_keyless, "127.0.0.1", by=trustme.CA(organization_name="Corporate Filter"))


def another_server(clinic: Clinic) -> None:
    clinic.secured(refuses_keyless, "other.example")


def sign_in_page(clinic: Clinic) -> None:
    clinic.server(says("200 OK", b"<html>Sign in", **HTML))


def redirected_to_sign_in(clinic: Clinic) -> None:
    clinic.server(says("302 Found", Location="http://login.example/"))


def network_wants_a_sign_in(clinic: Clinic) -> None:
    clinic.server(says("511 Network Authentication Required"))


def faulty_server(clinic: Clinic) -> None:
    clinic.server(says("500 Internal Server Error", Date=now_and(timedelta())))


def gateway_without_server(clinic: Clinic) -> None:
    clinic.server(says("502 Bad Gateway", b"<html>", **HTML))


def forbidden(clinic: Clinic) -> None:
    clinic.server(says("403 Forbidden", b"<html>blocked", **HTML))


def silent_service(clinic: Clinic) -> None:
    clinic.server(lambda client: client.hang())


def mail_server(clinic: Clinic) -> None:
    clinic.server(lambda client: client.say(b"220 mail.example ESMTP\r\n\r\n"))


def switched_off(clinic: Clinic) -> None:
    connects(clinic, "400 Bad Request", b'{"detail": "Device is disabled."}', **PROBLEM)


def key_refused(clinic: Clinic) -> None:
    connects(clinic, "401 Unauthorized", NO_KEY, **PROBLEM)


def deleted(clinic: Clinic) -> None:
    connects(clinic, "404 Not Found", b'{"title": "Not Found"}', **PROBLEM)


def busy_for_this_kiosk(clinic: Clinic) -> None:
    connects(clinic, "503 Busy", b"{}", **PROBLEM)


def no_logo(clinic: Clinic) -> None:
    logo = clinic.serve(says("404 Not Found")).url
    connects(clinic, "200 OK", json.dumps({"settings": {"logoUrl": f"{logo}/logo.png"}}).encode(), **JSON)


def no_picture(clinic: Clinic) -> None:
    logo = clinic.serve(says("200 OK", b"a poem")).url
    connects(clinic, "200 OK", json.dumps({"settings": {"logoUrl": f"{logo}/logo.png"}}).encode(), **JSON)


def silent_logo(clinic: Clinic) -> None:
    gone = clinic.serve(says("200 OK"))
    gone.close()
    connects(clinic, "200 OK", json.dumps({"settings": {"logoUrl": f"{gone.url}/logo.png"}}).encode(), **JSON)


def mounting(arrange: Callable[[Clinic], None], *row: str) -> object:
    """A row that needs mounts of its own."""
    return pytest.param(arrange, *row, marks=needs_mounts, id=arrange.__name__)


def networking(arrange: Callable[[Clinic], None], *row: str) -> object:
    """A row that needs a network of its own."""
    return pytest.param(arrange, *row, marks=needs_network, id=arrange.__name__)


def plain(arrange: Callable[[Clinic], None], *row: str) -> object:
    return pytest.param(arrange, *row, id=arrange.__name__)


CAUSES = [
    plain(wrong_setting, "configuration", "configuration", "you"),
    plain(damaged_code, "identity", "badToken", "operator"),
    mounting(full_disk, "disk", "storage", "you"),
    mounting(read_only_disk, "disk", "storage", "you"),
    plain(clock_ahead, "clock", "clock", "you"),
    plain(clock_behind, "clock", "clock", "you"),
    plain(clock_before_the_certificate, "clock", "clock", "you"),
    plain(clock_after_the_certificate, "clock", "clock", "you"),
    networking(no_adapter, "link", "network", "you"),
    networking(no_cable, "link", "network", "house"),
    networking(no_address, "address", "network", "house"),
    networking(no_gateway, "address", "network", "house"),
    mounting(unknown_name, "dns", "dns", "network"),
    mounting(silent_name_server, "dns", "dns", "network"),
    plain(proxy_that_is_gone, "proxy", "proxy", "network"),
    plain(proxy_that_wants_a_sign_in, "proxy", "proxy", "network"),
    plain(proxy_without_a_name, "proxy", "proxy", "network"),
    plain(silent_proxy, "proxy", "proxy", "network"),
    plain(refused, "tcp", "network", "network"),
    networking(behind_a_wall, "tcp", "timeout", "network"),
    plain(silent_before_the_certificate, "tls", "timeout", "network"),
    plain(no_encryption_there, "tls", "tls", "network"),
    plain(expired, "tls", "tls", "operator"),
    plain(not_yet_valid, "tls", "tls", "operator"),
    plain(intercepted, "tls", "tls", "network"),
    plain(another_server, "tls", "tls", "network"),
    plain(sign_in_page, "captivePortal", "captivePortal", "network"),
    plain(redirected_to_sign_in, "captivePortal", "captivePortal", "network"),
    plain(network_wants_a_sign_in, "captivePortal", "captivePortal", "network"),
    plain(faulty_server, "api", "server", "nobody"),
    plain(gateway_without_server, "api", "server", "nobody"),
    plain(forbidden, "api", "badAnswer", "nobody"),
    plain(silent_service, "api", "timeout", "network"),
    plain(mail_server, "api", "badAnswer", "nobody"),
    plain(switched_off, "api", "disabled", "operator"),
    plain(key_refused, "api", "unauthorized", "operator"),
    plain(deleted, "api", "notFound", "operator"),
    plain(busy_for_this_kiosk, "api", "server", "nobody"),
    plain(no_logo, "logo", "logo", "operator"),
    plain(no_picture, "logo", "logo", "operator"),
    plain(silent_logo, "logo", "logo", "operator"),
]


@pytest.mark.parametrize(("arrange", "step", "code", "who"), CAUSES)
def test_the_first_cause_is_named(
    clinic: Clinic, arrange: Callable[[Clinic], None], step: str, code: str, who: str
) -> None:
    arrange(clinic)
    report = clinic.examine()
    assert report.first == (step, code, who), json.dumps(report.fields, indent=1)
    told = report[step]
    assert told["verdict"] == "failed"
    assert told["shortCode"].startswith("CC-")
    assert told["message"].endswith(".")
    assert told["advice"].endswith(".")
    assert not {"{", "["} & set(told["message"] + told["advice"])


# What the words of a cause name, and what else is said beside it.


def test_who_stands_in_between_is_named_by_its_certificate(clinic: Clinic) -> None:
    intercepted(clinic)
    first, host = clinic.examine()["tls"], clinic.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"].removeprefix("https://")
    assert first["facts"]["issuer"].startswith("Corporate Filter")
    assert first["message"].startswith(f"The certificate of {host} was issued by Corporate Filter")
    assert f"do not inspect the connection to {host}" in first["advice"]


def test_the_server_that_answers_in_anothers_place_is_named(clinic: Clinic) -> None:
    clinic.secured(refuses_keyless, "other.example", common_name="other.example")
    assert "other.example" in clinic.examine()["tls"]["message"]


def test_a_certificate_that_is_well_is_told_with_its_issuer(clinic: Clinic) -> None:
    clinic.secured(refuses_keyless, "127.0.0.1")
    report = clinic.examine()
    tls = report["tls"]
    assert (tls["verdict"], tls["facts"]["protocol"], tls["facts"]["ownAuthority"]) == ("ok", "TLSv1.3", False)
    assert tls["message"].startswith("issued by trustme")
    assert report.verdicts("clock", "dns", "proxy", "tcp", "captivePortal") == ["ok"] * 5


@needs_mounts
def test_an_authority_that_was_added_to_the_machine_is_told(clinic: Clinic) -> None:
    server = clinic.secured(refuses_keyless, "127.0.0.1")
    added = clinic.machine.folder / "added"
    added.mkdir()
    clinic.authority.cert_pem.write_to_path(str(added / "company.crt"))
    clinic.before = f"mount --bind {added} /usr/local/share/ca-certificates"
    clinic.network = False
    tls = clinic.examine()["tls"]
    assert tls["facts"]["ownAuthority"] is True, server.heard
    assert "an authority that was added to this device" in tls["message"]


def test_a_clock_that_is_off_by_minutes_is_a_warning(clinic: Clinic) -> None:
    clinic.server(says("401 No", NO_KEY, Date=now_and(timedelta(minutes=-10)), **PROBLEM))
    clock = clinic.examine()["clock"]
    assert (clock["verdict"], clock["code"]) == ("warning", "clock")
    assert clock["message"] == "This device’s clock is 10\u00a0min ahead of the service’s."


def test_how_far_the_clock_is_off_is_told(clinic: Clinic) -> None:
    clock_behind(clinic)
    clock = clinic.examine()["clock"]
    assert clock["message"] == "This device’s clock is 90\u00a0d behind the service’s."
    assert clock["facts"]["secondsAhead"] == pytest.approx(-90 * 86400, abs=60)


def test_the_clock_of_a_sign_in_page_does_not_count(clinic: Clinic) -> None:
    clinic.server(says("200 OK", b"<html>Sign in", Date=now_and(-90 * DAY), **HTML))
    assert clinic.examine()["clock"]["verdict"] == "unknown"


def test_a_certificate_is_not_blamed_for_the_clock(clinic: Clinic) -> None:
    clock_before_the_certificate(clinic)
    tls = clinic.examine()["tls"]
    assert (tls["verdict"], tls["facts"]["behind"]) == ("skipped", "clock")


def test_without_a_code_what_else_is_wrong_comes_first(clinic: Clinic) -> None:
    gone = clinic.serve(refuses_keyless)
    gone.close()
    clinic.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"] = gone.url
    report = clinic.examine()
    assert report.first == ("tcp", "network", "network"), "a code would be of no use"
    assert report["identity"]["code"] == "notProvisioned"


def test_what_comes_after_the_cause_is_no_failure(clinic: Clinic) -> None:
    refused(clinic)
    report = clinic.examine()
    assert report.verdicts("dns", "proxy", "tcp") == ["ok", "ok", "failed"]
    assert {report[step]["facts"]["behind"] for step in ("tls", "captivePortal", "api", "logo")} == {"tcp"}
    assert report.verdicts("tls", "captivePortal", "api", "logo") == ["skipped"] * 4
    assert report["clock"]["verdict"] == "unknown"


@needs_network
def test_a_service_on_this_machine_needs_no_network(clinic: Clinic) -> None:
    clinic.provision("http://127.0.0.1:9")
    clinic.before = "ip link set lo up"
    report = clinic.examine()
    assert report.first[0] == "tcp"
    assert report.verdicts("link", "address") == ["skipped", "skipped"]


@needs_network
def test_without_a_network_nothing_behind_it_is_judged(clinic: Clinic) -> None:
    no_cable(clinic)
    report = clinic.examine()
    assert report["tcp"]["facts"]["behind"] == "link"
    assert [each["name"] for each in report["link"]["facts"]["interfaces"]] == ["wall0", "kiosk0"]


def test_a_proxy_looks_names_up_itself(clinic: Clinic) -> None:
    clinic.provision("http://kiosks.example")
    proxy = clinic.serve(refuses_keyless)
    clinic.environ["HTTP_PROXY"] = proxy.url
    report = clinic.examine()
    assert report.verdicts("dns", "proxy", "tcp", "api") == ["skipped", "ok", "ok", "failed"]
    assert all(heard.startswith((b"GET http://kiosks.example/", b"POST http://kiosks")) for heard in proxy.heard)


def test_the_key_goes_with_one_question_at_most(clinic: Clinic) -> None:
    connects(clinic, "400 Bad Request", b'{"detail": "Device is disabled."}', **PROBLEM)
    report = clinic.examine()
    assert report["api"]["message"] == "The operator switched this device off."


def test_a_server_that_repeats_the_key_does_not_get_it_shown(clinic: Clinic) -> None:
    echo = json.dumps({"detail": f"no such key: {KEY}"}).encode()
    connects(clinic, "401 Unauthorized", echo, **PROBLEM)
    assert clinic.examine().first == ("api", "unauthorized", "operator"), "and the clinic looks for the key"


def test_the_examination_takes_less_than_twenty_seconds_at_its_worst(clinic: Clinic) -> None:
    silent_before_the_certificate(clinic)
    clinic.environ["CREWCHECK_REQUEST_TIMEOUT"] = "60"
    began = time.monotonic()
    clinic.examine()
    assert time.monotonic() - began < 20


def test_a_sign_in_page_that_only_takes_plain_http_is_found(clinic: Clinic) -> None:
    """Most networks with one refuse https, or answer it with a certificate of their own."""
    with portal("127.0.0.99", b"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\nContent-Length: 0\r\n\r\n"):
        clinic.provision("https://127.0.0.99")
        report = clinic.examine()
    assert report.first == ("captivePortal", "captivePortal", "network")
    assert report["tcp"]["facts"]["behind"] == "captivePortal"


def test_a_server_that_sends_to_its_own_https_is_no_sign_in_page(clinic: Clinic) -> None:
    own = b"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.99/\r\nContent-Length: 0\r\n\r\n"
    with portal("127.0.0.99", own):
        clinic.provision("https://127.0.0.99")
        assert clinic.examine().first == ("tcp", "network", "network")


def test_a_page_at_the_services_own_address_is_no_sign_in_page(clinic: Clinic) -> None:
    """A certificate that is well but for its dates proves who is there."""
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    with portal("127.0.0.1", page):
        expired(clinic)
        assert clinic.examine().first == ("tls", "tls", "operator")


def test_the_proxy_and_the_service_are_named_for_the_networks_administrator(clinic: Clinic) -> None:
    proxy_that_is_gone(clinic)
    told = clinic.examine()
    proxy = clinic.environ["HTTPS_PROXY"].removeprefix("http://")
    message = f"The network’s proxy ({proxy}) does not let this device out: Connection refused."
    assert told.fields["first"]["message"] == message
    assert told["identity"]["message"].endswith("at https://kiosks.example")


def test_a_sign_in_page_is_told_with_whom_it_stands_in_the_way_of(clinic: Clinic) -> None:
    sign_in_page(clinic)
    host = clinic.environ["CREWCHECK_ALLOWED_ENVIRONMENTS"].removeprefix("http://")
    advice = clinic.examine().fields["first"]["advice"]
    assert advice == f"Network staff: let this device out to {host} without signing in."


def test_by_settings_that_cannot_be_read_nothing_is_blamed(clinic: Clinic) -> None:
    clinic.provision("https://kiosks.invalid")
    wrong_setting(clinic)
    report = clinic.examine()
    assert report.first[0] == "configuration"
    wrong = {each["step"] for each in report.fields["steps"] if each["verdict"] == "failed"}
    assert wrong <= {"configuration", "display"}
    assert report["identity"]["facts"]["behind"] == "configuration"


@contextmanager
def portal(address: str, answer: bytes) -> Iterator[None]:
    """What answers plain http at its usual port."""
    try:
        listening = socket.create_server((address, 80))
    except PermissionError:
        pytest.skip("only root may take port 80")

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                with client:
                    client.recv(65536)
                    client.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)
        listening.close()
