#!/bin/sh
# Runs every test once and prints which share of each package's statements ran,
# in the tests and in the programs that they start. coverage.out has them by line
# (go tool cover -html=coverage.out). A program that is killed, or that becomes
# another one, writes down nothing.
set -eu
cd "$(dirname "$0")/.."
failed=0
out=$(go test -timeout 40m -coverpkg=./internal/... -coverprofile=coverage.out ./... 2>&1) || failed=$?
[ "$failed" -eq 0 ] || printf '%s\n' "$out" >&2
# A line is file:from,to statements times; each test program has one for all.
awk 'NR > 1 {
	count[$1] = $2
	if ($3 > 0) ran[$1] = 1
} END {
	for (block in count) {
		package = block
		sub(/:.*/, "", package); sub(/\/[^\/]*$/, "", package); sub(/.*\/o365aws\/internal\//, "internal/", package)
		all[package] += count[block]
		if (block in ran) done[package] += count[block]
	}
	for (package in all) printf "%5.1f%%  %s\n", 100 * done[package] / all[package], package
}' coverage.out | sort -k 2
exit "$failed"
