// AWS SDK for .NET: package AWSSDK.SecurityToken. The SDK runs credential_process and renews.
using System;
using Amazon;
using Amazon.Runtime.CredentialManagement;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;

if (!new CredentialProfileStoreChain().TryGetAWSCredentials("admin", out var credentials))
{
    throw new InvalidOperationException("no profile admin in ~/.aws/config");
}
using var sts = new AmazonSecurityTokenServiceClient(credentials, RegionEndpoint.EUCentral1);
Console.WriteLine((await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest())).Arn);
