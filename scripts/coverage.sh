#!/bin/sh
# Runs every test once and prints the statement coverage of each package, in the tests
# and in the programs that they start. coverage.out has it by line
# (go tool cover -html=coverage.out). A program that is killed, or that is replaced by
# another one, records nothing.
set -eu
cd "$(dirname "$0")/.."
failed=0
out=$(go test -timeout 40m -coverpkg=./internal/... -coverprofile=coverage.out ./... 2>&1) || failed=$?
[ "$failed" -eq 0 ] || printf '%s\n' "$out" >&2
# Lines have the form file:from,to statements count; each test program writes all of them.
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
