#!/bin/sh
# Installs the shells that the tests run, and the program that checks man pages, if
# they are missing.
set -eu
missing=""
for name in bash zsh fish mandoc; do
	command -v "$name" >/dev/null 2>&1 || missing="$missing $name"
done
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086,SC2116 # a list of packages
"$(dirname "$0")/install.sh" "$(echo $missing), for the tests" $missing
