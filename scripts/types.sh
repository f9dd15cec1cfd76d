#!/usr/bin/env bash
# `make types`: the document from the code, the frontend's types from the document.
# `types.sh check` tells whether both are up to date, and writes nothing.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/python.sh
. "$ROOT/scripts/python.sh"
# shellcheck source=scripts/node.sh
. "$ROOT/scripts/node.sh"

DOCUMENT=$ROOT/Docs/openapi.json
TYPES=$FRONTEND/src/api/schema.d.ts

document() { "$PYTHON" "$ROOT/scripts/openapi.py"; }

# Made elsewhere, so that a check writes nothing; formatted as the file that it is for.
types_of() ( # types_of DOCUMENT OUTPUT
  cd "$FRONTEND"
  quietly ./node_modules/.bin/openapi-typescript "$1" --default-non-nullable=false --output "$2.raw"
  ./node_modules/.bin/prettier --stdin-filepath "$TYPES" <"$2.raw" >"$2"
)

make_both() { # make_both FOLDER
  document >"$1/openapi.json"
  types_of "$1/openapi.json" "$1/schema.d.ts"
}

main() {
  local folder
  folder=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder as it is called now
  trap "rm -rf '$folder'" EXIT
  ensure_dev_packages
  ensure_modules
  make_both "$folder"
  if [[ ${1:-write} == check ]]; then
    { cmp -s "$folder/openapi.json" "$DOCUMENT" && cmp -s "$folder/schema.d.ts" "$TYPES"; } ||
      die "The OpenAPI document or the frontend's types are not what the code says; run: make types"
  else
    cp "$folder/openapi.json" "$DOCUMENT"
    cp "$folder/schema.d.ts" "$TYPES"
  fi
}

main "$@"
