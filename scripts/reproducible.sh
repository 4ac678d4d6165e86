#!/bin/sh
# Builds a release of this commit again, with a different folder, time zone and umask, and
# compares its checksums with those in dist/ (make snapshot).
set -eu
cd "$(dirname "$0")/.."
[ -f dist/checksums.txt ] || { echo "nothing to compare: run make snapshot first" >&2; exit 1; }
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
git clone -q . "$again/o365aws"
(umask 077 && TZ=Pacific/Auckland "$again/o365aws/scripts/snapshot.sh")
if ! diff dist/checksums.txt "$again/o365aws/dist/checksums.txt"; then
	echo "not reproducible: the checksums differ" >&2
	exit 1
fi
echo "reproducible: $(wc -l <dist/checksums.txt) identical files"
