#!/bin/sh
# Installs the moto server, which emulates AWS in tests, and cfn-lint, which comes with
# it, in a separate virtual environment if they are missing. The tests find them there.
set -eu
home="${XDG_CACHE_HOME:-$HOME/.cache}/o365aws-moto"
have() { command -v "$1" >/dev/null 2>&1 || { [ -x "$home/bin/$1" ] && "$home/bin/$1" --help >/dev/null 2>&1; }; }
if have moto_server && have cfn-lint; then exit 0; fi
if ! command -v python3 >/dev/null 2>&1 || ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
	"$(dirname "$0")/install.sh" "Python 3 with venv and pip, for moto_server" python3 python3-venv python3-pip
fi
echo "installing moto's server into $home ..." >&2
python3 -m venv "$home"
"$home/bin/python" -m pip install -q 'moto[server,iam,sts,cloudformation,organizations]>=5.1' >/dev/null || {
	echo "missing: moto_server and cfn-lint; pip could not install moto[server,cloudformation] into $home: check the network, or put both on PATH, then run this again" >&2
	exit 1
}
have moto_server && have cfn-lint
