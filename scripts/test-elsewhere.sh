#!/bin/sh
# Runs the tests on macOS or Windows ($1) with the installed browser. It prints each test
# that it skips, with the reason.
set -eu
cd "$(dirname "$0")/.."
system=$1
skips=$(awk -F ' [|] ' -v os="$system" '!/^#/ && index($1, os) {
	print "skipped: " $2 ": " $3 > "/dev/stderr"
	printf "%s^%s$", separator, $2; separator = "|"
}' scripts/ci-skips.txt | sed 's|/|$/^|g')
go list ./internal/... | grep -v -e '/cli$' -e '/admin/' | xargs go test -timeout 20m
# Tests that need moto skip themselves and print the reason.
log=$(mktemp)
status=0
go test -short -timeout 20m -v ./internal/admin/... >"$log" 2>&1 || status=$?
grep -v -e '^=== ' -e '^ *--- PASS' "$log" || true
rm "$log"
[ "$status" -eq 0 ] || exit "$status"
go test -timeout 40m -skip "$skips" ./internal/cli
