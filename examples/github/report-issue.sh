#!/bin/sh
# report-issue.sh REPORT comments a report on the open issue about drift, or opens one.
set -eu
title="o365aws: drift in the tenant or an AWS account"
issue=$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number')
if [ -n "$issue" ]; then
	gh issue comment "$issue" --body-file "$1"
else
	gh issue create --title "$title" --body-file "$1"
fi
