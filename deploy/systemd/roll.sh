#!/bin/sh
# Restarts the processes of PigonAir on this machine one after another, each when the one before is ready again: for a new version.
#
#   sh roll.sh          all of them: workers, hosts of flights, edges
#   sh roll.sh back     the same after the executable before is put in its place again, /usr/local/bin/pigonair.before
#
# Install a new one so: cp -p pigonair pigonair.before && mv pigonair.new pigonair (in /usr/local/bin), then this.
set -eu

READY_S_MAX=120

case "${1:-}" in
  "") ;;
  back) mv /usr/local/bin/pigonair.before /usr/local/bin/pigonair ;;
  *) echo "usage: sh roll.sh [back]" >&2; exit 2 ;;
esac

for role in workers actors edge; do
  for unit in $(systemctl list-units --state=active --plain --no-legend "pigonair-$role@*.service" | cut -d' ' -f1); do
    port=${unit#*@}
    port=${port%.service}
    echo "$unit"
    systemctl restart "$unit"
    # Where it listens: the unit's address, or that of the last file that names another.
    host=$(cat /etc/pigonair/settings.env /etc/pigonair/secrets.env "/etc/pigonair/$role.env" 2>/dev/null |
      sed -n 's/^HOST=//p' | tail -n 1 | tr -d "\"'")
    waited=0
    # With nothing else of this shell: a NODE_ENV of its own would ask for the secrets.
    until env -i HOST="${host:-127.0.0.1}" PORT="$port" /usr/local/bin/pigonair health --ready >/dev/null 2>&1; do
      waited=$((waited + 1))
      if [ "$waited" -ge "$READY_S_MAX" ]; then
        echo "$unit is not ready after $READY_S_MAX s; nothing else was restarted. Go back with: sh roll.sh back" >&2
        exit 1
      fi
      sleep 1
    done
  done
done
