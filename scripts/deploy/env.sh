# shellcheck shell=bash
# Sourced by deploy.sh: .env, its secrets, and what this host remembers of its deployments.

ENV_PATH=$ROOT/.env
STATE=$ROOT/var/deploy

# A variable of the environment, else of .env, else the default given; as Compose reads it, but never as a program.
value_of() {
  local line=${!1:-}
  if [[ -z $line && -f $ENV_PATH ]]; then
    line=$(grep -E "^$1=" "$ENV_PATH" | tail -n 1 || true)
    line=${line#*=}
    [[ ! $line =~ ^\"(.*)\"$ && ! $line =~ ^\'(.*)\'$ ]] || line=${BASH_REMATCH[1]}
  fi
  printf '%s' "${line:-${2:-}}"
}

# A value that the admin has set stays; prints nothing, since many are secret.
keep_value() {
  [[ -z $(value_of "$1") ]] || return 0
  printf '%s=%s\n' "$1" "$2" >>"$ENV_PATH"
}

random_word() { head -c 48 /dev/urandom | base64 | tr -d '+/=\n' | head -c 48; }

make_secret() {
  [[ -z $(value_of "$1") ]] || return 0
  keep_value "$1" "$(random_word)"
  say "  made $1; it stands in .env"
}

own_address() { hostname -I 2>/dev/null | awk '{ print $1 }'; }

make_env() { # make_env dev|prod
  local name address
  umask 077
  mkdir -p "$STATE"
  [[ -f $ENV_PATH ]] || printf '# BatchGen Pro on this host. Every setting: env.example and env.deploy.example\n' >"$ENV_PATH"
  chmod 600 "$ENV_PATH"
  [[ -z $(tail -c 1 "$ENV_PATH") ]] || echo >>"$ENV_PATH"
  for name in REDIS_PASSWORD SECRET_KEY METRICS_TOKEN GRAFANA_PASSWORD FLOWER_PASSWORD; do make_secret "$name"; done
  if [[ $(value_of AUTH_MODE password) == password ]]; then
    keep_value ADMIN_USERNAME admin
    make_secret ADMIN_PASSWORD
  fi
  if [[ $1 == dev ]]; then
    keep_value HTTP_BIND 127.0.0.1
    keep_value HTTP_PORT 8080
    keep_value HTTPS_PORT 8443
    keep_value PUBLIC_URL "http://127.0.0.1:$(value_of HTTP_PORT)"
  elif [[ -z $(value_of PUBLIC_URL) ]]; then
    address=$(own_address)
    keep_value PUBLIC_URL "http://${address:-127.0.0.1}"
    say "  PUBLIC_URL was not set: people reach it as $(value_of PUBLIC_URL); change it in .env if they type another name"
  fi
  chmod -R a+rX "$ROOT/config/models.toml" "$ROOT/monitoring" # mounted, and read by other users' numbers
  value_of METRICS_TOKEN >"$STATE/metrics_token"
  chmod 644 "$STATE/metrics_token" # Prometheus reads it as nobody; the folder is closed
}

remembered() { cat "$STATE/$1" 2>/dev/null || printf '%s' "${2:-}"; } # remembered current|previous|workers

remember() {
  mkdir -p "$STATE"
  printf '%s' "$2" >"$STATE/$1.new"
  mv "$STATE/$1.new" "$STATE/$1"
}

version() { sed -nE 's/^__version__ = "(.*)"/\1/p' "$ROOT/backend/batchgen/__init__.py"; }

revision() { # of git, or of the file that deploy-server.sh sends along
  if [[ -f $ROOT/REVISION ]]; then
    cat "$ROOT/REVISION"
  else
    git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null || printf 'unknown'
  fi
}

new_tag() { printf '%s-%s-%s' "$(version)" "$(revision)" "$(date -u +%Y%m%d%H%M%S)"; }
