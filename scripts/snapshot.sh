#!/bin/sh
# Builds the files of a release in dist/. It signs and uploads nothing, and finally lists
# what could not be built on this machine.
set -eu
cd "$(dirname "$0")/.."
goreleaser="go tool -modfile=tools/release/go.mod goreleaser"
skip=sign
without="the signatures, which only the release workflow creates"
if ! docker buildx version >/dev/null 2>&1 || ! docker info >/dev/null 2>&1; then
	skip=sign,docker
	without="the container images, because Docker with buildx is not running; $without"
fi
# Without a remote, goreleaser does not determine the date of the commit, and the files
# would have the current time.
if ! git remote get-url origin >/dev/null 2>&1; then
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://github.com/o365aws/o365aws
fi
$goreleaser check # fails on what is deprecated too
$goreleaser release --snapshot --clean --skip="$skip"
echo "built in dist/, without $without"
