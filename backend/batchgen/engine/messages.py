"""What a finish notice says, in the language of who reads it."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from batchgen.domain.failures import Category
from batchgen.domain.notices import Facts

EVENT, TEST_EVENT = "batch.finished", "test"
_NAME_SHOWN = 120

_CAUSES: dict[Category, tuple[str, str]] = {
    Category.BLOCKED: ("未通过审核", "refused by safety"),
    Category.INVALID_INPUT: ("不被接受", "not accepted"),
    Category.RATE_LIMITED: ("平台限速", "speed limit"),
    Category.QUOTA_EXHAUSTED: ("额度用完", "quota used up"),
    Category.AUTH: ("密钥无效", "key refused"),
    Category.MODEL_UNAVAILABLE: ("模型不可用", "model gone"),
    Category.TIMEOUT: ("没有结果", "no answer"),
    Category.UPSTREAM_ERROR: ("平台故障", "provider trouble"),
    Category.NO_IMAGE: ("没有图片", "no picture"),
    Category.BAD_OUTPUT: ("结果不可用", "unusable result"),
    Category.INTERRUPTED: ("被中断", "interrupted"),
    Category.STORAGE: ("保存失败", "not saved"),
    Category.BUDGET: ("预算上限", "spending cap"),
}


class Message(NamedTuple):
    """For people: `title` and `text`; for programs: `event` and `data`."""

    event: str
    title: str
    text: str
    url: str
    data: dict[str, object]

    def body(self) -> bytes:
        """As a webhook gets it."""
        sent = datetime.fromtimestamp(int(time.time()), UTC).isoformat().replace("+00:00", "Z")
        whole = {"event": self.event, "batch": self.data or None, "text": f"{self.title}\n{self.text}"}
        return json.dumps(whole | {"url": self.url, "sent_at": sent}, ensure_ascii=False).encode()


def finished(facts: Facts, language: str, base_url: str) -> Message:
    """`base_url`: where people reach us."""
    say = _english if language == "en" else _chinese
    name = facts.name if len(facts.name) <= _NAME_SHOWN else facts.name[: _NAME_SHOWN - 1] + "…"
    url = f"{base_url}/batches/{facts.batch_id}"
    title, lines = say(facts, " ".join(name.split()))
    return Message(EVENT, title, "\n".join([*lines, url]), url, _data(facts))


def trial(language: str, base_url: str) -> Message:
    """A test notice."""
    if language == "en":
        title, text = "Test notice", "It works: finished batches will be told of here."
    else:
        title, text = "测试通知", "设置成功，批次完成后会通知到这里。"
    return Message(TEST_EVENT, title, f"{text}\n{base_url}", base_url, {})


def _chinese(facts: Facts, name: str) -> tuple[str, list[str]]:
    head = "已取消，" if facts.state == "cancelled" else ""
    lines = [f"成功 {facts.succeeded} 张，失败 {facts.failed} 张，取消 {facts.cancelled} 张。"]
    if causes := _causes(facts, 0, lambda cause, n: f"{cause} {n}"):
        lines.append(f"失败原因：{'，'.join(causes)}。")
    maybe = f"，另有 {_money(facts.possibly_paid_micros)} 可能已计费" if facts.possibly_paid_micros else ""
    lines.append(f"费用 {_money(facts.settled_micros)}{maybe}。")
    return f"{head}{facts.succeeded}/{facts.total} 张图片已完成：{name}", lines


def _english(facts: Facts, name: str) -> tuple[str, list[str]]:
    head = "Cancelled, " if facts.state == "cancelled" else ""
    noun = "picture is" if facts.total == 1 else "pictures are"
    lines = [f"{facts.succeeded} succeeded, {facts.failed} failed, {facts.cancelled} cancelled."]
    if causes := _causes(facts, 1, lambda cause, n: f"{n} {cause}"):
        lines.append(f"Failed: {', '.join(causes)}.")
    unclear = facts.possibly_paid_micros
    maybe = f", and {_money(unclear)} more may have been charged" if unclear else ""
    lines.append(f"Cost {_money(facts.settled_micros)}{maybe}.")
    return f"{head}{facts.succeeded} of {facts.total} {noun} ready: {name}", lines


def _causes(facts: Facts, language: int, form: Callable[[str, int], str]) -> list[str]:
    """The most frequent first."""
    ordered = sorted(facts.failures.items(), key=lambda pair: -pair[1])
    return [form(_CAUSES[category][language], n) for category, n in ordered]


def _money(micros: int) -> str:
    return "<$0.01" if 0 < micros < 5_000 else f"${micros / 1_000_000:,.2f}"


def _data(facts: Facts) -> dict[str, object]:
    return {
        "id": facts.batch_id, "name": facts.name, "state": facts.state,
        "provider": facts.provider, "model": facts.model,
        "counts": {
            "total": facts.total, "succeeded": facts.succeeded, "failed": facts.failed, "cancelled": facts.cancelled,
        },
        "failures": {category.value: n for category, n in facts.failures.items()},
        "cost": {"settled_micros": facts.settled_micros, "possibly_paid_micros": facts.possibly_paid_micros},
        "created_at": _time(facts.created_ms), "finished_at": _time(facts.finished_ms),
    }  # fmt: skip


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
