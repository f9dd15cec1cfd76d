import pytest

from batchgen.providers.redaction import MAX_CHARACTERS, redact, redact_page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("key test-key-1 is bad", "key *** is bad"),
        ("test-key-1test-key-1", "******"),
        ("AIzaFake_0123-abc no", "*** no"),
        ("Incorrect API key: sk-fake1234", "Incorrect API key: ***"),
        ("partly shown sk-fa****1234.", "partly shown ***"),
        ("authorization: Bearer abc.def-ghi", "authorization: Bearer ***"),
        ("bearer abc", "bearer ***"),
        ("https://h/a.png?X-Tos-Signature=0a1b&x=1", "https://h/a.png?X-Tos-Signature=***&x=1"),
        ("https://h/?key=abc", "https://h/?key=***"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_what_looks_like_a_key_is_masked(text, shown):
    assert redact(text, ["test-key-1"]) == shown


def test_a_key_within_another_is_masked_as_a_whole():
    assert redact("test-key-12", ["test-key-1", "test-key-12"]) == "***"


def test_an_empty_key_masks_nothing():
    assert redact("all well", ["", "k-1"]) == "all well"


def test_text_is_one_line_and_cut():
    told = redact("a\r\nb\x1b[31m\u2028c\x00" + "x" * 2000)

    assert told.startswith("a b [31m c x")
    assert len(told) == MAX_CHARACTERS


def test_a_key_at_the_cut_does_not_show_its_beginning():
    assert "test" not in redact("x" * (MAX_CHARACTERS - 4) + "test-key-1", ["test-key-1"])


def test_a_page_is_told_without_its_markup():
    page = "<html><style>b{}</style><script>if (a < b) go()</script><h1>502 Bad Gateway</h1>\n<p>nginx</p></html>"

    assert redact_page(page) == "502 Bad Gateway nginx"
