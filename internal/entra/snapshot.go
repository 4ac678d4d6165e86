// Package entra knows what a Microsoft sign-in page is: what one look at it
// says (Snapshot), which state that is, and what to do there. It drives any
// Page and knows no browser library.
package entra

// Snapshot is what one look at a sign-in page says. It is plain data, so that
// recognition can be tested without a browser. It never holds what was typed.
type Snapshot struct {
	URL       string   `json:"url"`       // scheme, host and path; never a query
	Host      string   `json:"host"`      // host name of the top frame, lower case, with port if any
	Secure    bool     `json:"secure"`    // https, top frame, no certificate error
	Ready     bool     `json:"ready"`     // body shown, no animation or request in the way
	PageID    string   `json:"pageId"`    // $Config.pgid
	ErrorCode string   `json:"errorCode"` // sErrorCode, iErrorCode or the AADSTS number, "" when none
	ErrorText string   `json:"errorText"` // for people only; no decision depends on it
	IDs       []string `json:"ids"`       // ids of the elements that a person can see now
	Number    string   `json:"number"`    // number to tap, as shown, "" when none
	Choices   []Choice `json:"choices"`   // tiles: accounts, methods, credentials
	Account   string   `json:"account"`   // the user name that the page shows
	Trace     string   `json:"trace"`     // correlation id, for reports
	Serial    int      `json:"serial"`    // counts document loads and view switches
}

// Choice is one tile on a page that asks to choose.
type Choice struct {
	Kind   string `json:"kind"`   // "account", "method", "credential"
	Value  string `json:"value"`  // data-value, data-test-cred-id or the account
	Label  string `json:"label"`  // for people only
	Select string `json:"select"` // a CSS selector that names this tile
}
