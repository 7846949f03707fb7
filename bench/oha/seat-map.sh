#!/usr/bin/env bash
# Owns the load of people who look at one flight's seats.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

flight=$(a_flight)
load "$API/flights/$flight/seats"
