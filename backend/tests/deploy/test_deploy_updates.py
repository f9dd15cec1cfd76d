"""Another version beside the one that runs, in the middle of work; and back when it is not healthy."""

from pathlib import Path

import pytest

from tests.deploy.host import Host, Poller, sh

pytestmark = pytest.mark.timeout(900)


def test_an_update_in_the_middle_of_a_batch_loses_and_repeats_nothing(host: Host):
    host.start_fake(4.0)
    items = [{"prompt": f"picture number {n}"} for n in range(200)]
    batch = host.post("/api/batches", {"prompt": "unused", "items": items})
    before = {service: host.ids(service) for service in ("web", "worker")}
    host.change("nginx/nginx.conf", "worker_processes auto;", "worker_processes 2;")
    host.change("backend/batchgen/__init__.py", '__version__ = "0.1.0"', '__version__ = "0.1.1"')

    with Poller(host.url) as poller:
        said = host.deploy("update")
        assert host.counts(batch["id"])["succeeded"] < 200, "the batch was over before the update was"
        host.hurry_fake()
        counts = host.until_done(batch["id"], 300)

    assert "The new version serves" in said
    assert host.get("/health")["version"] == "0.1.1"
    assert all(set(host.ids(service)).isdisjoint(old) for service, old in before.items())
    assert counts["succeeded"] == 200, counts
    asked = sorted(call["prompt"] for call in host.calls())
    assert asked == sorted(item["prompt"] for item in items), "each is asked for, and paid, once"
    assert sh("docker", "exec", host.ids("web")[0], "python", "check_ledger.py").stdout.startswith("Ledger, items and")
    assert sum(poller.answers.values()) > 200
    assert poller.answers["502"] + poller.answers["503"] + poller.answers["504"] <= 20, poller.answers
    assert poller.answers["no answer"] <= 50, poller.answers


@pytest.mark.parametrize(("part", "path"), [("web tier", "backend/app.py"), ("workers", "backend/worker.py")])
def test_a_broken_version_rolls_back_by_itself(host: Host, part: str, path: str):
    before = {service: host.ids(service) for service in ("web", "worker", "nginx")}
    first = (host.clone / path).read_text().splitlines()[0]
    host.change(path, first, f"{first}\nraise SystemExit('broken on purpose')")

    with Poller(host.url) as poller:
        said = host.deploy("update", check=False)

    assert host.status == 1
    assert part in said
    assert "Rolled back" in said
    assert "broken on purpose" in said
    assert {service: host.ids(service) for service in before} == before
    assert set(poller.answers) == {"200"}
    assert host.get("/health")["status"] == "ok"
    host.change(path, "\nraise SystemExit('broken on purpose')", "")


def test_what_an_update_gives_up_finishes_what_it_took_and_a_backup_may_run_meanwhile(host: Host, tmp_path: Path):
    """The new workers are at work already when the front proves broken."""
    host.start_fake(3.0)
    items = [{"prompt": f"picture number {n}"} for n in range(80)]
    batch = host.post("/api/batches", {"prompt": "unused", "items": items})
    host.deploy("backup", str(tmp_path / "meanwhile.tar"))
    front = host.ids("nginx")
    host.change("nginx/start.sh", "\nset -eu\n", "\nset -eu\nexit 1 # broken on purpose\n")

    said = host.deploy("update", check=False)
    host.hurry_fake()
    counts = host.until_done(batch["id"], 300)

    assert "The new Nginx is not healthy" in said
    assert "Rolled back" in said
    assert counts["succeeded"] == 80, counts
    asked = sorted(call["prompt"] for call in host.calls())
    assert asked == sorted(item["prompt"] for item in items), "each is asked for, and paid, once"
    assert host.get("/health")["status"] == "ok"
    assert len(host.ids("nginx")) == len(front)
    host.change("nginx/start.sh", "exit 1 # broken on purpose\n", "")
