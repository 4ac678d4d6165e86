#!/bin/sh
# Makes sure that the AWS CLI and boto3 are there, which the tests run on our
# credentials; else installs Debian's by apt-get, as root or by sudo.
set -eu
missing=""
command -v aws >/dev/null 2>&1 || missing="$missing awscli"
python3 -c 'import boto3' >/dev/null 2>&1 || missing="$missing python3 python3-boto3"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
	echo "the tests need the AWS CLI, and python3 with boto3; install them, then run this again" >&2
	exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
echo "installing Debian's$missing ..." >&2
$sudo apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -y -q --no-install-recommends $missing >/dev/null
