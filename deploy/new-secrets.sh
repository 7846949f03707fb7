#!/bin/sh
# Makes every secret of a deployment, once: the same in all its processes. Keep the file where nobody else reads it, and NUMBER_KEY for ever.
#
#   (umask 077; sh deploy/new-secrets.sh > deploy/.env)
#
# PAYMENT_URL, PAYMENT_API_KEY and PAYMENT_WEBHOOK_SECRET come from the payment provider, PUBLIC_URL from the name that clients use.
set -eu

key() { openssl rand -base64 32; }
# Letters and digits, beginning with a letter, as nats-server reads them.
password() { printf 'p%s\n' "$(openssl rand -hex 24)"; }

# An Ed25519 key as a JWK, on one line: the last 32 bytes of its PKCS #8 and of its public form (RFC 8410, RFC 8037).
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
pem=$(openssl genpkey -algorithm ed25519)
d=$(printf '%s\n' "$pem" | openssl pkey -outform DER | tail -c 32 | base64url)
x=$(printf '%s\n' "$pem" | openssl pkey -pubout -outform DER | tail -c 32 | base64url)
kid=$(openssl rand -hex 8)

cat <<END
TOKEN_SIGNING_KEY='{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"$kid","d":"$d","x":"$x"}'
NUMBER_KEY='$(key)'
PERSON_KEY='$(key)'
ROOM_KEY='$(key)'
DATABASE_PASSWORD='$(password)'
DATABASE_ROOT_PASSWORD='$(password)'
REDIS_PASSWORD='$(password)'
EDGE_PASSWORD='$(password)'
ACTORS_PASSWORD='$(password)'
WORKERS_PASSWORD='$(password)'
ALL_PASSWORD='$(password)'
INTERNAL_PASSWORD='$(password)'
OBSERVER_PASSWORD='$(password)'
GRAFANA_PASSWORD='$(password)'
END
