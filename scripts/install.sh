#!/bin/sh
# install.sh WHAT PACKAGE... installs Debian's packages by apt-get, as root or
# by sudo. Where that cannot be done it says that WHAT is missing, and fails.
set -eu
what=$1
shift
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing: $what; install it, then run this again" >&2
	exit 1
fi
sudo=""
if [ "$(id -u)" -ne 0 ]; then
	sudo="sudo"
	command -v sudo >/dev/null 2>&1 || {
		echo "missing: $what; run apt-get install $* as root, then this again" >&2
		exit 1
	}
fi
echo "installing Debian's $* ..." >&2
if ! { $sudo apt-get update -q && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >/dev/null; then
	echo "missing: $what; apt-get could not install Debian's $*" >&2
	exit 1
fi
