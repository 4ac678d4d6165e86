#!/bin/sh
# Runs the tests that need only Go, and lists the skipped ones.
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
# The reason is on the line after the test, or within the lines of a script.
awk '/-short: needs/ { sub(/.*-short: needs /, ""); sub(/\x27$/, ""); left[$0]++; n++ }
	/^ok / { ok++ }
	END { printf "ok: %d packages. Skipped with -short: %d tests:\n", ok, n
		for (what in left) printf "  %4d need %s\n", left[what], what
		print "make test runs them all." }' "$log"
