package awsfake

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// strict refuses calls that AWS would refuse and moto accepts.
func (g *Gate) strict(c Call) *Refusal {
	switch c.Name() {
	case "iam:CreateSAMLProvider":
		if g.provider(g.arnOf(c, c.Params.Get("Name"))) {
			return &Refusal{
				http.StatusConflict, "EntityAlreadyExists", "Provider " + c.Params.Get("Name") + " already exists.",
			}
		}
		return metadata(c.Params.Get("SAMLMetadataDocument"))
	case "iam:UpdateSAMLProvider":
		if document := c.Params.Get("SAMLMetadataDocument"); document != "" {
			return metadata(document)
		}
	case "iam:CreateRole":
		return g.trust(c.Params.Get("AssumeRolePolicyDocument"))
	case "iam:UpdateAssumeRolePolicy":
		return g.trust(c.Params.Get("PolicyDocument"))
	case "cloudformation:CreateStackSet", "cloudformation:UpdateStackSet":
		if refusal := g.renamed(c); refusal != nil {
			return refusal
		}
		return stackSet(c)
	case "cloudformation:CreateStackInstances", "cloudformation:DeleteStackInstances":
		if c.Params.Has("Accounts.member.1") {
			return &Refusal{
				http.StatusBadRequest, "ValidationError",
				"Accounts of a stack set with service-managed permissions are named by DeploymentTargets",
			}
		}
	}
	return nil
}

func invalid(text string) *Refusal {
	return &Refusal{http.StatusBadRequest, "InvalidInput", text}
}

// metadata refuses a document that IAM rejects. It needs at least 1,000 characters, no
// byte order mark, and an identity provider with an X.509 key of at least 1,024 bits.
func metadata(document string) *Refusal {
	const bad = "Could not parse metadata"
	if len(document) < 1000 || len(document) > 10_000_000 {
		return &Refusal{
			http.StatusBadRequest, "ValidationError",
			"1 validation error detected: Value at 'sAMLMetadataDocument' failed to satisfy constraint: Member " +
				"must have length greater than or equal to 1000",
		}
	}
	if strings.HasPrefix(document, "\xef\xbb\xbf") {
		return invalid(bad)
	}
	d := xml.NewDecoder(strings.NewReader(document))
	var inside []string
	keys := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return invalid(bad)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = append(inside, token.Name.Local)
		case xml.EndElement:
			inside = inside[:len(inside)-1]
		case xml.CharData:
			if len(inside) > 0 && inside[len(inside)-1] == "X509Certificate" && slices.Contains(inside, "IDPSSODescriptor") {
				raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(token)), ""))
				if err != nil {
					return invalid(bad)
				}
				if _, err := x509.ParseCertificate(raw); err != nil {
					return invalid(bad)
				}
				keys++
			}
		}
	}
	if keys == 0 {
		return invalid("Metadata contains no signing key")
	}
	if keys > 10 {
		return &Refusal{http.StatusConflict, "LimitExceeded", "Cannot exceed quota for keys per SAML provider: 10"}
	}
	return nil
}

var samlProvider = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:saml-provider/[\w._-]{1,128}$`)

// trust refuses a trust policy that IAM rejects because a SAML principal does not exist.
func (g *Gate) trust(text string) *Refusal {
	malformed := func(why string) *Refusal {
		return &Refusal{http.StatusBadRequest, "MalformedPolicyDocument", why}
	}
	if len(text) > 2048 {
		return &Refusal{http.StatusConflict, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"}
	}
	var document struct {
		Version   string
		Statement []struct {
			Effect    string
			Principal map[string]json.RawMessage
			Action    json.RawMessage
			Condition map[string]map[string]json.RawMessage
		}
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if d.Decode(&document) != nil || document.Version != "2012-10-17" {
		return malformed("This policy contains invalid Json")
	}
	for _, s := range document.Statement {
		federated, ok := s.Principal["Federated"]
		if !ok {
			continue
		}
		var arn string
		if json.Unmarshal(federated, &arn) != nil {
			return malformed("Federated principals must be valid domain names or SAML metadata ARNs")
		}
		if !samlProvider.MatchString(arn) {
			return malformed("Federated principals must be valid domain names or SAML metadata ARNs")
		}
		if !g.provider(arn) {
			return malformed("Invalid principal in policy: \"FEDERATED\":\"" + arn + "\"")
		}
		if len(s.Condition["StringEquals"]["SAML:aud"]) == 0 {
			return malformed("AssumeRoleWithSAML needs a condition on SAML:aud")
		}
	}
	return nil
}

// stackSet refuses a service-managed stack set that CloudFormation rejects.
func stackSet(c Call) *Refusal {
	body := c.Params.Get("TemplateBody")
	if len(body) > 51200 {
		return &Refusal{
			http.StatusBadRequest, "ValidationError",
			"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have " +
				"length less than or equal to 51200",
		}
	}
	if strings.Contains(body, "RoleName") && c.Params.Get("Capabilities.member.1") != "CAPABILITY_NAMED_IAM" {
		return &Refusal{
			http.StatusBadRequest, "InsufficientCapabilitiesException",
			"Requires capabilities : [CAPABILITY_NAMED_IAM]",
		}
	}
	if strings.Contains(body, "Transform") {
		return &Refusal{
			http.StatusBadRequest, "ValidationError",
			"StackSets with service-managed permissions do not take transforms",
		}
	}
	return nil
}
