#!/bin/sh
# Makes sure that the tests of a browser with a window can run: a full browser,
# and on Linux an X server without a screen (Xvfb). Debian's come by apt-get,
# as root or by sudo.
set -eu
[ "$(uname -s)" = Linux ] || exit 0
missing=""
command -v Xvfb >/dev/null 2>&1 || missing="xvfb"
found=""
for name in google-chrome-stable google-chrome chromium chromium-browser microsoft-edge-stable microsoft-edge brave-browser brave; do
	if command -v "$name" >/dev/null 2>&1; then found="$name"; break; fi
done
[ -n "$found" ] || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "missing for the tests of a browser window:$missing; install it, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing $missing ..." >&2
$sudo apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of packages
$sudo apt-get install -y -q --no-install-recommends $missing >/dev/null
