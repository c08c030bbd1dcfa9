"""Which variables shape an agent, and what of them is told."""

import pytest

from crewcheck_agent.kiosk.variables import secrets_in, shaping, tellable, without_sign_in, words_of

ENVIRON = {
    "CREWCHECK_POLL_INTERVAL": "5",
    "CREWCHECK_ADMIN_API_KEY": "operators",
    "CREWCHECK_API_KEY": "misplaced",
    "STATE_DIRECTORY": "/var/lib/crewcheck-agent",
    "SSL_CERT_FILE": "/etc/company.pem",
    "HTTPS_PROXY": "http://clerk:sesame@proxy.example:3128",
    "http_proxy": "proxy.example:3128",
    "no_proxy": "localhost",
    "HOME": "/root",
    "AWS_SECRET_ACCESS_KEY": "other",
}


def test_only_what_shapes_an_agent_counts() -> None:
    left_out = {"CREWCHECK_ADMIN_API_KEY", "CREWCHECK_API_KEY", "HOME", "AWS_SECRET_ACCESS_KEY"}
    assert set(shaping(ENVIRON)) == set(ENVIRON) - left_out


def test_a_password_is_not_told_but_that_there_is_one() -> None:
    told, hidden = tellable(ENVIRON)
    assert hidden == ["HTTPS_PROXY"]
    assert told["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert told["http_proxy"] == "proxy.example:3128"
    assert "sesame" not in str(told)


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("http://a:b@host:1", "http://host:1"),
        ("a:b@host:1", "host:1"),
        ("http://a:b@c@host:1", "http://host:1"),
        ("http://a:b/c@host:1", "http://host:1"),
        ("socks5h://a@host", "socks5h://host"),
        ("http://host:1", "http://host:1"),
    ],
)
def test_the_address_alone_is_left_of_a_proxy(proxy: str, told: str) -> None:
    assert without_sign_in(proxy) == told


def test_what_must_be_taken_out_is_known() -> None:
    found = secrets_in(ENVIRON, '"HTTP_PROXY=http://clerk:o%25pen@host:1" CREWCHECK_TOKEN=abc "CREWCHECK_LANGUAGE=fr"')
    assert {"sesame", "clerk:sesame", "operators", "misplaced", "clerk:o%25pen", "o%25pen", "o%pen", "abc"} == set(
        found
    )


def test_a_proxys_user_without_a_password_is_a_secret_too() -> None:
    assert secrets_in({"ALL_PROXY": "token123@host:1"}) == ["token123"]


def test_what_is_not_quoted_to_its_end_is_read_all_the_same() -> None:
    assert words_of('A=b "C=d') == ["A=b", '"C=d']
    assert words_of('A=b "C=d e"') == ["A=b", "C=d e"]
