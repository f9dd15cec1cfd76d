"""Behind the real Nginx: the service's headers as a browser gets them, and Nginx's own refusals in the one shape."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from batchgen.errors import MESSAGES
from tests.api.test_bad_input import png
from tests.conftest import RedisServer, free_port
from tests.proxy import TEMPLATE, Proxy
from tests.stack import Stack, Stream, running

HEADERS = {
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, own_redis: RedisServer) -> Iterator[tuple[Stack, Proxy]]:
    folder: Path = tmp_path_factory.mktemp("site")
    with (
        running(folder / "stack", own_redis, TRUSTED_PROXIES=1) as stack,
        Proxy(folder / "nginx", f"127.0.0.1:{stack.port}", CLIENT_TIMEOUT="2s", CONNECTIONS="12") as proxy,
    ):
        yield stack, proxy


def problem(status: int, head: dict[str, str], body: bytes) -> tuple[int, str]:
    """The status and code of an answer that must have the contract's shape and headers."""
    told = json.loads(body)
    error = told["error"]
    assert told["success"] is False
    assert sorted(error) == ["code", "details", "message", "request_id"]
    assert error["message"]
    assert error["request_id"] == head["X-Request-ID"]
    assert head["Content-Type"].startswith("application/json")
    for name, value in HEADERS.items():
        assert head[name] == value, name
    assert "frame-ancestors 'none'" in head["Content-Security-Policy"]
    return status, error["code"]


def of(answer: requests.Response) -> tuple[int, str]:
    return problem(answer.status_code, dict(answer.headers), answer.content)


