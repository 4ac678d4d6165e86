#!/bin/sh
# Installs Debian's gnome-keyring and dbus, with which the tests run a Secret Service on a
# private bus, if they are missing.
set -eu
[ "$(uname)" = Linux ] || exit 0
have() {
	command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v dbus-daemon >/dev/null 2>&1 && command -v dbus-send >/dev/null 2>&1
}
if have; then exit 0; fi
"$(dirname "$0")/install.sh" "a Secret Service: gnome-keyring and dbus (dbus-daemon, dbus-send)" gnome-keyring dbus
have || { echo "gnome-keyring was installed but not found" >&2; exit 1; }
