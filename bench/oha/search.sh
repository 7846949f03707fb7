#!/usr/bin/env bash
# Owns the load of people who search one route for what leaves soon.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

from=$(soon)
route=$(answer "$API/flights?size=1&from=$from" |
  sed -nE 's/.*"origin":"([A-Z]{3})".*"destination":"([A-Z]{3})".*/origin=\1\&destination=\2/p')
[ -n "$route" ] || { echo "there is no flight" >&2; exit 1; }
load "$API/flights?$route&from=$from&size=20"
