package fakecloud

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// iamHosts maps the hosts of IAM to the regions for which calls are signed.
// Source: docs.aws.amazon.com/general/latest/gr/iam-service.html
var iamHosts = map[string]string{
	"iam.amazonaws.com": "us-east-1", "iam.us-gov.amazonaws.com": "us-gov-west-1", "iam.cn-north-1.amazonaws.com.cn": "cn-north-1",
}

// iamAliases maps accounts to their aliases. Roles of other accounts lack permission to
// list aliases.
var iamAliases = map[string]string{"111122223333": "contoso-prod"}

// serveIAM implements the only IAM action that roles of the emulator may call.
func (c *Cloud) serveIAM(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "body cannot be read", http.StatusBadRequest)
		return
	}
	if c.opts.Empty {
		c.serveAccount(w, r, body)
		return
	}
	form, _ := url.ParseQuery(string(body))
	account, err := c.iamCaller(r, body)
	alias, ok := iamAliases[account]
	switch {
	case err != nil:
		writeXML(
			w, http.StatusForbidden,
			errorResponse{Error: errorDetail{"Sender", "InvalidClientTokenId", err.Error()}, RequestID: uuid.NewString()},
		)
	case form.Get("Action") != "ListAccountAliases" || form.Get("Version") != "2010-05-08":
		writeXML(
			w, http.StatusBadRequest,
			errorResponse{Error: errorDetail{"Sender", "InvalidAction", "not played"}, RequestID: uuid.NewString()},
		)
	case !ok:
		writeXML(
			w,
			http.StatusForbidden,
			errorResponse{
				Error: errorDetail{
					"Sender", "AccessDenied", "User is not authorized to perform: iam:ListAccountAliases",
				},
				RequestID: uuid.NewString(),
			},
		)
	default:
		writeXML(w, http.StatusOK, aliasesResponse{Aliases: []string{alias}, RequestID: uuid.NewString()})
	}
}

// iamCaller returns the account of the credentials that signed the request.
func (c *Cloud) iamCaller(r *http.Request, body []byte) (string, error) {
	answer, err := c.callerIdentity(r, body)
	if err != nil {
		return "", err
	}
	return answer.(identityResponse).Result.Account, nil
}

type aliasesResponse struct {
	XMLName   xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ListAccountAliasesResponse"`
	Aliases   []string `xml:"ListAccountAliasesResult>AccountAliases>member"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}
