package entra

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// phoneSignIn is the name here for a sign-in by phone without a password.
const phoneSignIn = "RemoteNGC"

const beginAuth = "/SAS/BeginAuth"

// BeginsRequest reports whether the answer to a request for this address can
// say that a request was sent to the user's phone.
func BeginsRequest(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	for _, path := range []string{beginAuth, "/GetCredentialType", "/GetOneTimeCode"} {
		if strings.HasSuffix(u.Path, path) {
			return true
		}
	}
	return false
}

// JudgesCode reports whether the answer to a request for this address says
// what became of a code or a request.
func JudgesCode(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasSuffix(u.Path, "/SAS/EndAuth")
}

// SentByUser reports whether a page sends such a request because of what the
// user did, and not by itself, as it does to poll for an approval or to report
// how long it took to load.
func SentByUser(method, address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	polls := strings.HasSuffix(u.Path, "/SAS/EndAuth") && method == "GET" ||
		strings.HasSuffix(u.Path, "/DeviceCodeStatus")
	return !polls && !strings.Contains(u.Path, "/instrumentation/")
}

// ReadVerdict parses such a response. It returns false if the response has no verdict.
func ReadVerdict(body []byte) (string, bool) {
	var answer struct{ ResultValue string }
	if json.Unmarshal(body, &answer) != nil {
		return "", false
	}
	return answer.ResultValue, answer.ResultValue != ""
}

// wrongCode are the verdicts on a code that no waiting makes right. A code
// that was used up has others.
var wrongCode = []string{"OathCodeIncorrect", "OathCodeFailedMaxAllowedRetryReached"}

// ReadBegun parses such a response. It returns false if it does not mention a request.
// It does not depend on the names of the page's elements.
func ReadBegun(body []byte) (Begun, bool) {
	type remote struct{ Entropy json.Number }
	var answer struct {
		Success         *bool
		ResultValue     string
		AuthMethodID    string `json:"AuthMethodId"`
		Entropy         json.Number
		RemoteNgcParams *remote // of GetOneTimeCode
		Credentials     struct{ RemoteNgcParams *remote }
		IfExistsResult  *int // of GetCredentialType
		Error           struct{ Code json.RawMessage }
	}
	if json.Unmarshal(body, &answer) != nil {
		return Begun{}, false
	}
	phone := answer.RemoteNgcParams
	if phone == nil {
		phone = answer.Credentials.RemoteNgcParams
	}
	switch {
	case answer.AuthMethodID != "" && answer.Success != nil && *answer.Success:
		return Begun{Method: answer.AuthMethodID, Number: entropy(answer.Entropy)}, true
	case answer.Success != nil && !*answer.Success:
		return Begun{Method: answer.AuthMethodID, Result: answer.ResultValue}, true
	case phone != nil && phone.Entropy != "": // without it nothing was sent yet
		return Begun{Method: phoneSignIn, Number: entropy(phone.Entropy)}, true
	case len(answer.Error.Code) > 0:
		return Begun{Result: strings.Trim(string(answer.Error.Code), `"`)}, true
	}
	return Begun{}, answer.IfExistsResult != nil
}

// entropy returns the number to tap, "" for none.
func entropy(n json.Number) string {
	v, err := strconv.Atoi(n.String())
	if err != nil || v <= 0 || v > 999 {
		return ""
	}
	return strconv.Itoa(v)
}