def raw(proxy: Proxy | Stack, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """What is answered to bytes that no library would send; (0, {}, b"") where the connection is just closed."""
    with socket.create_connection(("127.0.0.1", proxy.port), 30) as wire:
        wire.sendall(request)
        got = b""
        while chunk := wire.recv(65536):
            got += chunk
            head, end, body = got.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if end and length and len(body) >= int(length[1]):
                break
    if not got:
        return 0, {}, b""
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def test_nginx_accepts_its_configuration(site):
    _, proxy = site
    done = subprocess.run([*proxy.command, "-t"], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr


def test_every_name_in_the_template_is_explained_at_its_top():
    text = TEMPLATE.read_text(encoding="utf-8")
    head, _, rest = text.partition("\n\n")

    assert set(re.findall(r"\$\{(\w+)\}", rest)) == set(re.findall(r"^#   ([A-Z_]+) ", head, re.MULTILINE))


def test_nginx_says_only_what_the_table_of_errors_knows():
    said = re.findall(r"return (\d+) '{.*?\"code\":\"(\w+)\"", TEMPLATE.read_text(encoding="utf-8"))

    assert len(said) == 9
    for status, code in said:
        kind = MESSAGES[code].status
        assert kind == int(status) or (code, int(status)) in (("state_unavailable", 502), ("state_unavailable", 504))


@pytest.mark.parametrize("path", ["/api/batches", "/api/providers", "/health", "/api/nothing", "/api/docs", "/"])
def test_the_service_s_headers_come_through_once(site, path: str):
    stack, proxy = site
    direct, through = stack.http.get(stack.url + path), requests.get(proxy.url + path, timeout=30)

    assert through.status_code == direct.status_code
    for name in [*HEADERS, "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy"]:
        assert through.headers.get(name) == direct.headers.get(name)
    assert "," not in through.headers["X-Frame-Options"]
    assert through.headers["Server"] == "nginx"


def test_an_upload_comes_back_through_nginx_sandboxed_and_private(site):
    _, proxy = site
    made = requests.post(f"{proxy.url}/api/uploads", files={"file": ("a.png", png())}, timeout=30).json()
    answer = requests.get(proxy.url + made["url"], timeout=30)

    assert answer.content == png()
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"].startswith("private")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_body_over_nginx_s_limit(site):
    assert of(requests.post(f"{site[1].url}/api/estimates", data=b"x" * 4_000_000, timeout=30)) == (
        413,
        "body_too_large",
    )


def test_a_body_over_ours_is_told_by_the_service_with_its_limit(site):
    answer = requests.post(
        f"{site[1].url}/api/uploads", files={"file": ("a.png", b"x" * (21 * 2**20 + 5000))}, timeout=60
    )

    assert of(answer) == (413, "body_too_large")
    assert "21" in answer.json()["error"]["message"]


def chunked() -> Iterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    for _ in range(22):
        yield b"x" * 2**20
    yield b"\r\n--x--\r\n"


def test_a_chunked_upload_without_a_length_is_counted_while_it_comes(site):
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    for base in (site[0].url, site[1].url):
        answer = requests.post(f"{base}/api/uploads", data=chunked(), headers=kind, timeout=60)
        assert of(answer) == (413, "body_too_large")


@pytest.mark.parametrize(
    "request_", [b"GARBAGE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                 b"GET /%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                 b"POST /api/batches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
                 b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 40000 + b"\r\n\r\n"],
    ids=["garbage", "no host", "two hosts", "NUL in the path", "length of letters", "long line", "long header"],
)  # fmt: skip
def test_what_is_no_request(site, request_: bytes):
    assert problem(*raw(site[1], request_)) in ((400, "bad_request"), (414, "bad_request"))


def test_a_method_that_nobody_offers(site):
    assert problem(*raw(site[1], b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))[1] == "method_not_allowed"


POST = "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{"


@pytest.mark.parametrize(
    "head", [POST.format("/api/batches"), POST.format("/api/estimates"), "GET / HTTP/1.1\r\nHost: 127.0"],
    ids=["a streamed body", "a buffered body", "a head"],
)  # fmt: skip
def test_a_client_that_stops_sending_is_not_waited_for(site, head: str):
    status, headers, body = raw(site[1], head.encode())  # ends after Nginx's own patience

    assert status in (0, 400, 408)
    if status:
        assert problem(status, headers, body)[1] in ("request_timeout", "bad_request")
    assert site[0].get("/health")["status"] == "ok"


def test_too_many_connections_of_one_address(site):
    held = [socket.create_connection(("127.0.0.1", site[1].port), 30) for _ in range(14)]
    try:
        for wire in held:  # a request that is not over holds its place
            wire.sendall(b"POST /api/estimates HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n")
        answers: list[tuple[int, str]] = []
        site[0].until(lambda: of_429(site[1], answers), "a refusal", 20)
        assert answers[-1] == (429, "rate_limited")
    finally:
        for wire in held:
            wire.close()


def of_429(proxy: Proxy, answers: list[tuple[int, str]]) -> bool:
    answer = requests.get(f"{proxy.url}/api/nothing", timeout=30)
    answers.append(of(answer))
    return answer.status_code == 429


def test_a_service_that_is_away(tmp_path: Path):
    with Proxy(tmp_path, f"127.0.0.1:{free_port()}") as proxy:
        english = requests.get(proxy.url, headers={"Accept-Language": "en-GB,en;q=0.9"}, timeout=30)
        chinese = requests.get(proxy.url, timeout=30)

    assert of(english) == of(chinese) == (502, "state_unavailable")
    assert english.json()["error"]["message"].isascii()
    assert "服务" in chinese.json()["error"]["message"]


def test_a_service_that_does_not_answer(tmp_path: Path):
    with deaf() as port, Proxy(tmp_path, f"127.0.0.1:{port}", ANSWER_TIMEOUT="1s") as proxy:
        assert of(requests.get(f"{proxy.url}/api/batches", timeout=30)) == (504, "state_unavailable")


@contextmanager
def deaf() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


SMUGGLED: dict[str, bytes] = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "two equal lengths": b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "chunks twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks misspelt": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a bad chunk": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a chunk without its end": b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
    "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", SMUGGLED)
@pytest.mark.parametrize("where", ["gunicorn", "nginx"])
def test_a_request_that_two_readers_would_cut_differently_is_refused(site: Any, where: str, name: str):
    target = site[0] if where == "gunicorn" else site[1]
    head = b"POST /api/estimates HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    status, headers, body = raw(target, head + SMUGGLED[name])

    assert 400 <= status < 500 or status == 501
    assert problem(status, headers, body)


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%5c..%5cx", "/static//etc/passwd",
             "//etc/passwd", "/static/uploads/%2e%2e%2f%2e%2e%2fredis/appendonlydir", "/static/uploads/",
             "/static/uploads", "/static/thumbnails/..%2ftmp", "/static/files/uploads/x",
             "/assets/..%2f..%2fpackage.json",
             "/%2e%2e/%2e%2e/etc/passwd", "/static/uploads/u00000000000000000000.png%00.png"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["gunicorn", "nginx"])
def test_no_path_leads_out(site: Any, where: str, path: str):
    target = site[0] if where == "gunicorn" else site[1]
    status, _, body = raw(target, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())

    assert status in (400, 404)
    assert json.loads(body)["success"] is False


def test_what_a_client_says_of_its_own_address_is_replaced(site):
    stack, proxy = site
    for n in range(3):
        requests.get(f"{proxy.url}/api/nothing", headers={"X-Forwarded-For": f"203.0.113.{n}"}, timeout=30)

    assert "203.0.113." not in stack.logs()


def test_over_https_hsts_is_sent_and_a_client_cannot_ask_for_it(site):
    stack, proxy = site
    spoofed = requests.get(f"{proxy.url}/health", headers={"X-Forwarded-Proto": "https"}, timeout=30)
    as_tls = stack.http.get(f"{stack.url}/health", headers={"X-Forwarded-Proto": "https"}, timeout=30)

    assert "Strict-Transport-Security" not in spoofed.headers
    assert as_tls.headers["Strict-Transport-Security"]


def test_live_changes_come_through_as_they_happen(site):
    stack, proxy = site
    stream = Stream(f"{proxy.url}/api/events")
    batch = stack.submit(1)["id"]
    event = stream.take(30)
    stream.close()

    assert event is not None
    assert batch in json.dumps(event[2])
