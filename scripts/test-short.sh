#!/bin/sh
# Runs the tests that need nothing but Go, and lists what they leave out.
set -eu
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
go test -short -v ./... >"$log" 2>&1 || status=$?
if [ "$status" -ne 0 ]; then
	cat "$log"
	exit "$status"
fi
# A test's reason is the line after it, or for a script among its lines.
awk '/-short: needs/ { sub(/.*-short: needs /, ""); sub(/\x27$/, ""); left[$0]++; n++ }
	/^ok / { ok++ }
	END { printf "ok: %d packages. Left out with -short, %d tests:\n", ok, n
		for (what in left) printf "  %4d need %s\n", left[what], what
		print "make test runs them all." }' "$log"
