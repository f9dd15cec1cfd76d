"""What an image of ours brought into its layers, file by file: also one that a later layer hides."""

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping

from tests.deploy.host import sh

# What keys look like that people leave behind; of providers, clouds, code hosts, and of TLS and ssh.
PATTERNS = {
    "a Google key": rb"AIza[0-9A-Za-z_-]{35}",
    "an OpenAI key": rb"sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{40,}",
    "an AWS key": rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a token of GitHub": rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})",
    "a token of Slack": rb"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "a private key": rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}",
}
BASES = ("python:3.12-slim-bookworm", "nginx:1.28-bookworm")


def secrets_in(image: str, ours: Mapping[str, str]) -> Iterator[str]:
    """Where a key's pattern, or one of `ours` (name to value), stands in a layer that its base has not.

    Packages are what the lock's hashes say, and hold examples of keys: among them only `ours` are looked for.
    """
    looks = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}
    searched = 0
    for path, content in files_of(image):
        searched += 1
        yield from (f"{name} in {path}" for name, value in ours.items() if value.encode() in content)
        if "/site-packages/" not in path:
            yield from (f"{name} in {path}" for name, pattern in looks.items() if pattern.search(content))
    assert searched > 10, f"{image} has no layers of its own"


def files_of(image: str) -> Iterator[tuple[str, bytes]]:
    known = {layer for base in BASES for layer in layers_of(base)}
    saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(saved)) as whole:
        manifest = json.load(whole.extractfile("manifest.json") or io.BytesIO())[0]
        for name, layer in zip(manifest["Layers"], layers_of(image), strict=True):
            packed = whole.extractfile(name)
            if layer in known or packed is None:
                continue
            with tarfile.open(fileobj=packed) as files:
                for file in files:
                    content = files.extractfile(file) if file.isfile() else None
                    if content is not None:
                        yield file.name, content.read()


def layers_of(image: str) -> list[str]:
    return list(json.loads(sh("docker", "image", "inspect", "--format", "{{json .RootFS.Layers}}", image).stdout))
