"""Who is meant, and what of an address may be seen."""

import pytest

from batchgen.domain.notices import Kind, Preferences, Target, masked

ONE, TWO = Target("n1", Kind.WEBHOOK, "https://a.example.com/"), Target("n2", Kind.EMAIL, "b@example.com")


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        (Kind.EMAIL, "ann.li@example.com", "a***@example.com"),
        (Kind.WEBHOOK, "https://hooks.example.com:8443/in/SECRET?key=SECRET", "https://hooks.example.com:8443/…"),
        (Kind.WEBHOOK, "https://hooks.example.com?key=SECRET", "https://hooks.example.com/…"),
        (Kind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=SECRETab12", "oapi.dingtalk.com/…ab12"),
        (Kind.SLACK, "https://hooks.slack.com/services/T1/B1/SECRETab12", "hooks.slack.com/…ab12"),
    ],
)
def test_an_address_is_shown_without_what_lets_others_post_there(kind: Kind, address: str, shown: str):
    assert masked(kind, address) == shown
    assert "SECRET" not in shown


@pytest.mark.parametrize(
    ("notify", "default", "meant"),
    [
        ("default", True, [ONE, TWO]), ("default", False, []), ("none", True, []), ("n2", False, [TWO]),
        ("n1 n2", True, [ONE, TWO]), ("gone", True, []),
    ],
)  # fmt: skip
def test_a_batch_means_the_default_nobody_or_those_it_names(notify: str, default: bool, meant: list[Target]):
    assert list(Preferences((ONE, TWO), default).chosen(notify)) == meant
