package broker

import "encoding/json"

const (
	// edgeClientID is the client ID of Microsoft Edge, for which the broker issues
	// the header when a sign-in page requests it.
	edgeClientID = "d7b530a4-7680-4c23-a8bf-c52c121d2e87"
	nativeClient = "https://login.microsoftonline.com/common/oauth2/nativeclient"
	authority    = "https://login.microsoftonline.com/common"
)

// encode returns v as JSON. Requests with an account are concatenated instead:
// brokers require the account byte for byte, and json.Marshal would reformat it.
func encode(v any) string {
	data, _ := json.Marshal(v) // strings and maps of strings cannot fail
	return string(data)
}

func accountsRequest() string {
	return encode(map[string]string{"clientId": edgeClientID, "redirectUri": nativeClient})
}

func versionRequest() string { return encode(map[string]string{"msalCppVersion": "1.0.0"}) }

// credentialRequest returns the request for the header for an address. Brokers newer than
// 2.0.1 read authParameters, older ones the outer members.
func credentialRequest(a Account, address string) string {
	account, url := string(a.raw), encode(address)
	parameters := `{"account":` + account + `,"username":` + encode(a.Username) + `,"authority":` + encode(authority) +
		`,"authorizationType":8,"clientId":` + encode(edgeClientID) + `,"redirectUri":` + encode(nativeClient) +
		`,"requestedScopes":["https://graph.microsoft.com/.default"],"additionalQueryParametersForAuthorization":{}` +
		`,"uxContextHandle":-1,"ssoUrl":` + url + `}`
	return `{"account":` + account + `,"ssoUrl":` + url + `,"mamEnrollment":false,"authParameters":` + parameters + `}`
}

func readVersion(reply string) (string, error) {
	var answer struct {
		Version string `json:"linuxBrokerVersion"`
	}
	err := decode(reply, &answer)
	return printable(answer.Version), err
}
