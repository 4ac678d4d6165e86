#!/usr/bin/env bash
# What a reviewer would check first, on the three systems where it differs.
# Every tool comes through Go's modules (tools/go.mod), so nothing else need
# be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
# tool prints the path of a tool built for this machine, whatever GOOS is.
tool() { go tool -modfile=tools/go.mod -n "$1"; }
staticcheck=$(tool staticcheck) gofumpt=$(tool gofumpt) deadcode=$(tool deadcode) govulncheck=$(tool govulncheck) actionlint=$(tool actionlint)

echo "format"
unformatted=$("$gofumpt" -l cmd internal tools)
if [ -n "$unformatted" ]; then
	echo "make format would change: $unformatted" >&2
	exit 1
fi

echo "modules"
go mod tidy -diff
go mod verify >/dev/null

for system in linux darwin windows; do
	echo "vet and static checks for $system"
	GOOS=$system go vet ./...
	GOOS=$system "$staticcheck" ./...
done

echo "dead code"
dead=$("$deadcode" -test ./...)
if [ -n "$dead" ]; then
	echo "$dead" >&2
	exit 1
fi

# Without the linters that it calls when it finds them: the same everywhere.
echo "workflows"
"$actionlint" -shellcheck= -pyflakes= .github/workflows/*.yml

# The database of vulnerabilities is a web site, not a module: where it is out
# of reach, that is said, and no reason to fail.
echo "known vulnerabilities"
if ! out=$("$govulncheck" ./... 2>&1); then
	case "$out" in
	*"fetching vulnerabilities"*) echo "not checked: vuln.go.dev cannot be reached from here" ;;
	*)
		echo "$out" >&2
		exit 1
		;;
	esac
fi
