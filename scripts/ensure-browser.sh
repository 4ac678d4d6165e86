#!/bin/sh
# Makes sure that a browser is there for the demo and the tests; else installs
# Debian's.
set -eu
[ -z "${O365AWS_BROWSER_PATH:-}" ] || exit 0
for name in chromium-headless-shell chrome-headless-shell google-chrome-stable google-chrome chromium chromium-browser \
	microsoft-edge brave-browser \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"/Applications/Chromium.app/Contents/MacOS/Chromium" \
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" \
	"/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"; do
	if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
install="$(dirname "$0")/install.sh"
what="a browser: Chrome, Chromium, Edge or Brave"
"$install" "$what" chromium-headless-shell || { command -v apt-get >/dev/null 2>&1 && "$install" "$what" chromium; }
