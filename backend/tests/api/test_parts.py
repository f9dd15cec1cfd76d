"""Multipart bodies that no browser sends: one refusal in the one shape, and no temporary file stays."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from batchgen.store.connection import Client
from tests.api.test_bad_input import EN, leftovers, png, told

KIND = "multipart/form-data; boundary=x"
FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n' + png() + b"\r\n"
PROMPT = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\np\r\n'
END = b"--x--\r\n"
NAMELESS = b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n"

CASES: dict[str, tuple[str, bytes, set[int]]] = {
    "no boundary": ("multipart/form-data", FILE + END, {400, 422}),
    "an empty boundary": ("multipart/form-data; boundary=", FILE + END, {400, 422}),
    "another boundary": ("multipart/form-data; boundary=y", FILE + END, {400, 422}),
    "a boundary of 5,000 characters": (f"multipart/form-data; boundary={'b' * 5000}", FILE + END, {400, 422}),
    "no end": (KIND, FILE, {400, 422}),
    "cut in the middle": (KIND, FILE[:90], {400, 422}),
    "two files": (KIND, FILE + FILE + END, {422}),
    "the file as text": (KIND, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n' + END, {422}),
    "a part without a name": (KIND, NAMELESS + END, {422}),
    "a part without a head": (KIND, b"--x\r\n\r\nv\r\n" + END, {400, 422}),
    "a head of one mebibyte": (KIND, b"--x\r\nX: " + b"h" * 2**20 + b"\r\n\r\n\r\n" + END, {400, 413, 422}),
    "nothing": (KIND, b"", {400, 422}),
    "10,000 parts": (KIND, PROMPT * 10_000 + END, {413}),
    "a field of two megabytes": (KIND, PROMPT.replace(b"p\r\n", b"p" * 2_000_000 + b"\r\n") + END, {413}),
}


# Werkzeug drops the file of a part that does not end, and Python says so while it closes it
@pytest.mark.filterwarnings("ignore:Unclosed file <tempfile:ResourceWarning")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("path", ["/api/uploads", "/api/generate", "/api/batches", "/api/prompts/table"])
def test_an_odd_multipart_body_is_refused_and_leaves_nothing(
    client: FlaskClient, redis: Client, var: Path, case: str, path: str
):
    kind, body, statuses = CASES[case]
    before = leftovers(redis, var)

    answer = client.post(path, data=body, content_type=kind, headers=EN)

    assert told(answer)[0] in statuses
    assert leftovers(redis, var) == before


@pytest.mark.parametrize("path", ["/api/generate", "/api/batches"])
def test_a_nameless_part_beside_the_right_ones_is_named_as_nothing(client: FlaskClient, path: str):
    body = (FILE.replace(b'"file"', b'"files"') if path == "/api/batches" else FILE) + PROMPT + NAMELESS + END

    assert told(client.post(path, data=body, content_type=KIND, headers=EN)) == (422, "field_unknown", [""])
