#!/bin/sh
# Makes a release of this commit a second time, in another folder, time zone and
# umask, and holds its checksums against those in dist/ (make snapshot).
set -eu
cd "$(dirname "$0")/.."
[ -f dist/checksums.txt ] || { echo "nothing to compare: make snapshot first" >&2; exit 1; }
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
git clone -q . "$again/o365aws"
(umask 077 && TZ=Pacific/Auckland "$again/o365aws/scripts/snapshot.sh")
if ! diff dist/checksums.txt "$again/o365aws/dist/checksums.txt"; then
	echo "the same commit gave other bytes" >&2
	exit 1
fi
echo "the same bytes: $(wc -l <dist/checksums.txt) files"
