#!/bin/sh
# Forwards a local port to a database behind an instance: port-forward.sh INSTANCE HOST PORT
# Needs the Session Manager plugin. The tunnel stays open when the credentials expire.
set -eu
exec aws ssm start-session --profile admin --target "$1" --document-name AWS-StartPortForwardingSessionToRemoteHost \
	--parameters "host=$2,portNumber=$3,localPortNumber=$3"
