package sts

import "strings"

// row explains a refusal by STS.
type row struct {
	code    string // prefix of the error code
	text    string // lower-case substring of the message; "" matches any
	meaning string
	hints   []string
}

// assumeRows explains refusals of AssumeRoleWithSAML. The first match applies.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html and
// docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
var assumeRows = []row{
	{"InvalidIdentityToken", "signature", "AWS does not know the certificate that signed the sign-in", []string{
		"ask your admin to upload the current federation metadata of the Entra application to the SAML provider in IAM (UpdateSAMLProvider): the certificate was probably renewed",
	}},
	{
		"InvalidIdentityToken",
		"rolesessionname",
		"the claim RoleSessionName is missing or contains characters that AWS does not accept",
		[]string{
			"ask your admin to send RoleSessionName with 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -: user.objectid always fits, user.userprincipalname fails for guests (#EXT#) and names with an apostrophe",
		},
	},
	{
		"InvalidIdentityToken", "source identity", "the claim SourceIdentity contains characters that AWS does not accept",
		[]string{"ask your admin to send SourceIdentity with 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -"},
	},
	{
		"InvalidIdentityToken", "provider doesn't exist",
		"the SAML provider that the role is paired with does not exist in the account",
		[]string{"ask your admin to compare the provider's name in IAM with the roles of the Entra application"},
	},
	{
		"InvalidIdentityToken",
		"audience",
		"the identifier of the Entra application is not the one that the SAML provider in IAM expects",
		[]string{
			"check azure_app_id_uri", "ask your admin to compare the application's Identifier (Entity ID) with the provider's metadata",
		},
	},
	{
		"InvalidIdentityToken",
		"issuer",
		"the SAML provider in IAM has the metadata of another tenant or application",
		[]string{
			"check azure_tenant_id", "ask your admin to upload the federation metadata of this tenant's application to the SAML provider",
		},
	},
	{"InvalidIdentityToken", "", "AWS could not read the sign-in", []string{
		"run the command again; if the error persists, show this line to your admin",
	}},
	{
		"AuthSamlInvalidSamlResponse",
		"issuer",
		"the SAML provider in IAM has the metadata of another tenant or application",
		[]string{
			"check azure_tenant_id", "ask your admin to upload the federation metadata of this tenant's application to the SAML provider",
		},
	},
	{"AuthSaml", "", "AWS could not read the sign-in", []string{
		"run the command again; if the error persists, show this line to your admin",
	}},
	{"ExpiredToken", "", "the sign-in has expired: AWS accepts it for about five minutes", []string{
		"run the command again", "check the clock of this machine",
	}},
	{"IDPRejectedClaim", "", "Microsoft reported a failed sign-in to AWS", []string{
		"run the command again; if the error persists, ask your admin to look at the sign-in in Entra",
	}},
	{"AccessDenied", "tagsession", "the trust policy of the role does not allow session tags", []string{
		"ask your admin to allow sts:TagSession in the role's trust policy, or not to send PrincipalTag claims",
	}},
	{"AccessDenied", "setsourceidentity", "the trust policy of the role does not allow a source identity", []string{
		"ask your admin to allow sts:SetSourceIdentity in the role's trust policy, or not to send the claim SourceIdentity",
	}},
	{"AccessDenied", "", "the role does not exist or its trust policy does not allow you", []string{
		"ask your admin to check the role's trust policy: the SAML provider as Federated principal, sts:AssumeRoleWithSAML, and SAML:aud equal to the Reply URL of the application",
		"when the application sends PrincipalTag or SourceIdentity, the trust policy must also allow sts:TagSession or sts:SetSourceIdentity",
	}},
	{"RegionDisabled", "", "AWS STS is not activated for the account in this region", []string{
		"set region (or AWS_REGION) to one that the account uses, for example us-east-1", "or ask your admin to activate STS there (IAM, Account settings)",
	}},
	{"PackedPolicyTooLarge", "", "the claims that become session tags are too large", []string{
		"ask your admin to send fewer or shorter PrincipalTag claims",
	}},
	{"ValidationError", "durationseconds", "the role does not allow a session of this duration", []string{
		"ask for less with --duration, or ask your admin to raise the role's maximum session duration",
	}},
	{"ValidationError", "", "AWS rejected the request", []string{
		"run the command again with --debug; if the error persists, report it",
	}},
}

// identityRows explains refusals of GetCallerIdentity.
var identityRows = []row{
	{"ExpiredToken", "", "they have expired", []string{"run o365aws login"}},
	{
		"InvalidClientTokenId", "", "AWS does not know them",
		[]string{"run o365aws login", "check that the region is of the same partition as the role"},
	},
	{"SignatureDoesNotMatch", "", "access key and secret key do not match", []string{"run o365aws login"}},
	{"RequestExpired", "", "this machine's clock is wrong", []string{"set the clock"}},
	{
		"AccessDenied", "", "a policy denies the call",
		[]string{"ask your admin: a service control policy or session policy denies sts:GetCallerIdentity"},
	},
	{
		"RegionDisabled", "", "AWS STS is not activated for the account in this region",
		[]string{"set region (or AWS_REGION) to one that the account uses"},
	},
}

// find returns the first row that matches an error code and message.
func find(rows []row, code, message string) (row, bool) {
	message = strings.ToLower(message)
	for _, r := range rows {
		if strings.HasPrefix(code, r.code) && strings.Contains(message, r.text) {
			return r, true
		}
	}
	return row{}, false
}
