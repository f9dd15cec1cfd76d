"""env.deploy.example is the list of what a deployment can be told besides the settings of the service."""

import re

from batchgen.settings import ROOT, Settings
from config.api_keys import KEY_VARIABLES

SHOWN = dict(
    re.findall(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", (ROOT / "env.deploy.example").read_text(encoding="utf-8"), re.MULTILINE)
)
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SCRIPTS = "".join(p.read_text() for p in [*ROOT.glob("deploy*.sh"), *(ROOT / "scripts" / "deploy").glob("*.sh")])
SERVICE = {name.upper() for name in Settings.model_fields} | set(KEY_VARIABLES.values())
MADE = {"REDIS_PASSWORD", "METRICS_TOKEN", "GRAFANA_PASSWORD", "FLOWER_PASSWORD"}  # by deploy.sh, at the first run
HANDED_OVER = {
    "IMAGE_TAG",
    "VERSION",
    "REVISION",
    "ENV_FILE",
    "WORKER_STOP_SECONDS",
    "METRICS_TOKEN_FILE",
}  # by deploy.sh


def test_everything_that_is_read_is_shown_and_the_other_way_round():
    read = set(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*)", COMPOSE)) | set(
        re.findall(r"value_of ([A-Z][A-Z0-9_]*)[ )]", SCRIPTS)
    )

    assert read - SERVICE - MADE - HANDED_OVER == set(SHOWN)


def test_the_values_shown_are_the_defaults_of_compose():
    defaults = dict(re.findall(r"(?<!\$)\$\{([A-Z][A-Z0-9_]*):-([^}]*)\}", COMPOSE))

    both = set(SHOWN) & set(defaults)

    assert {n: defaults[n] for n in both} == {n: SHOWN[n] for n in both}
    assert defaults["MAX_UPLOAD_MB"] == str(Settings.model_fields["max_upload_mb"].default)
    assert defaults["GENERATE_WAIT_SECONDS"] == str(Settings.model_fields["generate_wait_seconds"].default)
