"""Servers and models that an administrator adds by a file, each under its own name."""

import os
import subprocess
import typing
from pathlib import Path

import pytest

from batchgen.bootstrap import core
from batchgen.domain.failures import Charged
from batchgen.domain.pictures import Options
from batchgen.domain.ratios import Promise, promised_ratio
from batchgen.providers.catalogue import RATIOS, CatalogueError, catalogue, load_catalogue
from batchgen.providers.models_file import _Row
from batchgen.providers.registry import ProviderConfig, Registry
from batchgen.settings import load
from config.api_keys import keys_in
from tests.conftest import BACKEND, PYTHON
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.pictures import picture_for
from tests.providers.conftest import BASE, asked, told

TWO = """
[[servers]]
id = "relay"
name_zh = "中转"
name_en = "Relay"
base_url = "{relay}"
key_variable = "RELAY_API_KEY"
concurrency = 3
rate_per_minute = 120

[[servers.models]]
id = "gpt-image-2"
name_en = "GPT Image 2 by relay"
price_micros = {{ "1K" = 30_000, "2K" = 60_000 }}
ratios = "R10"
pixels = [655_360, 8_294_400]
sends = ["size", "quality", "response_format"]
quality = "high"
formats = ["png", "jpeg"]

[[servers]]
id = "own"
base_url = "{own}"

[[servers.models]]
id = "flux/dev"
price_micros = 0
takes_seed = true
sends = ["size", "response_format", "seed"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_two_servers_stand_side_by_side_each_under_its_own_name(file):
    with OpenAIServer(relay=True, keys=["test-key-1"]) as relay, OpenAIServer(relay=True) as own:
        sections = load_catalogue(written(file, TWO.format(relay=relay.base_url, own=own.base_url)))
        configs = {
            "relay": ProviderConfig(("test-key-1",), relay.base_url),
            "own": ProviderConfig((), own.base_url),
        }
        registry = Registry(configs, "relay", sections)
        first = registry.adapter("relay").generate(asked("gpt-image-2", "x", BASE, size="2K"), timeout_s=20)
        second = registry.adapter("own").generate(asked("flux/dev", "x", seed=5), timeout_s=20)
        wrong = told(registry.adapter("own"), "gpt-image-2")
        registry.close()

    assert [registry.adapter(name).id for name in ("relay", "own")] == ["relay", "own"]
    assert (first.mime, second.data) == ("image/png", picture_for("x", []))
    assert relay.calls[0].options == {"size": "2368x1776", "quality": "high", "response_format": "b64_json"}
    assert own.calls[0].options == {"size": "auto", "response_format": "b64_json", "seed": 5}
    assert (wrong.code, wrong.charged, len(own.calls)) == ("model_unavailable", Charged.NO, 1)


def test_a_server_is_shown_as_the_file_says_and_its_first_model_is_the_default(file):
    sections = load_catalogue(written(file, TWO.format(relay="https://relay.test/v1", own="http://own.test:9000/v1")))
    infos = {info.id: info for info in Registry({}, "", sections).infos()}

    assert list(infos) == ["gemini", "doubao", "openai", "demo", "relay", "own"]
    relay, own = infos["relay"], infos["own"]
    assert (relay.name_zh, relay.name_en, relay.default_model) == ("中转", "Relay", "gpt-image-2")
    assert (relay.available, relay.reason) == (False, "provider_unavailable")  # it names a key, and none is set
    assert (own.available, own.default, own.name_zh) == (True, True, "own")  # it needs none, so it goes before the demo
    assert relay.models[0].prices == (("1K", 30_000), ("2K", 60_000))
    assert (relay.models[0].name_zh, relay.models[0].max_references) == ("GPT Image 2 by relay", 15)
    assert own.models[0].aspect_ratios == RATIOS["R3"]


def test_a_model_that_is_sent_no_size_offers_none_and_promises_nothing(file):
    row = '[[servers]]\nid = "own"\nbase_url = "http://own.test/v1"\n[[servers.models]]\nid = "m"\nsends = []\n'
    [bare] = load_catalogue(written(file, row + 'price_micros = {"1K"=1, "2K"=2}\n'))["own"].offered

    assert (bare.aspect_ratios, bare.sizes, bare.takes_seed) == ((), (), False)
    assert promised_ratio(bare, Options(), (400, 300)) == Promise()


def test_a_row_says_what_its_model_takes(file):
    row = TWO.format(relay="https://relay.test/v1", own="http://own.test/v1")
    own = "max_variants = 4\ntakes_watermark = true\ntakes_alpha = false\nmin_input_side = 64\nwidest_input = 2.5\n"
    sections = load_catalogue(written(file, row + own))
    [flux], [relay] = sections["own"].offered, sections["relay"].offered

    assert (flux.max_variants, flux.takes_watermark, flux.takes_alpha, flux.takes_seed) == (4, True, False, True)
    assert (flux.min_input_side, flux.widest_input, flux.canvas.mode) == (64, 2.5, "fixed")
    assert (relay.canvas.mode, relay.canvas.step, relay.canvas.widest) == ("pixels", 16, 3)


def test_a_known_model_is_changed_and_all_else_stays(file):
    sections = load_catalogue(
        written(
            file,
            '[[gemini.models]]\nid = "gemini-3-pro-image"\nprice_micros = {"1K"=120_000, "4K"=9}\ndefault = true\n',
        )
    )
    before, after = (s["gemini"].find("gemini-3-pro-image") for s in (catalogue(), sections))

    assert before is not None
    assert after is not None
    assert (after.capabilities.price(), after.capabilities.input_price_micros) == (120_000, 1_100)
    assert after.capabilities.sizes == ("1K", "4K")
    assert after.capabilities.name_zh == before.capabilities.name_zh
    assert [m.id for m in sections["gemini"].offered if m.default] == ["gemini-3-pro-image"]
    assert [m.id for m in sections["gemini"].offered] == [m.id for m in catalogue()["gemini"].offered]
    assert {n: s for n, s in sections.items() if n != "gemini"} == {
        n: s for n, s in catalogue().items() if n != "gemini"
    }


def test_a_model_is_added_withdrawn_or_brought_back(file):
    sections = load_catalogue(
        written(
            file,
            '[[doubao.models]]\nid = "doubao-seedream-6"\nprice_micros = 9\npixels = [921_600, 4_624_220]\n'
            '[[doubao.models]]\nid = "doubao-seedream-4-5-251128"\navailable = false\n'
            '[[gemini.models]]\nid = "gemini-3.1-flash-image"\navailable = true\n',
        )
    )
    doubao, gemini = ({m.id: m for m in sections[name].offered} for name in ("doubao", "gemini"))

    assert doubao["doubao-seedream-6"].name_en == "doubao-seedream-6"
    assert doubao["doubao-seedream-6"].aspect_ratios == RATIOS["R10"]  # what all of the provider's models share
    assert "doubao-seedream-4-5-251128" not in doubao
    assert sections["doubao"].find("doubao-seedream-4-5-251128")
    assert "gemini-3.1-flash-image" in gemini


def test_an_empty_file_changes_nothing(file):
    assert load_catalogue(written(file, "# nothing yet\n")) == catalogue()


SERVER = '[[servers]]\nid = "relay"\nbase_url = "https://relay.test/v1"\n'
MODEL = '[[servers.models]]\nid = "m"\nprice_micros = 1\n'


WRONG_FILES = [
    ("[[servers", "the file is not TOML: "),
    ("[relay]\n", "[relay] is no provider; there are gemini, doubao, openai, demo, and [[servers]] adds one"),
    ("[servers]\n", "servers is to be written as [[servers]], once for each"),
    ('[[servers]]\nbase_url = "https://r.test"\n' + MODEL, "[[servers]] number 1: id is missing"),
    ('[[servers]]\nid = "relay"\n' + MODEL, '[[servers]] "relay": base_url is missing'),
    (SERVER.replace("https:", "ftp:") + MODEL, '[[servers]] "relay": base_url is wrong: '),
    (SERVER.replace("//", "//me:hunter2@") + MODEL, '[[servers]] "relay": base_url is wrong: '),
    (SERVER.replace('"relay"', '"Re lay"') + MODEL, '[[servers]] "Re lay": id is wrong: '),
    (SERVER.replace('"relay"', '"openai"') + MODEL, '[[servers]] "openai": the id is taken'),
    (SERVER + MODEL + SERVER + MODEL, '[[servers]] "relay": the id is taken'),
    (SERVER + 'key_variable = "sk-hunter2"\n' + MODEL, '[[servers]] "relay": key_variable is wrong: '),
    (SERVER + "concurrency = 0\n" + MODEL, '[[servers]] "relay": concurrency is wrong: '),
    (SERVER + 'api_key = "hunter2"\n' + MODEL, '[[servers]] "relay": api_key is no field'),
    (SERVER, '[[servers]] "relay": exactly one model that is offered is to be the default'),
    (SERVER + "models = 3\n", '[[servers]] "relay": models is wrong: '),
    (SERVER + '[[servers.models]]\nid = "m"\n', '[[servers.models]] "m": price_micros is missing'),
    (SERVER + "[[servers.models]]\nprice_micros = 1\n", "[[servers.models]] number 1: id is missing"),
    (SERVER + MODEL + MODEL, '[[servers.models]] "m": the id stands there twice'),
    (SERVER + MODEL + "price = 3\n", '[[servers.models]] "m": price is no field'),
    (SERVER + MODEL.replace("1\n", '"1"\n'), '[[servers.models]] "m": price_micros is wrong: '),
    (SERVER + MODEL.replace("1\n", "-1\n"), '[[servers.models]] "m": price_micros is wrong: '),
    (SERVER + MODEL.replace("1\n", '{ "8K" = 1 }\n'), '[[servers.models]] "m": price_micros is wrong: '),
    (SERVER + MODEL + 'ratios = "R99"\n', '[[servers.models]] "m": ratios is wrong: '),
    (SERVER + MODEL + 'deprecated = "2026-13-01"\n', '[[servers.models]] "m": deprecated is wrong: '),
    (SERVER + MODEL + "pixels = [9, 3]\n", '[[servers.models]] "m": pixels is to be the fewest and the most'),
    (SERVER + MODEL + 'successor = "n"\n', '[[servers.models]] "m": successor is no model of this provider'),
    ("[gemini]\nshared = { id_ = 1 }\n", "[gemini.shared]: id_ is no field"),
    ('[[gemini.models]]\nid = "new"\n', '[[gemini.models]] "new": price_micros is missing'),
    (
        '[[gemini.models]]\nid = "gemini-nano-banana-2.1"\navailable = false\n',
        "[gemini]: exactly one model that is offered is to be the default",
    ),
]


@pytest.mark.parametrize(("text", "told"), WRONG_FILES)
def test_a_wrong_file_is_told_in_one_sentence(file, text, told):
    with pytest.raises(CatalogueError) as wrong:
        load_catalogue(written(file, text))

    sentence = str(wrong.value)
    assert sentence.startswith(f"MODELS_FILE is wrong: {file}: {told}")
    assert "\n" not in sentence
    assert "hunter2" not in sentence
    assert wrong.value.__cause__ is None


def test_a_file_that_is_not_there_or_no_text_is_told(file):
    with pytest.raises(CatalogueError, match=r"the file cannot be read \(No such file or directory\)"):
        load_catalogue(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CatalogueError, match="the file is not UTF-8"):
        load_catalogue(file)


def test_the_file_knows_every_list_of_ratios():
    assert set(typing.get_args(_Row.model_fields["ratios"].annotation)) == {"", *RATIOS}


def test_a_servers_key_stands_in_the_variable_that_the_file_names():
    assert keys_in("RELAY_API_KEY", {"RELAY_API_KEY": " one, two ,"}) == ["one", "two"]
    assert keys_in("", {"RELAY_API_KEY": "one"}) == []


def test_keys_and_limits_of_a_server_reach_the_adapters_and_the_queue(file, redis, redis_server, monkeypatch):
    monkeypatch.setenv("RELAY_API_KEY", "test-key-1")
    settings = {"REDIS_URL": redis_server.url, "OPENAI_CONCURRENCY": "5", "VAR_DIR": str(file.parent / "var")}
    with OpenAIServer(relay=True, keys=["test-key-1"]) as relay, OpenAIServer(relay=True) as own:
        written(file, TWO.format(relay=relay.base_url, own=own.base_url))
        parts = core(load(settings | {"MODELS_FILE": str(file)}))
        parts.queue.tell("worker", 100)
        rooms = [parts.queue.room(lane) for lane in ("relay/gpt-image-2", "own/flux/dev")]
        picture = parts.registry.adapter("relay").generate(asked("gpt-image-2"), timeout_s=20)
        parts.close()

    assert rooms == [3, 5]
    assert picture.data
    assert relay.calls[0].key == 0


@pytest.mark.parametrize("start", [["app.py"], ["-c", "import worker"]])
def test_a_wrong_file_stops_the_process_before_it_serves(file, start):
    written(file, SERVER + 'api_key = "hunter2"\n' + MODEL)
    environ = {"PATH": os.environ["PATH"], "MODELS_FILE": str(file)}

    ended = subprocess.run([PYTHON, *start], cwd=BACKEND, env=environ, capture_output=True, text=True, timeout=60)

    assert ended.returncode == 2
    assert ended.stderr.strip().splitlines() == [
        f'MODELS_FILE is wrong: {file}: [[servers]] "relay": api_key is no field'
    ]
