#!/bin/sh
# Logs Docker in to the registry of an account, for twelve hours: ecr-login.sh ACCOUNT REGION
set -eu
registry=$1.dkr.ecr.$2.amazonaws.com
aws ecr get-login-password --profile admin --region "$2" |
	docker login --username AWS --password-stdin "$registry"
