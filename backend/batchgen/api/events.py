"""Server-Sent Events: each change once, in order, resumable by its id."""

import json
from collections import OrderedDict
from collections.abc import Iterator

from flask import Blueprint, Response, request

from batchgen.api.batches import batch_out
from batchgen.api.context import current_user, language, still_welcome
from batchgen.api.contract import operation
from batchgen.schemas.batches import EventsQuery
from batchgen.schemas.items import ItemOut, Successors
from batchgen.services.catalogue import CatalogueService
from batchgen.services.events import EventService, Live

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class _Frames:
    """The last changes as bytes: made once per language, however many people watch."""

    def __init__(self, successors: Successors, size: int = 2000) -> None:
        self._successors, self._size = successors, size
        self._made = OrderedDict[tuple[int, str], tuple[Live, bytes]]()

    def of(self, live: Live, said: str) -> bytes:
        if live.kind in ("beat", "at"):
            return _frame(live, said, self._successors)
        key = (id(live), said)  # the value is held beside the frame, so its id stays its own
        if key not in self._made:
            self._made[key] = (live, _frame(live, said, self._successors))
            if len(self._made) > self._size:
                self._made.popitem(last=False)
        return self._made[key][1]


def _frame(live: Live, said: str, successors: Successors) -> bytes:
    if live.kind == "beat":
        return b": beat\n\n"
    head = f"id: {live.id}\n" if live.id else ""
    if live.kind == "at":  # no data: the browser only remembers the place
        return f"{head}retry: 2000\n\n".encode()
    data = "{}"
    if live.item:
        data = ItemOut.of(live.item, said, successors).model_dump_json()
    elif live.batch:
        data = batch_out(live.batch).model_dump_json()
    elif live.gone:
        data = json.dumps({"id": live.gone})
    return f"{head}event: {live.kind}\ndata: {data}\n\n".encode()


def blueprint(events: EventService, catalogue: CatalogueService) -> Blueprint:
    bp = Blueprint("events", __name__, url_prefix="/api")
    frames = _Frames(catalogue.successor)

    def stream(query: EventsQuery, batch_id: str | None = None) -> Response:
        if request.method == "HEAD":  # nothing is read, so nothing must be kept for it
            return Response(mimetype="text/event-stream", headers=_HEADERS)
        said = query.lang or language()
        after = request.headers.get("Last-Event-ID") or query.after or None
        lives = events.follow(current_user(), after, batch_id, still_welcome())

        def chunks() -> Iterator[bytes]:
            for live in lives:
                yield frames.of(live, said)

        response = Response(chunks(), mimetype="text/event-stream", headers=_HEADERS)
        response.call_on_close(lives.close)
        return response

    @bp.get("/events")
    @operation(
        "Changes of all your batches, live", {200: "text/event-stream"}, query=EventsQuery, headers=("Last-Event-ID",)
    )
    def all_events(query: EventsQuery) -> Response:
        return stream(query)

    @bp.get("/batches/<batch_id>/events")
    @operation("Changes of one batch, live", {200: "text/event-stream"}, query=EventsQuery, headers=("Last-Event-ID",))
    def batch_events(batch_id: str, query: EventsQuery) -> Response:
        return stream(query, batch_id)

    return bp
