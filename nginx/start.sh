#!/bin/sh
# start.sh                  fill in the templates from the environment, run Nginx, follow the service's address
# start.sh switch NAME      send requests to the container NAME from now on; nothing under way is cut off
# start.sh reload           read certificates and templates again
#
# MAX_UPLOAD_MB, GENERATE_WAIT_SECONDS, PUBLIC_URL as the service has them; FRONT_PROXIES: addresses or networks,
# separated by commas, whose X-Forwarded-For is believed; UPSTREAM: the service's name, `web` unless given.
# STORAGE_URL and the endpoints beside it as the service has them: pages may show pictures from there.
# TLS is on where /tls/fullchain.pem and /tls/privkey.pem are.
set -eu

HERE=/etc/batchgen
RUN=/tmp/nginx
PORT=5001

target() { cat "$RUN/upstream" 2>/dev/null || printf '%s' "${UPSTREAM:-web}"; }

# What Nginx reads only when it is told to: the service's addresses and the certificate.
outside() {
  addresses
  cksum /tls/fullchain.pem /tls/privkey.pem 2>/dev/null || true
}

addresses() { getent ahostsv4 "$(target)" | awk '{ print $1 }' | sort -u; }

fill() { # fill TEMPLATE: only names of ours, Nginx has variables of its own
  # shellcheck disable=SC2016
  envsubst '${LISTEN} ${UPSTREAM} ${UPLOAD_BODY} ${SUBMIT_BODY} ${CLIENT_TIMEOUT} ${CONNECTIONS} ${ANSWER_TIMEOUT}
    ${REAL_IP} ${TLS} ${PUBLIC_URL} ${PICTURES}' <"$1"
}

real_ip() {
  for proxy in $(printf '%s' "${FRONT_PROXIES:-}" | tr ',' ' '); do printf 'set_real_ip_from %s; ' "$proxy"; done
}

# A store signs for its own name, or for one of the bucket's before it.
pictures() {
  [ -n "${STORAGE_URL:-}" ] || return 0
  origin=${STORAGE_PUBLIC_ENDPOINT:-${STORAGE_ENDPOINT:-https://s3.${STORAGE_REGION:-us-east-1}.amazonaws.com}}
  printf ' %s %s//*.%s' "$origin" "${origin%%//*}" "${origin#*//}"
}

render() (
  megabytes=$((${MAX_UPLOAD_MB:-20} + 2))
  UPSTREAM=$(target):$PORT
  export UPSTREAM UPLOAD_BODY="${megabytes}m" SUBMIT_BODY="$((megabytes * 100))m"
  export CLIENT_TIMEOUT="${CLIENT_TIMEOUT:-30s}" CONNECTIONS="${CONNECTIONS:-100}"
  export ANSWER_TIMEOUT="$((${GENERATE_WAIT_SECONDS:-120} + 30))s" LISTEN=8080 TLS='' PUBLIC_URL="${PUBLIC_URL:-}"
  REAL_IP=$(real_ip) PICTURES=$(pictures)
  export REAL_IP PICTURES
  mkdir -p "$RUN/conf.d" "$RUN/batchgen.d"
  rm -f "$RUN/conf.d/redirect.conf"
  if [ -f /tls/fullchain.pem ] && [ -f /tls/privkey.pem ]; then
    LISTEN='8443 ssl http2' TLS="include $HERE/tls.conf;"
    fill "$HERE/redirect.conf.template" >"$RUN/conf.d/redirect.conf"
  fi
  cp "$HERE/nginx.conf" "$RUN/nginx.conf" # what it includes is found beside it
  fill "$HERE/batchgen.conf.template" >"$RUN/conf.d/batchgen.conf"
  fill "$HERE/inner.conf.template" >"$RUN/conf.d/inner.conf"
  fill "$HERE/server.d/pages.conf.template" >"$RUN/batchgen.d/pages.conf"
)

nginx_with() { nginx -e /dev/stderr -c "$RUN/nginx.conf" -p "$RUN/" "$@"; }

reload() {
  render
  nginx_with -t -q
  nginx_with -s reload
}

# A container that is made anew may get another address, and a certificate is renewed.
follow() {
  before=$(outside)
  while sleep 2; do
    if [ -z "$(addresses)" ]; then # the one that was switched to is gone
      rm -f "$RUN/upstream"
      [ -n "$(addresses)" ] || continue
    fi
    now=$(outside)
    if [ "$now" != "$before" ]; then
      if reload; then before=$now; fi
    fi
  done
}

case ${1:-run} in
  run)
    mkdir -p "$RUN"
    until [ -n "$(addresses)" ]; do sleep 1; done
    render
    follow &
    exec nginx -e /dev/stderr -c "$RUN/nginx.conf" -p "$RUN/" -g 'daemon off;'
    ;;
  switch)
    printf '%s' "$2" >"$RUN/upstream"
    reload
    ;;
  reload) reload ;;
esac
