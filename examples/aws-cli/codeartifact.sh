#!/bin/sh
# Runs a command with a token for the packages of a domain: codeartifact.sh DOMAIN COMMAND...
# The token ends with the session of the role; .npmrc or pip.conf refer to the variable.
set -eu
CODEARTIFACT_AUTH_TOKEN=$(aws codeartifact get-authorization-token --profile admin \
	--domain "$1" --duration-seconds 0 --query authorizationToken --output text)
export CODEARTIFACT_AUTH_TOKEN
shift
exec "$@"
