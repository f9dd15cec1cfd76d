"""A result URL comes from outside: where it may lead, and what may come back."""

import pytest

from batchgen.providers.download import Downloader, DownloadError
from batchgen.providers.guard import is_public
from tests.fakes.doubao_server import DoubaoServer
from tests.fakes.pictures import picture_for

ARK = "https://ark.cn-beijing.volces.com/api/v3"
PUBLIC = "93.184.216.34"


def refused(url: str, base: str = ARK, addresses: tuple[str, ...] = (PUBLIC,)) -> str:
    """Why `url` is not asked."""
    with pytest.raises(DownloadError) as caught:
        Downloader(base, lambda host, port: list(addresses)).check(url)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://ark-content.tos-cn-beijing.volces.com/a.jpeg?X-Tos-Signature=x",
        "https://ark-content.tos-ap-southeast-1.bytepluses.com:443/a.jpeg",
        "https://ark.cn-beijing.volces.com/result.png",
    ],
)
def test_results_of_ark_may_be_fetched(url):
    assert Downloader(ARK, lambda host, port: [PUBLIC]).check(url).address == PUBLIC


@pytest.mark.parametrize(
    "url",
    [
        "http://ark-content.volces.com/a.png",
        "https://evil.test/a.png",
        "https://volces.com.evil.test/a.png",
        "https://evilvolces.com/a.png",
        "https://ark-content.volces.com:8443/a.png",
        "https://ark-content.volces.com@evil.test/a.png",
        "https://user:word@ark-content.volces.com/a.png",
        "file:///etc/passwd",
        "ftp://ark-content.volces.com/a.png",
        "//ark-content.volces.com/a.png",
        "https://[::1/a.png",
        "https://ark-content.volces.com:99999/a.png",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "",
    ],
)
def test_other_places_are_not_asked(url):
    assert refused(url).startswith("the result URL")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:4136:e378::1", "::",
    ],
)  # fmt: skip
def test_an_address_inside_is_not_public(address):
    assert not is_public(address)
    assert "public" in refused("https://ark-content.volces.com/a.png", addresses=(address,))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_an_address_outside_is_public(address):
    assert is_public(address)


def test_one_address_inside_among_many_is_enough_to_refuse():
    assert "public" in refused("https://ark-content.volces.com/a.png", addresses=(PUBLIC, "127.0.0.1"))


def test_a_name_that_means_nothing_is_refused():
    assert "public" in refused("https://ark-content.volces.com/a.png", addresses=())


def test_the_connection_goes_to_the_address_that_was_checked():
    """A name that resolves to something else a moment later changes nothing."""
    asked_for = []

    def resolve(host: str, port: int) -> list[str]:
        asked_for.append(host)
        return ["127.0.0.1"]

    with DoubaoServer() as server:
        base = f"http://results.invalid:{server.port}"
        data = Downloader(base, resolve).fetch(f"{base}/url/0.png")

    assert asked_for == ["results.invalid"]
    assert server.fetches[0]["host"] == f"results.invalid:{server.port}"
    assert data == picture_for("", [])


def test_the_operators_own_host_is_asked_on_its_own_port_and_scheme_only():
    with DoubaoServer() as server:
        base = server.base_url
        assert Downloader(base).fetch(f"{server.url}/url/0.png")

    assert "allowed" in refused(f"http://127.0.0.1:{server.port + 1}/url/0.png", base, ("127.0.0.1",))
    assert "allowed" in refused(f"https://127.0.0.1:{server.port}/url/0.png", base, ("127.0.0.1",))


@pytest.mark.parametrize(
    ("name", "reason", "fetches"),
    [
        ("url_redirect", "answered 302", 3),
        ("url_expired", "answered 403", 3),
        ("url_html", "not a picture", 3),
        ("missing", "answered 404", 3),
    ],
)
def test_what_is_no_picture_is_fetched_three_times_and_given_up(name, reason, fetches):
    with DoubaoServer() as server, pytest.raises(DownloadError, match=reason) as caught:
        Downloader(server.base_url).fetch(f"{server.url}/{name}/0.png?X-Tos-Signature=abc")

    assert len(server.fetches) == fetches
    assert "Signature" not in str(caught.value)


def test_a_result_has_a_size():
    with DoubaoServer() as server, pytest.raises(DownloadError, match="too large"):
        Downloader(server.base_url).fetch(f"{server.url}/url_huge/0.png")


@pytest.mark.parametrize("name", ["url_hang", "url_drip"])
def test_a_result_has_its_time(name):
    with DoubaoServer() as server, pytest.raises(DownloadError, match="in time"):
        Downloader(server.base_url).fetch(f"{server.url}/{name}/0.png", total_s=0.5)


def test_a_result_that_is_cut_is_not_given():
    with DoubaoServer() as server, pytest.raises(DownloadError, match="could not be fetched"):
        Downloader(server.base_url).fetch(f"{server.url}/url_truncated/0.png")
