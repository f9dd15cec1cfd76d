"""What people and programs read."""

import json
import re
from dataclasses import replace

import pytest

from batchgen.domain.failures import Category
from batchgen.domain.notices import Facts
from batchgen.engine.messages import finished, trial

FACTS = Facts(
    batch_id="b1", name="spring\nsale", provider="demo", model="m", state="completed", total=14, succeeded=12, failed=2,
    cancelled=0, settled_micros=468_000, possibly_paid_micros=39_000, created_ms=1_800_000_000_000,
    finished_ms=1_800_000_060_500, failures={Category.BLOCKED: 1, Category.TIMEOUT: 1},
)  # fmt: skip


def test_english():
    told = finished(FACTS, "en", "https://x.test")

    assert told.title == "12 of 14 pictures are ready: spring sale"
    assert told.text.splitlines() == [
        "12 succeeded, 2 failed, 0 cancelled.", "Failed: 1 refused by safety, 1 no answer.",
        "Cost $0.47, and $0.04 more may have been charged.", "https://x.test/batches/b1",
    ]  # fmt: skip


def test_chinese():
    told = finished(FACTS, "zh-CN", "https://x.test")

    assert told.title == "12/14 张图片已完成：spring sale"
    assert told.text.splitlines() == [
        "成功 12 张，失败 2 张，取消 0 张。", "失败原因：未通过审核 1，没有结果 1。",
        "费用 $0.47，另有 $0.04 可能已计费。", "https://x.test/batches/b1",
    ]  # fmt: skip


def test_a_batch_without_trouble_says_no_more_than_there_is():
    clean = replace(FACTS, total=1, succeeded=1, failed=0, settled_micros=0, possibly_paid_micros=0, failures={})

    assert finished(clean, "en", "http://x").text.splitlines()[:2] == [
        "1 succeeded, 0 failed, 0 cancelled.", "Cost $0.00.",
    ]  # fmt: skip
    assert finished(clean, "en", "http://x").title.startswith("1 of 1 picture is ready")
    assert finished(replace(clean, state="cancelled"), "en", "http://x").title.startswith("Cancelled, 1 of 1")


def test_a_long_name_is_cut():
    assert len(finished(replace(FACTS, name="x" * 200), "en", "http://x").title) < 160


@pytest.mark.parametrize("category", list(Category))
def test_every_cause_has_words_in_both_languages(category: Category):
    facts = replace(FACTS, failures={category: 1})

    assert re.search("[一-鿿] 1。", finished(facts, "zh-CN", "http://x").text)
    assert re.search("Failed: 1 [a-z ]+\\.", finished(facts, "en", "http://x").text)


def test_a_program_gets_the_facts_in_fields():
    told = json.loads(finished(FACTS, "en", "https://x.test").body())

    assert set(told) == {"event", "batch", "text", "url", "sent_at"}
    assert (told["event"], told["url"]) == ("batch.finished", "https://x.test/batches/b1")
    assert told["batch"] == {
        "id": "b1", "name": "spring\nsale", "state": "completed", "provider": "demo", "model": "m",
        "counts": {"total": 14, "succeeded": 12, "failed": 2, "cancelled": 0}, "failures": {"blocked": 1, "timeout": 1},
        "cost": {"settled_micros": 468_000, "possibly_paid_micros": 39_000},
        "created_at": "2027-01-15T08:00:00.000Z", "finished_at": "2027-01-15T08:01:00.500Z",
    }  # fmt: skip


def test_a_test_notice_has_no_batch():
    told = json.loads(trial("en", "https://x.test").body())

    assert (told["event"], told["batch"]) == ("test", None)
