# boto3: the session renews its credentials, so a run may take days.
import boto3

session = boto3.Session(profile_name="admin")
print(session.client("sts").get_caller_identity()["Arn"])
