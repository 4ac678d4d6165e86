#!/bin/sh
# Installs what tests with a browser window need, if it is missing: a full browser and,
# on Linux, a virtual X server (Xvfb), both from Debian.
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
# shellcheck disable=SC2086 # a list of packages
"$(dirname "$0")/install.sh" "Xvfb, or a browser with a window, for the tests" $missing
