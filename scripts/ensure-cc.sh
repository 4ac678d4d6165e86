#!/bin/sh
# Makes sure that a C compiler is there, which Go's race detector needs; else
# installs Debian's.
set -eu
cc=$(go env CC)
if command -v "${cc%% *}" >/dev/null 2>&1; then exit 0; fi
"$(dirname "$0")/install.sh" "a C compiler (gcc or clang)" gcc libc6-dev
