"""The Gemini API with its batches and files, as google-genai 3.x speaks to them [G `batches`, `files`, `_api_client`].

`job_plan` gives a behaviour per job and then `ok`: `hang` (never ends by itself), `deaf` (nor when it is cancelled),
`fail`, `expire`, `lost` and `lost_before` (made, or not, and the answer never comes), and the names of errors, which
refuse it. `plan` chooses what becomes of each request, as it does for calls. `only`: of a cancelled job, how many
requests had been made. Answers come in another order than the requests. `POST /_control` takes `job_plan`,
`job_latency_s`, and `finish`: every job is done after all.
"""

import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.calls import Call, Refused, Reply, json_reply
from tests.fakes.gemini_server import ERRORS, GeminiServer, error
from tests.fakes.wire import NORMAL, main

_CREATE = re.compile(r"/v1beta/models/([^/:]+):batchGenerateContent")
_CANCEL = re.compile(r"/v1beta/(batches/[^/:]+):cancel")
_DOWNLOAD = re.compile(r"/v1beta/(files/[^/:]+):download")
_PAGE = 2  # however many are asked for, so that one has to turn pages
_MAX_INLINE = 20_000_000
_GRPC = {
    "CANCELLED": 1, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "INTERNAL": 13, "UNAVAILABLE": 14, "UNAUTHENTICATED": 16,
}  # fmt: skip


@dataclass
class Job:
    name: str
    display_name: str
    model: str
    key: int
    requests: list[tuple[str, Call]]
    inline: bool
    behaviour: str
    latency_s: float
    created: float = field(default_factory=time.time)
    cancels: int = 0
    polls: int = 0
    stopped: bool = False
    results: list[dict[str, Any]] | None = None

    @property
    def state(self) -> str:
        if self.stopped:
            return "CANCELLED"
        age = time.time() - self.created
        if self.behaviour in ("hang", "deaf") or age < self.latency_s:
            return "PENDING" if age < self.latency_s / 3 else "RUNNING"
        return {"fail": "FAILED", "expire": "EXPIRED"}.get(self.behaviour, "SUCCEEDED")


