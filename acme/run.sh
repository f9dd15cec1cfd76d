#!/bin/sh
# run.sh          get the certificate for the host of PUBLIC_URL, and a new one before it ends, for ever
# run.sh check    whether there is one that holds for two days and more
# run.sh install  what certbot calls when there is a new one: hand it to Nginx
#
# Nginx answers the challenge from /tls/challenge, and reads its certificate again when /tls has another (nginx/start.sh).
# ACME_EMAIL, ACME_SERVER; /srv/ca.pem: the authority of a server that the world does not know.
set -eu

host() { printf '%s' "${PUBLIC_URL#*://}" | sed 's|[:/].*||'; }

obtain() {
  certbot certonly --non-interactive --quiet --config-dir /acme --work-dir /tmp/acme --logs-dir /tmp/acme \
    --agree-tos --email "$ACME_EMAIL" --server "$ACME_SERVER" --cert-name batchgen --domain "$(host)" \
    --webroot --webroot-path /tls/challenge --keep-until-expiring --deploy-hook 'sh /srv/run.sh install'
}

case ${1:-run} in
  run)
    mkdir -p /tls/challenge
    [ ! -s /srv/ca.pem ] || export REQUESTS_CA_BUNDLE=/srv/ca.pem
    wait=20
    while :; do
      if obtain; then
        sh /srv/run.sh install # also where the last hand-over was cut off
        wait=43200
      else
        echo "No certificate for $(host) yet; trying again in $wait s." >&2
      fi
      sleep "$wait"
      wait=$((wait < 3600 ? wait * 2 : wait)) # authorities count failures
    done
    ;;
  install)
    umask 077
    for name in privkey fullchain; do # the chain last: Nginx is told by both
      cmp -s "/acme/live/batchgen/$name.pem" "/tls/$name.pem" && continue
      cp "/acme/live/batchgen/$name.pem" "/tls/$name.new"
      mv "/tls/$name.new" "/tls/$name.pem"
    done
    ;;
  check)
    python3 -c '
import datetime, pathlib
from cryptography import x509
ends = x509.load_pem_x509_certificate(pathlib.Path("/tls/fullchain.pem").read_bytes()).not_valid_after_utc
raise SystemExit(ends - datetime.datetime.now(datetime.UTC) < datetime.timedelta(days=2))'
    ;;
esac
