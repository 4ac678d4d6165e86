#!/usr/bin/env bash
# Checks format, modules, vet and staticcheck for three systems, dead code,
# workflows and known vulnerabilities. Every tool is a Go module in
# tools/go.mod; nothing else needs to be installed.
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

echo "style"
go run -C tools ./style -root .. -check

# Disable the external linters that actionlint runs if they are installed, so that the
# result is the same everywhere.
echo "workflows"
"$actionlint" -shellcheck= -pyflakes= .github/workflows/*.yml

# The vulnerability database is a web site, not a module. The check fails if it cannot be
# reached, unless O365AWS_OFFLINE=1 is set.
echo "known vulnerabilities"
if ! out=$("$govulncheck" ./... 2>&1); then
	case "${O365AWS_OFFLINE:-0} $out" in
	1*"fetching vulnerabilities"*) echo "not checked: vuln.go.dev is unreachable and O365AWS_OFFLINE=1 is set" ;;
	*"fetching vulnerabilities"*)
		echo "cannot reach vuln.go.dev; set O365AWS_OFFLINE=1 to skip this check" >&2
		exit 1
		;;
	*)
		echo "$out" >&2
		exit 1
		;;
	esac
fi
