#!/bin/sh
# install.sh WHAT PACKAGE... installs Debian packages with apt-get, as root or with
# sudo, which prompts for a password only at a terminal. If that is not possible, it
# reports that WHAT is missing and fails.
set -eu
what=$1
shift
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing: $what; install it, then run this again" >&2
	exit 1
fi
missing() {
	echo "missing: $what; run apt-get install $* as root, then run this again" >&2
	exit 1
}
as_root=""
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || missing "$@"
	if [ -t 0 ]; then as_root="sudo"; else as_root="sudo -n"; fi
fi
echo "installing Debian's $* ..." >&2
# Continue if a third-party package source fails.
# shellcheck disable=SC2016 # the inner shell's arguments
$as_root sh -c '
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive exec apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
' sh "$@" >/dev/null </dev/null || missing "$@"
