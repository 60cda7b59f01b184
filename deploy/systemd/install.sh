#!/bin/sh
# Installs the service: its user, its unit, and /etc/statewave-connectors with a configuration to edit. Never overwrites that one.
#
#   sudo sh deploy/systemd/install.sh
#
# DESTDIR=<folder> installs into that folder and neither creates the user nor loads the unit.
set -eu

source=$(dirname "$0")
root=${DESTDIR:-}
settings=$root/etc/statewave-connectors

install -D -m 0644 "$source/statewave-connectors.service" "$root/etc/systemd/system/statewave-connectors.service"
install -D -m 0644 "$source/statewave-connectors.sysusers" "$root/etc/sysusers.d/statewave-connectors.conf"
if [ -z "$root" ]; then systemd-sysusers /etc/sysusers.d/statewave-connectors.conf; fi

install -d -m 0755 "$settings"
install -d -m 0700 "$settings/secrets"
install -m 0644 "$source/restore.toml" "$settings/restore.toml"
if [ ! -e "$settings/statewave-connectors.toml" ]; then
  install -m 0644 "$source/statewave-connectors.toml" "$settings/statewave-connectors.toml"
fi

if [ -z "$root" ]; then systemctl daemon-reload; fi
echo "Edit /etc/statewave-connectors/statewave-connectors.toml, put each secret into a file of /etc/statewave-connectors/secrets,"
echo "then run: systemctl enable --now statewave-connectors"
