"""Prints what the AWS CLI and boto3 read from folders with a config and a credentials file.

Reads folders from stdin, one a line, and writes one JSON object: folder -> tool -> profile
-> settings, or folder -> tool -> the error that rejects the files. With an argument
also folder -> "source" -> the provider of the credentials of the profile dev.
"""
import json
import os
import sys

import awscli.clidriver
import boto3
import botocore.exceptions


def profiles(session):
    session._config = None  # reads the files again
    try:
        return session.full_config["profiles"]
    except botocore.exceptions.BotoCoreError as e:
        return {"error": type(e).__name__}


def source():
    try:
        session = boto3.Session(profile_name="dev")
        return {"dev": session.get_credentials().method}
    except Exception as e:  # the test compares it
        return {"dev": type(e).__name__}


os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
aws = awscli.clidriver.create_clidriver().session
boto = boto3.Session()._session
result = {}
for folder in sys.stdin.read().split("\n"):
    if not folder:
        continue
    os.environ["AWS_CONFIG_FILE"] = os.path.join(folder, "config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.path.join(folder, "credentials")
    result[folder] = {"aws": profiles(aws), "boto3": profiles(boto)}
    if len(sys.argv) > 1:
        result[folder]["source"] = source()
json.dump(result, sys.stdout)
