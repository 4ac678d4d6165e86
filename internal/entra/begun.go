package entra

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// phoneSignIn is the internal name of passwordless phone sign-in.
const phoneSignIn = "RemoteNGC"

const beginAuth = "/SAS/BeginAuth"

// BeginsRequest reports whether the response from an address may say that a request was
// sent to the user's phone.
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

// JudgesCode reports whether the response from an address contains the result of a code
// or of a phone request.
func JudgesCode(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.HasSuffix(u.Path, "/SAS/EndAuth")
}

// SentByUser reports whether a page sends such a request because of the user's input, and
// not by itself, as when it polls for an approval or reports its load time.
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

// wrongCode lists the verdicts on a code that will never be accepted. An already used
// code has other verdicts.
var wrongCode = []string{"OathCodeIncorrect", "OathCodeFailedMaxAllowedRetryReached"}

// ReadBegun parses such a response. It returns false if the response does not mention a
// request. It does not depend on element names.
func ReadBegun(body []byte) (Begun, bool) {
	type remote struct{ Entropy json.Number }
	var answer struct {
		Success         *bool
		ResultValue     string
		AuthMethodID    string `json:"AuthMethodId"`
		Entropy         json.Number
		RemoteNgcParams *remote // in GetOneTimeCode
		Credentials     struct{ RemoteNgcParams *remote }
		IfExistsResult  *int // in GetCredentialType
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
	case phone != nil && phone.Entropy != "": // otherwise nothing was sent yet
		return Begun{Method: phoneSignIn, Number: entropy(phone.Entropy)}, true
	case len(answer.Error.Code) > 0:
		return Begun{Result: strings.Trim(string(answer.Error.Code), `"`)}, true
	}
	return Begun{}, answer.IfExistsResult != nil
}

// entropy returns the number to enter in the app, or "" for none.
func entropy(n json.Number) string {
	v, err := strconv.Atoi(n.String())
	if err != nil || v <= 0 || v > 999 {
		return ""
	}
	return strconv.Itoa(v)
}
