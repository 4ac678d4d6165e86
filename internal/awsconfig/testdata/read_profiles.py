"""Prints what the AWS CLI and boto3 read from folders with a config and a credentials file.

Reads folders from stdin, one a line, and writes one JSON object: folder -> tool -> profile
-> settings, or folder -> tool -> the error that rejects the files.
"""
import json
import os
import sys

import awscli.clidriver
import boto3
import botocore.exceptions
import botocore.session


def profiles(session):
    try:
        return session.full_config["profiles"]
    except botocore.exceptions.BotoCoreError as e:
        return {"error": type(e).__name__}


def aws_cli():
    return awscli.clidriver.create_clidriver().session


def boto():
    session = botocore.session.Session()
    try:
        return boto3.Session(botocore_session=session)._session
    except botocore.exceptions.BotoCoreError:
        return session


result = {}
for folder in sys.stdin.read().split("\n"):
    if not folder:
        continue
    os.environ["AWS_CONFIG_FILE"] = os.path.join(folder, "config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(folder, "credentials")
    result[folder] = {"aws": profiles(aws_cli()), "boto3": profiles(boto())}
json.dump(result, sys.stdout)
