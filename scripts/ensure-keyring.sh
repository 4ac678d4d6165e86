#!/bin/sh
# Makes sure that the tests have a Secret Service to run on a private bus:
# installs Debian's gnome-keyring and dbus by apt-get, as root or by sudo.
set -eu
[ "$(uname)" = Linux ] || exit 0
have() {
	command -v gnome-keyring-daemon >/dev/null 2>&1 && command -v dbus-daemon >/dev/null 2>&1 && command -v dbus-send >/dev/null 2>&1
}
if have; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "no Secret Service found: install gnome-keyring and dbus (dbus-daemon, dbus-send), then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's gnome-keyring and dbus ..." >&2
$sudo apt-get update -q >/dev/null
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends gnome-keyring dbus >/dev/null
have || { echo "gnome-keyring was installed and is still not found" >&2; exit 1; }
