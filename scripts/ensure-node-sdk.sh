#!/bin/sh
# Installs Node.js from Debian and, with npm, the AWS SDK for JavaScript in a separate
# folder, if they are missing. The tests find it there and run it with credentials from
# o365aws. Later versions of the SDK require a newer Node.js than Debian's.
set -eu
home="${XDG_CACHE_HOME:-$HOME/.cache}/o365aws-node"
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
	"$(dirname "$0")/install.sh" "Node.js 18 or later with npm, for the tests" nodejs npm
fi
# npm writes this file last: if it is missing, the installation was interrupted.
have() { [ -d "$home/node_modules/@aws-sdk/client-sts" ] && [ -d "$home/node_modules/@aws-sdk/credential-providers" ] && [ -d "$home/node_modules/ini" ] && [ -f "$home/node_modules/.package-lock.json" ]; }
if have; then exit 0; fi
echo "installing the AWS SDK for JavaScript into $home ..." >&2
mkdir -p "$home"
npm install --prefix "$home" --no-audit --no-fund --silent @aws-sdk/client-sts@3.600.0 @aws-sdk/credential-providers@3.600.0 ini@3.0.1 >/dev/null || {
	echo "missing: the AWS SDK for JavaScript; npm could not install it into $home: check the network, then run this again" >&2
	exit 1
}
have
