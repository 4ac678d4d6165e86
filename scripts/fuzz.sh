#!/bin/sh
# Runs every fuzz target, or those with $2 in their name, for duration $1 each. go test
# saves failing inputs in testdata/fuzz next to the test.
set -eu
cd "$(dirname "$0")/.."
found=0
# shellcheck disable=SC2044 # names, which have no spaces
for file in $(find cmd internal -name '*_test.go'); do
	# shellcheck disable=SC2013 # names, which have no spaces
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		case "$target" in *"${2:-}"*) ;; *) continue ;; esac
		found=$((found + 1))
		echo "== $target (./$(dirname "$file"))"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "./$(dirname "$file")"
	done
done
[ "$found" -gt 0 ] || { echo "no fuzz target matches ${2:-Fuzz}" >&2; exit 1; }
