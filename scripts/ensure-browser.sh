#!/bin/sh
# Makes sure that a browser is there for the demo and the tests: finds one, or
# installs Debian's by apt-get, as root or by sudo.
set -eu
for name in chromium-headless-shell chrome-headless-shell google-chrome-stable google-chrome chromium chromium-browser \
	microsoft-edge brave-browser \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"/Applications/Chromium.app/Contents/MacOS/Chromium" \
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" \
	"/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"; do
	if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ -n "${O365AWS_BROWSER_PATH:-}" ]; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "no browser found: install Chrome, Chromium, Edge or Brave, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's Chromium headless shell ..." >&2
$sudo apt-get update -q >/dev/null
$sudo apt-get install -y -q --no-install-recommends chromium-headless-shell >/dev/null ||
	$sudo apt-get install -y -q --no-install-recommends chromium >/dev/null
