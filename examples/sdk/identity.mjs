// AWS SDK for JavaScript: clients renew the credentials of the profile.
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { fromIni } from "@aws-sdk/credential-providers";

const client = new STSClient({ region: "eu-central-1", credentials: fromIni({ profile: "admin" }) });
console.log((await client.send(new GetCallerIdentityCommand({}))).Arn);
