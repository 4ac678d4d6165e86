// Asks STS who a profile is, by the AWS SDK for JavaScript: the profile's
// credential_process is run by the SDK. Arguments: folder of the SDK, endpoint
// of STS, profile.
const { createRequire } = require("node:module");
const [folder, endpoint, profile] = process.argv.slice(2);
const sdk = createRequire(folder + "/");
const { STSClient, GetCallerIdentityCommand } = sdk("@aws-sdk/client-sts");
const { fromProcess } = sdk("@aws-sdk/credential-providers");

const client = new STSClient({ region: "eu-central-1", endpoint, credentials: fromProcess({ profile }) });
client.send(new GetCallerIdentityCommand({})).then(
  (answer) => console.log(answer.Arn),
  (error) => { console.error(error.message); process.exit(1); },
);
