"""An address that somebody else wrote leads to the public internet, or nowhere."""

import time

import pytest
import urllib3

from batchgen.providers.guard import Guard, RefusedError, asked
from tests.fakes.receivers import WebReceiver

PUBLIC = "93.184.216.34"


def refused(url: str, guard: Guard) -> str:
    with pytest.raises(RefusedError) as caught:
        guard.check(url)
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_a_name_that_means_an_address_inside_is_refused(address: str):
    assert refused("https://hooks.example.com/x", Guard(resolve=lambda host, port: [PUBLIC, address])) == "host_private"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "10.1.2.3",
        "169.254.169.254", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fd00::1]", "100.64.0.1", "0",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused_however_it_is_written(host: str):
    assert refused(f"https://{host}/x", Guard()) in ("host_private", "host_not_found")


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example.com", "ftp://example.com/x", "file:///etc/passwd", "https://", "https:///x",
        "https://name:word@example.com/", "https://example.com:99999/", "https://[::1/x", "https://exa mple.com/",
        "https://example.com/\r\nHost: x", "https://example.com\\@evil.test/", "https://例子.example.com/",
        "gopher://127.0.0.1:6379/_FLUSHALL", "https://example.com/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_plain_url_is_refused(url: str):
    assert refused(url, Guard(resolve=lambda host, port: [PUBLIC])) == "url_invalid"


def test_plain_http_is_refused():
    assert refused("http://example.com/x", Guard(resolve=lambda host, port: [PUBLIC])) == "url_not_https"


def test_a_name_that_means_nothing_is_refused():
    def nobody(host: str, port: int) -> list[str]:
        raise OSError

    assert refused("https://example.com/", Guard(resolve=nobody)) == "host_not_found"
    assert refused("https://example.com/", Guard(resolve=lambda host, port: [])) == "host_not_found"


def test_an_address_outside_may_be_asked_on_any_port():
    found = Guard(resolve=lambda host, port: ["2606:2800:220:1::1", PUBLIC]).check("https://example.com:8443/a?b=c#d")

    assert (found.host, found.port, found.address, found.path) == ("example.com", 8443, PUBLIC, "/a?b=c")


@pytest.mark.parametrize("allowed", ["hooks.internal", "HOOKS.internal:8080"])
def test_the_admins_own_hosts_may_be_private_and_plain(allowed: str):
    guard = Guard([allowed], resolve=lambda host, port: ["10.0.0.8"])

    assert guard.check("http://hooks.internal:8080/x").address == "10.0.0.8"
    assert refused("http://other.internal:8080/x", guard) == "url_not_https"
    assert refused("https://other.internal:8080/x", guard) == "host_private"


def test_a_host_that_is_allowed_on_one_port_is_not_on_another():
    guard = Guard(["127.0.0.1:8080"])

    assert refused("http://127.0.0.1:6379/x", guard) == "url_not_https"
    assert refused("https://127.0.0.1:6379/x", guard) == "host_private"


def test_the_connection_goes_to_the_address_that_was_checked():
    asked_for = []

    def resolve(host: str, port: int) -> list[str]:
        asked_for.append(host)
        return ["127.0.0.1"]

    with WebReceiver() as receiver:
        where = Guard(["hooks.invalid"], resolve).check(f"http://hooks.invalid:{receiver.port}/x")
        with asked("POST", where, headers={}, deadline=time.monotonic() + 10, stalled_s=5, body=b"hi") as answer:
            assert answer.status == 200

    assert asked_for == ["hooks.invalid"]
    assert receiver.got[0].headers["Host"] == f"hooks.invalid:{receiver.port}"
    assert receiver.got[0].body == b"hi"


def test_a_redirect_is_not_followed():
    with WebReceiver(["redirect"]) as receiver:
        where = Guard([f"127.0.0.1:{receiver.port}"]).check(f"{receiver.url}/x")
        with asked("POST", where, headers={}, deadline=time.monotonic() + 10, stalled_s=5, body=b"hi") as answer:
            assert answer.status == 302

    assert [one.path for one in receiver.got] == ["/x"]


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_an_answer_that_never_begins_is_cut_off(how: str):
    with WebReceiver([how]) as receiver:
        where = Guard(["127.0.0.1"]).check(f"{receiver.url}/x")
        with (
            pytest.raises((urllib3.exceptions.HTTPError, OSError)),
            asked("POST", where, headers={}, deadline=time.monotonic() + 0.5, stalled_s=20, body=b"hi"),
        ):
            pass
