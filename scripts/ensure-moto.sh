#!/bin/sh
# Makes sure that moto's server, the tests' AWS, is there: finds it, or puts
# it into a virtual environment of its own, where the tests look too.
set -eu
home="${XDG_CACHE_HOME:-$HOME/.cache}/o365aws-moto"
if command -v moto_server >/dev/null 2>&1; then exit 0; fi
if [ -x "$home/bin/moto_server" ] && "$home/bin/moto_server" --help >/dev/null 2>&1; then exit 0; fi
if ! command -v python3 >/dev/null 2>&1 || ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
	"$(dirname "$0")/install.sh" "Python 3 with venv and pip, for moto_server" python3 python3-venv python3-pip
fi
echo "installing moto's server into $home ..." >&2
python3 -m venv "$home"
"$home/bin/python" -m pip install -q 'moto[server,iam,sts,cloudformation,organizations]>=5.1' >/dev/null || {
	echo "missing: moto_server; pip could not install moto[server] into $home: check the network, or put moto_server on PATH, then run this again" >&2
	exit 1
}
"$home/bin/moto_server" --help >/dev/null
