#!/bin/sh
# Makes sure that a C compiler is there, which Go's race detector needs:
# finds one, or installs Debian's by apt-get, as root or by sudo.
set -eu
cc=$(go env CC)
if command -v "${cc%% *}" >/dev/null 2>&1; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "no C compiler found: install gcc or clang, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's gcc ..." >&2
$sudo apt-get update -q >/dev/null
$sudo apt-get install -y -q --no-install-recommends gcc libc6-dev >/dev/null
