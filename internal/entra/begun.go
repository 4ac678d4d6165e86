package entra

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
)

// phoneSignIn is the name here for a sign-in by phone without a password.
const phoneSignIn = "RemoteNGC"

// BeginsRequest reports whether the answer to a request for this address can
// say that a request was sent to a person.
func BeginsRequest(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	for _, path := range []string{"/SAS/BeginAuth", "/GetCredentialType", "/GetOneTimeCode"} {
		if strings.HasSuffix(u.Path, path) {
			return true
		}
	}
	return false
}

// ReadBegun reads such an answer, and false when it says nothing of a request.
// The number stands there whatever the page calls its elements.
func ReadBegun(body []byte) (Begun, bool) {
	type remote struct{ Entropy json.Number }
	var answer struct {
		Success         *bool
		ResultValue     string
		AuthMethodID    string `json:"AuthMethodId"`
		Entropy         json.Number
		RemoteNgcParams *remote // of GetOneTimeCode
		Credentials     struct{ RemoteNgcParams *remote }
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
	}
	return Begun{}, false
}

// entropy is the number to tap. 0 means that there is none.
func entropy(n json.Number) string {
	v, err := strconv.Atoi(n.String())
	if err != nil || v <= 0 || v > 999 {
		return ""
	}
	return strconv.Itoa(v)
}
