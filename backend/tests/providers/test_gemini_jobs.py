"""The adapter of Gemini's batch API against the wire; and the wire against Google's own library."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google import genai
from google.genai import types

from batchgen.domain.economy import JobState
from batchgen.domain.failures import Charged, Failure, ProviderFailure
from batchgen.domain.pictures import Picture
from batchgen.providers.base import ProviderConfig, key_id
from batchgen.providers.gemini import Gemini
from batchgen.providers.gemini_jobs import GeminiJobs
from batchgen.providers.registry import Registry
from tests.fakes.calls import Call, json_reply
from tests.fakes.gemini_batch_server import GeminiBatchServer
from tests.fakes.gemini_server import ERRORS
from tests.providers.conftest import BASE, GEMINI, KEYS, REFERENCES, asked

KEY, OTHER_KEY = key_id(KEYS[0]), key_id(KEYS[1])
SMALL, LARGE = 1000, 10**9


@pytest.fixture
def fake() -> Iterator[GeminiBatchServer]:
    with GeminiBatchServer(keys=KEYS, job_latency_s=0) as server:
        yield server


@pytest.fixture
def jobs(fake: GeminiBatchServer) -> Iterator[GeminiJobs]:
    gemini = Gemini(ProviderConfig(KEYS, fake.url))
    yield GeminiJobs(gemini)
    gemini.close()


def requests(jobs: GeminiJobs, folder: Path, count: int = 3) -> Path:
    file = folder / "requests.jsonl"
    lines = [jobs.line(f"b-{n}", asked(GEMINI, f"picture {n}", BASE, *REFERENCES, seed=n)) for n in range(count)]
    file.write_bytes(b"".join(lines))
    return file


def made(jobs: GeminiJobs, name: str, file: Path, answer_bytes: int = SMALL) -> str:
    staged = jobs.stage(name, file, answer_bytes=answer_bytes, key=KEY)
    return jobs.create(name, GEMINI, staged, key=KEY, timeout_s=20)


def results(jobs: GeminiJobs, remote: str, folder: Path) -> dict[str, object]:
    return dict(jobs.results(remote, KEY, folder / "results.jsonl"))


def failure(act) -> Failure:
    with pytest.raises(ProviderFailure) as caught:
        act()
    assert caught.value.__context__ is None  # the library's own would hold the key
    return caught.value.failure


@pytest.mark.parametrize("answer_bytes", [SMALL, LARGE], ids=["inline", "file"])
def test_results_come_back_by_their_key_whatever_their_order(
    jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path, answer_bytes: int
):
    remote = made(jobs, "ours.1", requests(jobs, tmp_path), answer_bytes)

    assert jobs.look(remote, KEY).state is JobState.SUCCEEDED
    found = results(jobs, remote, tmp_path)
    assert list(found) == ["b-2", "b-1", "b-0"]
    job = fake.jobs[remote]
    assert job.inline == (answer_bytes == SMALL)
    for name, call in job.requests:
        single = Gemini(ProviderConfig(KEYS, fake.url))
        same = single.generate(asked(GEMINI, call.prompt, BASE, *REFERENCES), timeout_s=10)
        single.close()
        picture = found[name]
        assert isinstance(picture, Picture)
        assert picture.data == same.data
        assert call.order == ["image", "image", "image", "text"]
        assert call.options["seed"] == int(name[-1])
        assert call.options["responseModalities"] == ["IMAGE"]


def test_a_request_that_the_model_does_not_take_is_refused_before_anything_is_sent(jobs: GeminiJobs):
    assert failure(lambda: jobs.line("b-0", asked(GEMINI, "p", size="9K"))).code == "invalid_input"


@pytest.mark.parametrize("answer_bytes", [SMALL, LARGE], ids=["inline", "file"])
def test_errors_of_single_requests_have_the_meaning_that_they_have_for_calls(
    jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path, answer_bytes: int
):
    fates = {
        "invalid_argument": ("invalid_input", Charged.NO), "rate_minute": ("provider_rate_limited", Charged.NO),
        "quota_day": ("quota_exhausted", Charged.NO), "overloaded": ("upstream_busy", Charged.NO),
        "internal": ("upstream_busy", Charged.NO), "forbidden": ("auth", Charged.NO),
        "not_found": ("model_unavailable", Charged.NO), "blocked": ("blocked_input", Charged.NO),
        "finish:IMAGE_SAFETY": ("blocked_output", Charged.NO), "text_only": ("no_image", Charged.UNKNOWN),
    }  # fmt: skip
    names = list(fates)

    def fate(call: Call) -> str:
        return names[int(call.prompt.split()[-1])]

    fake.plan = fate
    remote = made(jobs, "ours.1", requests(jobs, tmp_path, len(names)), answer_bytes)

    found = results(jobs, remote, tmp_path)
    told = {names[int(key[2:])]: (one.code, one.charged) for key, one in found.items() if isinstance(one, Failure)}
    assert told == fates
    hinted = found[f"b-{names.index('rate_minute')}"]
    assert isinstance(hinted, Failure)
    assert hinted.retry_after_s == 18.2


@pytest.mark.parametrize("name", sorted(set(ERRORS) - {"key_invalid"}))
def test_a_refused_creation_has_the_meaning_that_it_has_for_a_call(
    jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path, name: str
):
    fake.job_plan, fake.plan = [name], [name]
    file = requests(jobs, tmp_path, 1)
    told = failure(lambda: made(jobs, "ours.1", file))

    single = Gemini(ProviderConfig(KEYS[:1], fake.url))
    same = failure_of_single(single)
    single.close()
    assert (told.code, told.charged) == (same.code, same.charged)
    assert told.retry_after_s == pytest.approx(same.retry_after_s, abs=30)  # until midnight, it shrinks by the second


def failure_of_single(gemini: Gemini) -> Failure:
    with pytest.raises(ProviderFailure) as caught:
        gemini.generate(asked(GEMINI, "p"), timeout_s=10)
    return caught.value.failure


def test_a_job_is_found_by_our_name_on_any_page_and_under_its_own_key_only(
    jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path
):
    file = requests(jobs, tmp_path, 1)
    those = [made(jobs, f"ours.{n}", file) for n in range(5)]
    twin = made(jobs, "ours.0", file)

    assert jobs.find("ours.0", KEY) == [those[0], twin]
    assert jobs.find("ours.3", KEY) == [those[3]]
    assert jobs.find("ours.3", OTHER_KEY) == []
    assert jobs.find("ours", KEY) == []


def test_a_cancelled_job_gives_what_it_had_made(jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path):
    fake.job_plan, fake.only = ["hang"], 1
    remote = made(jobs, "ours.1", requests(jobs, tmp_path))
    assert jobs.look(remote, KEY).state in (JobState.PENDING, JobState.RUNNING)

    jobs.cancel(remote, KEY)

    assert jobs.look(remote, KEY).state is JobState.CANCELLED
    assert list(results(jobs, remote, tmp_path)) == ["b-0"]


def test_a_failed_job_says_why(jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path):
    fake.job_plan = ["fail"]
    remote = made(jobs, "ours.1", requests(jobs, tmp_path))

    look = jobs.look(remote, KEY)

    assert look.state is JobState.FAILED
    assert look.failure is not None
    assert (look.failure.code, look.failure.detail) == ("upstream_busy", "INTERNAL: The batch broke.")


def test_no_other_key_stands_in_for_one_that_is_gone(fake: GeminiBatchServer):
    gemini = Gemini(ProviderConfig(KEYS[1:], fake.url))

    assert failure(lambda: GeminiJobs(gemini).find("ours.1", KEY)).code == "auth"
    gemini.close()


def test_a_key_in_the_providers_words_is_masked(jobs: GeminiJobs, fake: GeminiBatchServer, tmp_path: Path):
    fake.plan = ["echo"]
    file = tmp_path / "requests.jsonl"
    file.write_bytes(jobs.line("b-0", asked(GEMINI, f"draw {KEYS[0]}")))
    remote = made(jobs, "ours.1", file)

    told = results(jobs, remote, tmp_path)["b-0"]
    assert isinstance(told, Failure)
    assert KEYS[0] not in told.detail
    assert "***" in told.detail


def test_a_provider_without_a_batch_api_is_refused():
    registry = Registry({"doubao": ProviderConfig(("k" * 20,))})
    assert failure(lambda: registry.jobs("doubao")).code == "model_unavailable"


def test_the_wire_is_what_googles_own_library_speaks(fake: GeminiBatchServer, tmp_path: Path):
    client = genai.Client(
        api_key=KEYS[0], vertexai=False, http_options=types.HttpOptions(base_url=fake.url, api_version="v1beta")
    )
    config = {"response_modalities": ["IMAGE"]}
    source: Any = [{"contents": "a fox", "config": config, "metadata": {"key": "k0"}}]
    inline = client.batches.create(model=GEMINI, src=source, config={"display_name": "theirs"})
    done = client.batches.get(name=inline.name or "")
    assert done.state is types.JobState.JOB_STATE_SUCCEEDED
    assert done.dest
    assert done.dest.inlined_responses
    assert done.dest.inlined_responses[0].metadata == {"key": "k0"}
    assert [job.name for job in client.batches.list()] == [inline.name]

    request = tmp_path / "theirs.jsonl"
    request.write_text(
        '{"key": "k1", "request": {"contents": [{"parts": [{"text": "a fox"}]}],'
        ' "generationConfig": {"responseModalities": ["IMAGE"]}}}\n'
    )
    file = client.files.upload(file=request, config={"mime_type": "application/jsonl", "display_name": "theirs"})
    job = client.batches.create(model=GEMINI, src=file.name or "", config={"display_name": "theirs 2"})
    done = client.batches.get(name=job.name or "")
    assert done.dest
    assert done.dest.file_name
    assert b'"k1"' in (client.files.download(file=done.dest.file_name) or b"")
    fake.job_plan = ["hang"]
    client.batches.cancel(name=client.batches.create(model=GEMINI, src=file.name or "", config={}).name or "")


def test_a_list_that_has_no_end_does_not_say_that_a_job_is_not_there(
    jobs: GeminiJobs, fake: GeminiBatchServer, monkeypatch: pytest.MonkeyPatch
):
    endless = json_reply(200, {"operations": [], "nextPageToken": "0"})
    monkeypatch.setattr(fake, "fetch", lambda *_: endless)

    assert failure(lambda: jobs.find("ours.1", KEY)).code == "upstream_busy"
