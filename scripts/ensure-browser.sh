#!/bin/sh
# Installs Debian's Chromium for the demo and the tests if no browser is installed.
set -eu
[ -z "${O365AWS_BROWSER_PATH:-}" ] || exit 0
for name in chromium-headless-shell chrome-headless-shell google-chrome-stable google-chrome chromium chromium-browser \
	microsoft-edge-stable microsoft-edge brave-browser brave \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"/Applications/Chromium.app/Contents/MacOS/Chromium" \
	"/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge" \
	"/Applications/Brave Browser.app/Contents/MacOS/Brave Browser"; do
	if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
what="a browser: Chrome, Chromium, Edge or Brave"
package=chromium
# shellcheck disable=SC1091 # part of the system
case "$(. /etc/os-release 2>/dev/null && echo "$ID")" in
debian) package=chromium-headless-shell ;;
ubuntu)
	echo "missing: $what; Ubuntu's Chromium is a snap, so install Google's Chrome, then run this again" >&2
	exit 1
	;;
esac
"$(dirname "$0")/install.sh" "$what" "$package"
