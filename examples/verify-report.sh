#!/bin/sh
# verify-report.sh SPEC REPORT checks the tenant and the AWS accounts against a spec file
# and writes a report in Markdown. It exits like o365aws admin verify: 0 if everything
# matches, 9 if something differs, and another code if the check failed.
set -u
umask 077
code=0
o365aws admin verify --no-input --file "$1" >"$2.tmp" 2>&1 || code=$?
{
	case $code in
	0) echo "## $1: up to date" ;;
	9) echo "## $1: drift" ;;
	*) echo "## $1: check failed with exit code $code" ;;
	esac
	date -u '+Checked %Y-%m-%d %H:%M UTC.'
	if [ -s "$2.tmp" ]; then
		printf '\n```\n'
		cat "$2.tmp"
		printf '```\n'
	fi
} >"$2"
rm -f "$2.tmp"
exit "$code"
