#!/usr/bin/env bash
# Owns the flood of a waiting room that is on. WHAT=status: everybody asks how the line is. WHAT=join: one member asks for a place again
# and again, of which the server lets through a few, so that this shows what refusing costs.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
: "${WHAT:=status}"

flight=$(a_flight)
room=$API/flights/$flight/waiting-room
case $WHAT in
status) load "$room" ;;
join)
  token=$(a_token)
  load -m POST -H "Authorization: Bearer $token" "$room/tickets"
  ;;
*)
  echo "WHAT must be status or join" >&2
  exit 2
  ;;
esac
