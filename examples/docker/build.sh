#!/bin/sh
# Builds the Dockerfile with read-only credentials as secrets.
set -eu
exec o365aws exec --profile admin --read-only -- docker build \
	--secret id=aws_key,env=AWS_ACCESS_KEY_ID \
	--secret id=aws_secret,env=AWS_SECRET_ACCESS_KEY \
	--secret id=aws_token,env=AWS_SESSION_TOKEN \
	"${1-.}"
