#!/bin/sh
# Makes sure that the AWS CLI and boto3 are there, which the tests run on our
# credentials; else installs Debian's.
set -eu
missing=""
command -v aws >/dev/null 2>&1 || missing="$missing awscli"
python3 -c 'import boto3' >/dev/null 2>&1 || missing="$missing python3 python3-boto3"
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list of packages
"$(dirname "$0")/install.sh" "the AWS CLI, or python3 with boto3, for the tests" $missing
