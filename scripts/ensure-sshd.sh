#!/bin/sh
# Installs Debian's openssh-server and openssh-client for the tests if they are missing.
set -eu
[ "$(uname)" = Linux ] || exit 0
have() { { command -v sshd >/dev/null 2>&1 || [ -x /usr/sbin/sshd ]; } && command -v ssh >/dev/null 2>&1; }
if have; then exit 0; fi
"$(dirname "$0")/install.sh" "OpenSSH: openssh-server and openssh-client" openssh-server openssh-client
have || { echo "OpenSSH was installed but not found" >&2; exit 1; }
