#!/bin/sh
# Makes sure that the tests have a Secret Service to run on a private bus; else
# installs Debian's gnome-keyring and dbus.
set -eu
[ "$(uname)" = Linux ] || exit 0
have() {
	command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v dbus-daemon >/dev/null 2>&1 && command -v dbus-send >/dev/null 2>&1
}
if have; then exit 0; fi
"$(dirname "$0")/install.sh" "a Secret Service: gnome-keyring and dbus (dbus-daemon, dbus-send)" gnome-keyring dbus
have || { echo "gnome-keyring was installed and is still not found" >&2; exit 1; }
