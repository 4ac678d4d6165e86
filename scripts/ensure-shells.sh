#!/bin/sh
# Makes sure that the shells are there whose quoting the tests check, and the
# program that checks man pages; else installs Debian's by apt-get, as root or
# by sudo.
set -eu
missing=""
for name in bash zsh fish mandoc; do
	command -v "$name" >/dev/null 2>&1 || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "the tests need these shells:$missing; install them, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's$missing ..." >&2
$sudo apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -y -q --no-install-recommends $missing >/dev/null
