# shellcheck shell=bash
# Sourced by deploy.sh: what is wrong, one sentence each, with the fix.

TROUBLES=0

trouble() {
  TROUBLES=$((TROUBLES + 1))
  printf '✗ %s\n' "$*"
}

well() { printf '✓ %s\n' "$*"; }

doctor_settings() {
  local name
  if [[ ! -f $ENV_PATH ]]; then
    trouble "There is no .env yet; run: ./deploy.sh deploy"
    return
  fi
  [[ $(stat -Lc %a "$ENV_PATH") == 600 ]] || trouble ".env can be read by others; run: chmod 600 .env"
  for name in REDIS_PASSWORD SECRET_KEY PUBLIC_URL; do
    [[ -n $(value_of "$name") ]] || trouble "$name is missing in .env; run: ./deploy.sh deploy"
  done
  [[ -n $(value_of GEMINI_API_KEY)$(value_of DOUBAO_API_KEY)$(value_of OPENAI_API_KEY)$(value_of MODELS_FILE) ]] ||
    well "No provider has a key, so only demo makes pictures; write GEMINI_API_KEY=… into .env for real ones"
}

doctor_catalogue() {
  local file
  file=$(value_of MODELS_FILE)
  [[ -z $file || (-f $file && $(stat -Lc %a "$file") == *[4-7]) ]] ||
    trouble "MODELS_FILE names no file that all may read; correct it in .env, or run: chmod a+r $file"
}

doctor_host() {
  local free memory
  free=$(df --output=avail -m "$(docker info --format '{{.DockerRootDir}}')" | tail -n 1)
  ((free > 5000)) || trouble "Only ${free} MB of disk are free; delete old images (docker image prune) or add disk"
  memory=$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)
  ((memory > 3500)) || trouble "The machine has ${memory} MB of memory; 4 GB are needed, or lower WEB_MEMORY, WORKER_MEMORY, REDIS_MEMORY"
}

doctor_ports() { # only while nothing of ours holds them
  local port
  [[ -z $(ids nginx) ]] || return 0
  for port in "$(value_of HTTP_PORT 80)" "$(value_of HTTPS_PORT 443)"; do
    if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      trouble "Port $port is taken by another program; stop it, or set HTTP_PORT and HTTPS_PORT in .env"
    fi
  done
}

doctor_certificate() {
  local file
  file=$(value_of TLS_CERTIFICATE)
  if acme_on; then
    [[ $(value_of PUBLIC_URL) == https://* ]] || trouble "ACME_EMAIL is set, but PUBLIC_URL is not https://…; correct it in .env"
    [[ -z $(ids acme) ]] || docker exec "$(ids acme)" sh /srv/run.sh check >/dev/null 2>&1 ||
      trouble "There is no certificate that holds for two days more; port 80 of $(value_of PUBLIC_URL) must lead here; see: ./deploy.sh logs acme"
  elif [[ -z $file ]]; then
    [[ $(value_of PUBLIC_URL) != https://* ]] ||
      well "PUBLIC_URL is https without TLS_CERTIFICATE: something else has to end TLS; name it in FRONT_PROXIES"
  elif [[ ! -r $file ]]; then
    trouble "TLS_CERTIFICATE names no file that can be read; correct it in .env"
  elif have openssl && ! openssl x509 -in "$file" -noout -checkend $((14 * 86400)) >/dev/null; then
    trouble "The certificate ends within 14 days; renew it and run: ./deploy.sh deploy"
  fi
}

doctor_parts() {
  local service id state
  for service in redis web worker nginx; do
    [[ -n $(ids "$service") ]] || trouble "$service does not run; run: ./deploy.sh deploy, then ./deploy.sh logs $service"
    for id in $(ids "$service"); do
      state=$(health_of "$id")
      [[ $state == running/healthy ]] || trouble "$service is $state; see: ./deploy.sh logs $service"
    done
  done
}

health_word() { sed -nE "s/.*\"$1\": ?\"([a-z]+)\".*/\1/p" <<<"$2"; }

doctor_service() {
  local answer
  [[ -n $(ids nginx) ]] || return 0
  answer=$(in_nginx curl -sS --max-time 8 http://127.0.0.1:8081/health 2>/dev/null || true)
  case $(health_word status "$answer") in
    ok) well "The service answers: ok" ;;
    '') trouble "Nginx reaches no web tier; see: ./deploy.sh logs web" ;;
  esac
  [[ $(health_word redis "$answer") != down ]] || trouble "Redis does not answer; see: ./deploy.sh logs redis"
  [[ $(health_word workers "$answer") != none ]] || trouble "No worker is registered; see: ./deploy.sh logs worker"
  case $(health_word storage "$answer") in
    full) trouble "The disk is nearly full, so nothing is accepted; delete batches, or add disk" ;;
    down) trouble "The files cannot be written; see: ./deploy.sh logs web" ;;
  esac
  [[ $(health_word providers "$answer") != resting ]] || trouble "All keys of a provider rest; the page Status tells which and until when"
}

doctor_backup() {
  local file
  file=$(remembered backup)
  if [[ -z $file || ! -f $file ]]; then
    well "No backup was made here yet; run: ./deploy.sh backup"
  elif [[ -n $(find "$file" -mtime +7) ]]; then
    trouble "The last backup is older than a week; run: ./deploy.sh backup"
  fi
}