class GeminiBatchServer(GeminiServer):
    """Base URL: `.url`. `job_latency_s`: seconds that a job takes."""

    def __init__(self, *, job_latency_s: float = 0.2, job_plan: Iterable[str] = (), only: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.job_latency_s, self.job_plan, self.only = job_latency_s, list(job_plan), only
        self.jobs: dict[str, Job] = {}
        self.files: dict[str, bytes] = {}
        self.creates = 0  # requests for a job, answered or not

    def control(self, order: dict[str, Any]) -> None:
        super().control(order)
        with self.lock:
            self.job_latency_s = float(order.get("job_latency_s", self.job_latency_s))
            self.job_plan = list(order.get("job_plan", self.job_plan))
            for job in self.jobs.values() if order.get("finish") else ():
                job.behaviour = NORMAL

    def made(self) -> dict[str, int]:
        """Pictures that were paid: how often each prompt was made, in jobs and in calls."""
        counts: dict[str, int] = {}
        done = [call for job in self.jobs.values() for call in _drawn(job)]
        for call in done + [c for c in self.calls if c.status == 200]:
            counts[call.prompt] = counts.get(call.prompt, 0) + 1
        return counts

    def other(self, path: str, headers: dict[str, str], body: bytes) -> Reply | str | None:
        try:
            if path.startswith("/upload/v1beta/files"):
                return self._upload(path, headers, body)
            if found := _CREATE.fullmatch(path):
                return self._create(found[1], self.admitted(headers), body)
            if found := _CANCEL.fullmatch(path):
                return self._cancel(found[1], self.admitted(headers))
        except Refused as refused:
            return refused.reply
        return None

    def fetch(self, path: str, headers: dict[str, str]) -> Reply:
        place, query = urlsplit(path), parse_qs(urlsplit(path).query)
        try:
            key = self.admitted(headers)
            if place.path == "/v1beta/batches":
                return self._list(key, query)
            if found := _DOWNLOAD.fullmatch(place.path):
                data = self.files.get(found[1])
                if data is None or query.get("alt") != ["media"]:
                    return ERRORS["not_found"]
                return Reply(200, data, "application/octet-stream")
            with self.lock:
                job = self._job(place.path.removeprefix("/v1beta/"), key)
                job.polls += 1
                return json_reply(200, self._operation(job))
        except Refused as refused:
            return refused.reply

    # jobs

    def _create(self, model: str, key: int, body: bytes) -> Reply | str:
        with self.lock:
            self.creates += 1
            behaviour = self.job_plan.pop(0) if self.job_plan else NORMAL
        if behaviour in ERRORS:
            return ERRORS[behaviour]
        if behaviour == "lost_before":
            return "hang"
        if len(body) > _MAX_INLINE:
            return ERRORS["too_large"]
        batch = json.loads(body)["batch"]
        source = batch["inputConfig"]
        rows = (
            [(r.get("metadata", {}).get("key", ""), r["request"]) for r in source["requests"]["requests"]]
            if "requests" in source
            else self._rows(source["fileName"])
        )
        requests = [(name, self.read_request(model, key, json.dumps(request).encode())) for name, request in rows]
        with self.lock:
            number = len(self.jobs) + 1
            job = Job(
                f"batches/job{number}", batch.get("displayName", ""), model, key, requests, "requests" in source,
                behaviour, self.job_latency_s,
            )  # fmt: skip
            self.jobs[job.name] = job
            return "hang" if behaviour == "lost" else json_reply(200, self._operation(job))

    def _rows(self, file: str) -> list[tuple[str, Any]]:
        data = self.files.get(file)
        if data is None:
            raise Refused(ERRORS["not_found"])
        found = [json.loads(line) for line in data.splitlines() if line.strip()]
        return [(row["key"], row["request"]) for row in found]

    def _cancel(self, name: str, key: int) -> Reply:
        with self.lock:
            job = self._job(name, key)
            job.cancels += 1
            if job.state in ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED"):
                return error(400, "FAILED_PRECONDITION", "The batch has ended.")
            if job.behaviour != "deaf":
                job.stopped = True
            return json_reply(200, {})

    def _job(self, name: str, key: int) -> Job:
        job = self.jobs.get(name)
        if job is None or job.key != key:
            raise Refused(ERRORS["not_found"])
        return job

    def _list(self, key: int, query: dict[str, list[str]]) -> Reply:
        start = int(query.get("pageToken", ["0"])[0])
        with self.lock:
            mine = [job for job in reversed(self.jobs.values()) if job.key == key]
            page = [self._operation(job, brief=True) for job in mine[start : start + _PAGE]]
        more = {"nextPageToken": str(start + _PAGE)} if start + _PAGE < len(mine) else {}
        return json_reply(200, {"operations": page, **more} if page else more)

    def _operation(self, job: Job, *, brief: bool = False) -> dict[str, Any]:
        state = job.state
        meta: dict[str, Any] = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
            "model": f"models/{job.model}", "displayName": job.display_name, "state": f"BATCH_STATE_{state}",
            "createTime": datetime.fromtimestamp(job.created, UTC).isoformat(), "name": job.name,
        }  # fmt: skip
        body: dict[str, Any] = {"name": job.name, "metadata": meta}
        if state == "FAILED":
            body |= {"done": True, "error": {"code": 13, "message": "The batch broke."}}
        if state in ("SUCCEEDED", "CANCELLED") and not brief:
            meta["output"] = self._output(job)
            body |= {"done": True, "response": meta["output"]}
        return body

    def _output(self, job: Job) -> dict[str, Any]:
        if job.results is None:
            done = job.requests[: self.only] if job.stopped else job.requests
            job.results = [self._answer(name, call) for name, call in reversed(done)]
        if job.inline:
            inlined = [{"metadata": {"key": a["key"]}, **{k: a[k] for k in a if k != "key"}} for a in job.results]
            return {"inlinedResponses": {"inlinedResponses": inlined}}
        file = job.name.replace("batches/", "files/batch-")
        self.files[file] = b"".join(json.dumps(answer).encode() + b"\n" for answer in job.results)
        return {"responsesFile": file}

    def _answer(self, name: str, call: Call) -> dict[str, Any]:
        chosen = self._choose(call)
        call.behaviour = chosen if isinstance(chosen, str) else str(chosen.get("name", NORMAL))
        reply = self.reply(call, call.behaviour)
        call.status, said = reply.status, json.loads(reply.body)
        if reply.status == 200:
            return {"key": name, "response": said}
        told = said["error"]
        plain = {k: v for k, v in told.items() if k in ("message", "details")}
        return {"key": name, "error": {"code": _GRPC.get(told["status"], 2), **plain}}

    # files

    def _upload(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        command = headers.get("x-goog-upload-command", "")
        if command == "start":
            self.admitted(headers)
            name = f"files/upload{len(self.files) + 1}"
            self.files[name] = b""
            return json_reply(200, {}, x_goog_upload_url=f"{self.url}/upload/v1beta/files?upload_id={name}")
        name = parse_qs(urlsplit(path).query)["upload_id"][0]
        if int(headers["x-goog-upload-offset"]) != len(self.files[name]):
            return error(400, "INVALID_ARGUMENT", "The offset is wrong.")
        self.files[name] += body
        if "finalize" not in command:
            return json_reply(200, {}, X_Goog_Upload_Status="active")
        return json_reply(200, {"file": {"name": name, "state": "ACTIVE"}}, X_Goog_Upload_Status="final")


def _drawn(job: Job) -> list[Call]:
    return [call for _, call in job.requests if call.status == 200]


if __name__ == "__main__":
    main(GeminiBatchServer)
