#!/bin/sh
# Installs Debian's AWS CLI and boto3 if they are missing. The tests run them with
# credentials from o365aws.
set -eu
missing=""
command -v aws >/dev/null 2>&1 || missing="$missing awscli"
python3 -c 'import boto3' >/dev/null 2>&1 || missing="$missing python3 python3-boto3"
[ -n "$missing" ] || exit 0
# shellcheck disable=SC2086 # a list of packages
"$(dirname "$0")/install.sh" "the AWS CLI, or python3 with boto3, for the tests" $missing
