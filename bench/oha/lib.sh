# Owns what the scripts of this folder share: settings from the environment, and how oha is started.
# shellcheck shell=bash

: "${BASE_URL:=http://127.0.0.1:3000}"
: "${RUN:=oha}" # /operator and /metrics show the run's requests apart by this
: "${CONNECTIONS:=64}"
: "${DURATION:=30s}"
: "${RATE:=}"   # requests a second, whatever becomes of those before; empty: as many as are answered
: "${FLIGHT:=}" # empty: the first that leaves in two days or later

# The server counts the requests of any other name among the members', without a word.
if [[ ! $RUN =~ ^[A-Za-z0-9._-]{1,32}$ ]]; then
  echo 'RUN must be 1 to 32 of A-Z a-z 0-9 . _ -' >&2
  exit 2
fi
command -v oha >/dev/null || { echo 'oha is not installed: https://github.com/hatoo/oha' >&2; exit 127; }

API=${BASE_URL%/}/api/v1
JSON='content-type: application/json'

# The answer to a request; ends the script when there is none, or the server refuses. Arguments: those of curl.
answer() { curl --silent --show-error --fail -H "X-Load-Run: $RUN" "$@"; }

soon() { date -u -d '+2 days' +%F 2>/dev/null || date -u -v+2d +%F; }

# The flight that was named, or the first that isn't about to leave.
a_flight() {
  local id=$FLIGHT
  [ -n "$id" ] || id=$(answer "$API/flights?size=1&from=$(soon)" | sed -nE 's/.*"items":\[\{"id":"([^"]*)".*/\1/p')
  [ -n "$id" ] || { echo "there is no flight" >&2; return 1; }
  echo "$id"
}

# An access token of a new member; it lives for ten minutes. Many from one address need a server with ADDRESS_LIMITS=off.
a_token() {
  local email password='a long password'
  email=load-$(date +%s)-$$-$RANDOM@pigonair.example
  answer "$API/members" -H "$JSON" -d '{"email":"'"$email"'","password":"'"$password"'","name":"Load Member"}' >/dev/null
  answer "$API/sessions" -H "$JSON" -d '{"email":"'"$email"'","password":"'"$password"'"}' |
    sed -nE 's/.*"accessToken":"([^"]*)".*/\1/p'
}

# Arguments: those of oha beside the common ones, the address last.
load() {
  local rate=()
  # Then latency counts from when a request should have begun.
  if [ -n "$RATE" ]; then rate=(-q "$RATE" --latency-correction); fi
  # Older shells call an empty list unset.
  oha --no-tui -z "$DURATION" -c "$CONNECTIONS" ${rate[@]+"${rate[@]}"} -H "X-Load-Run: $RUN" "$@"
}
