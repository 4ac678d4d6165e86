#!/bin/sh
# install.sh WHAT PACKAGE... installs Debian's packages by apt-get, as root or
# by sudo. Where there is no apt-get it says that WHAT is missing, and fails.
set -eu
what=$1
shift
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing: $what; install it, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's $* ..." >&2
$sudo apt-get update -q >/dev/null
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
