"""A provider that costs nothing: it paints here, so that everything can be tried without a key.

The same prompt, seed and images give the same picture; without a seed each call draws its own, which it tells.
Words in the prompt try the failures out:
`[fail:blocked]` `[fail:rate]` `[fail:timeout]` `[fail:no_image]`, and pictures that nobody asked for:
`[fail:blank]` `[fail:unchanged]` `[fail:ratio]` `[fail:small]`.
"""

import hashlib
import os
import secrets
import threading
import time
from dataclasses import replace

from batchgen.domain.availability import Presence
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Capabilities, Picture, Request
from batchgen.providers.base import ProviderConfig, refusal
from batchgen.providers.catalogue import Entry, Section, catalogue
from batchgen.providers.demo_paint import Unreadable, paint, spoilt

_JITTER = 0.2
_FAILURES = {
    "[fail:blocked]": Failure("blocked_input", Charged.NO, detail="demo: the prompt asks for it"),
    "[fail:rate]": Failure("provider_rate_limited", Charged.NO, 2.0, detail="demo: the prompt asks for it"),
    "[fail:timeout]": Failure("timeout", Charged.UNKNOWN, detail="demo: the prompt asks for it"),
    "[fail:no_image]": Failure("no_image", Charged.UNKNOWN, detail="demo: the prompt asks for it"),
}
_SPOILT = ("blank", "unchanged", "ratio", "small")


class Demo:
    """Adapter of nothing: paints with Pillow after `latency_s`, a fifth more or less."""

    id = "demo"

    def __init__(self, config: ProviderConfig, section: Section | None = None) -> None:
        self._section = section or catalogue()[self.id]
        self._latency_s = config.latency_s
        # painting is work for a core, unlike waiting: as many at once as there are cores, or memory fills up
        self._brushes = threading.BoundedSemaphore(os.cpu_count() or 1)

    def capabilities(self, model: str) -> Capabilities:
        return self._entry(model).capabilities

    def generate(self, request: Request, *, timeout_s: float) -> Picture:
        """One picture. Raises ProviderFailure only."""
        refused = refusal(request, self._entry(request.model))
        if refused:
            raise ProviderFailure(refused)
        if request.options.seed is None:
            request = replace(request, options=replace(request.options, seed=secrets.randbelow(2**31)))
        digest = _digest(request)
        latency = self._latency_s * (1 + _JITTER * (digest[-1] / 127.5 - 1))
        time.sleep(min(latency, timeout_s))  # stands for the wait for a provider
        wanted = next((failure for words, failure in _FAILURES.items() if words in request.prompt), None)
        if latency > timeout_s:
            wanted = Failure("timeout", Charged.NO, detail="demo: slower than the time limit")
        if wanted:
            raise ProviderFailure(wanted)
        return self._paint(request, digest)

    def probe(self, *, timeout_s: float) -> dict[str, Presence]:
        return dict.fromkeys((model.id for model in self._section.offered), Presence.PRESENT)

    def _entry(self, model: str) -> Entry:
        entry = self._section.find(model)
        if entry is None:
            raise ProviderFailure(Failure("model_unavailable", Charged.NO, detail=model[:100]))
        return entry

    def _paint(self, request: Request, digest: bytes) -> Picture:
        kind = request.options.format or "jpeg"
        how = next((how for how in _SPOILT if f"[fail:{how}]" in request.prompt), None)
        try:
            with self._brushes:
                model = self.capabilities(request.model)
                args = (model, request, digest, kind)
                data = spoilt(*args, how) if how else paint(*args)
        except Unreadable:
            raise ProviderFailure(Failure("invalid_input", Charged.NO, detail="the image cannot be read")) from None
        return Picture(
            data=data,
            mime=f"image/{kind}",
            description=f"demo: {request.prompt[:120]}",
            seed=request.options.seed,
            model_version=request.model,
            response_id=digest.hex()[:16],
            usage={"generated_images": 1},
        )


def _digest(request: Request) -> bytes:
    """What the picture depends on, and nothing else: the same request paints the same picture."""
    mix = hashlib.sha256()
    for part in (request.model, request.prompt, str(request.options.seed)):
        mix.update(part.encode() + b"\0")
    for image in request.images:
        mix.update(hashlib.sha256(image.data).digest())
    return mix.digest()
