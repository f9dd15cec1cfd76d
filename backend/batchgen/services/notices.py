"""Who hears of finished batches: kept per user, tried out, and looked at per batch."""

import secrets
from collections.abc import Iterable

from batchgen.domain.ids import is_id, new_id
from batchgen.domain.models import User
from batchgen.domain.notices import SIGNED, Delivery, Kind, NoticeError, Preferences, Target, TargetDraft
from batchgen.engine.channels import Channels
from batchgen.engine.messages import trial
from batchgen.errors import AppError, Detail
from batchgen.services.access import own_batch
from batchgen.store.batches import Batches
from batchgen.store.notices import Notices

_TESTS = 10  # in ten minutes: enough to get it right, too few to annoy somebody else
_SHORTEST_SECRET = 8


class NoticeService:
    def __init__(self, notices: Notices, batches: Batches, channels: Channels, base_url: str) -> None:
        self._notices, self._batches = notices, batches
        self._channels, self._base_url = channels, base_url

    def kinds(self) -> list[Kind]:
        return self._channels.kinds()

    def preferences(self, user: User) -> Preferences:
        return self._notices.preferences(user.id)

    def prefer(self, user: User, drafts: Iterable[TargetDraft], default: bool) -> tuple[Preferences, dict[str, str]]:
        """Keep these targets instead of those that were. And the secrets that were made for new ones: they are told
        once. Raises AppError with every wrong field named."""
        before = {target.id: target for target in self.preferences(user).targets}
        targets, fresh, wrong = [], dict[str, str](), list[Detail]()
        for i, draft in enumerate(drafts):
            try:
                target = self._target(draft, before.pop(draft.id, None) if draft.id else None)
            except AppError as told:
                wrong += [Detail(f"targets[{i}].{d.field}", d.code, d.params) for d in told.details]
                continue
            if target.kind is Kind.WEBHOOK and not target.secret:
                target = _with_secret(target)
                fresh[target.id] = target.secret
            targets.append(target)
        if wrong:
            raise AppError(wrong[0].code, wrong, **wrong[0].params)
        kept = Preferences(tuple(targets), default)
        self._notices.prefer(user.id, kept)
        return kept, fresh

    def require(self, user: User, notify: str) -> None:
        """Whether a batch may choose `notify`. Raises AppError("unknown_notice_target")."""
        if notify in ("default", "none"):
            return
        known = {target.id for target in self.preferences(user).targets}
        if unknown := [one for one in notify.split(" ") if one not in known]:
            raise AppError.at("notify", "unknown_notice_target", id=unknown[0][:40])

    def test(self, user: User, target_id: str) -> NoticeError | None:
        """Send a test notice now; why it did not arrive. Raises AppError: unknown_notice_target, too_many_tests."""
        target = next((t for t in self.preferences(user).targets if t.id == target_id), None)
        if target is None:
            raise AppError.at("id", "unknown_notice_target", id=target_id)
        if not self._notices.may_test(user.id, _TESTS):
            raise AppError("too_many_tests")
        try:
            self._channels.send(target, trial(target.language, self._base_url), f"test.{secrets.token_hex(8)}")
        except NoticeError as failed:
            return failed
        return None

    def of_batch(self, user: User, batch_id: str) -> list[Delivery]:
        """How the notices of its last finish fare; who hears of it is its owner's affair. Raises AppError: not_found,
        read_only."""
        batch = own_batch(user, self._batches.get(batch_id) if is_id(batch_id, "b") else None)
        raw = self._batches.raw(batch.id)
        coming = self._notices.preferences(batch.owner.id).chosen(raw.get("notify", "none"))
        return self._notices.deliveries(batch.id, int(raw.get("finishes", 0)), coming)

    def _target(self, draft: TargetDraft, before: Target | None) -> Target:
        """The draft made complete. Raises AppError."""
        if draft.id and before is None:
            raise AppError.at("id", "unknown_notice_target", id=draft.id)
        if before is not None and before.kind is not draft.kind:
            raise AppError.at("kind", "field_invalid", field="kind", reason=before.kind.value)
        address = before.address if before else None
        if draft.address is not None:
            address = draft.address.strip()
            self._check_address(draft.kind, address)
        if address is None:
            raise AppError.at("address", "field_required", field="address")
        secret = before.secret if before and draft.secret is None else draft.secret or ""
        if draft.secret:
            self._check_secret(draft.kind, draft.secret)
        target_id = before.id if before else new_id("n")
        return Target(target_id, draft.kind, address, draft.language, " ".join(draft.label.split()), secret)

    def _check_address(self, kind: Kind, address: str) -> None:
        try:
            self._channels.check(kind, address)
        except NoticeError as wrong:
            field = "kind" if wrong.code == "notice_kind_not_offered" else "address"
            raise AppError.at(field, wrong.code, **wrong.params) from None

    def _check_secret(self, kind: Kind, secret: str) -> None:
        if kind not in SIGNED:
            raise AppError.at("secret", "field_invalid", field="secret", reason="–")
        if not (len(secret) >= _SHORTEST_SECRET and secret.isascii() and secret.isprintable()):
            raise AppError.at("secret", "field_invalid", field="secret", reason=f"≥ {_SHORTEST_SECRET} ASCII")
        try:
            self._channels.check_secret(kind, secret)
        except NoticeError as wrong:
            raise AppError.at("secret", wrong.code, **wrong.params) from None


def _with_secret(target: Target) -> Target:
    made = f"whsec_{secrets.token_urlsafe(24)}"
    return Target(target.id, target.kind, target.address, target.language, target.label, made)
