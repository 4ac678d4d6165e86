#!/bin/sh
# Installs Debian's C compiler, which Go's race detector needs, if none is installed.
set -eu
cc=$(go env CC)
if command -v "${cc%% *}" >/dev/null 2>&1; then exit 0; fi
"$(dirname "$0")/install.sh" "a C compiler (gcc or clang)" gcc libc6-dev
