# Asks STS who a profile is, by boto3, which runs the profile's
# credential_process. Argument: profile.
import sys

import boto3

print(boto3.Session(profile_name=sys.argv[1], region_name="eu-central-1").client("sts").get_caller_identity()["Arn"])
