#!/usr/bin/env bash
# Owns the load of clients that lost their answer: one hold of a hot flight, asked for again and again under its key. oha sends the same
# fields each time, so it can't buy with new keys, as bench/k6/hot-flight.js does; this shows that a key is answered once, and what it costs.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

flight=$(a_flight)
token=$(a_token)
load -m POST -H "Authorization: Bearer $token" -H "$JSON" -H "Idempotency-Key: $RUN-$(date +%s)-$$" \
  -d '{"passengers":[{"name":"Load Member"}]}' "$API/flights/$flight/reservations"
