// Package entra answers Microsoft's sign-in pages: it takes a Snapshot of a Page,
// recognizes its state, and acts on it. It does not depend on a browser library.
package entra

import "slices"

// Snapshot is the state of a sign-in page at one moment. It is plain data, so that
// recognition can be tested without a browser. It never contains typed text.
type Snapshot struct {
	URL       string   `json:"url,omitzero"`       // scheme, host and path; never a query
	Host      string   `json:"host,omitzero"`      // host name of the top frame, lower case, with port if any
	Secure    bool     `json:"secure,omitzero"`    // https, top frame, no certificate error
	Ready     bool     `json:"ready,omitzero"`     // body visible, no animation or request in progress
	PageID    string   `json:"pageId,omitzero"`    // $Config.pgid
	ErrorCode string   `json:"errorCode,omitzero"` // sErrorCode, iErrorCode or the AADSTS number; "" for none
	ErrorText string   `json:"errorText,omitzero"` // shown to the user; no decision depends on it
	IDs       []string `json:"ids,omitempty"`      // IDs of the visible elements
	Number    string   `json:"number,omitzero"`    // displayed number to enter in the app; "" for none
	Choices   []Choice `json:"choices,omitempty"`  // tiles: accounts, methods, credentials
	Proofs    []Proof  `json:"proofs,omitempty"`   // $Config.arrUserProofs: the user's methods
	Begun     Begun    `json:"begun,omitzero"`     // request started in the background by this page
	Passkey   bool     `json:"passkey,omitzero"`   // the page asks for a passkey
	Detail    string   `json:"detail,omitzero"`    // text about the method, e.g. the last digits of a phone
	Account   string   `json:"account,omitzero"`   // user name shown on the page
	Trace     string   `json:"trace,omitzero"`     // correlation ID, for reports
	View      string   `json:"view,omitzero"`      // data-viewid of the current view; the numbers differ by page
	Document  int64    `json:"document,omitzero"`  // identifies the loaded document
	Answers   int      `json:"answers,omitzero"`   // number of background requests with a response
	Requests  int      `json:"requests,omitzero"`  // number of requests caused by the user, see SentByUser
	Failed    bool     `json:"failed,omitzero"`    // the last of these requests failed or returned an HTTP error
	Verdict   string   `json:"verdict,omitzero"`   // the server's verdict on a code, e.g. OathCodeIncorrect
	Awaits    string   `json:"awaits,omitzero"`    // host of a response that the page needs, or ""
	Missing   string   `json:"missing,omitzero"`   // host of a script of the page that failed to load, or ""
	Status    int      `json:"status,omitzero"`    // HTTP status of the document; 0 if unknown
	Skip      string   `json:"skip,omitzero"`      // address that skips the page; "" for none; never shown
}

// Choice is a tile on a page that asks for a choice.
type Choice struct {
	Kind   string `json:"kind"`            // "account", "method", "credential"
	Value  string `json:"value"`           // data-value, data-test-cred-id or the account
	Label  string `json:"label,omitzero"`  // shown to the user
	Select string `json:"select,omitzero"` // CSS selector that matches this tile and similar ones
	Nth    int    `json:"nth,omitzero"`    // index among the elements that Select matches, from 0
}

// Proof is a registered MFA method.
type Proof struct {
	Method  string `json:"method,omitzero"` // authMethodId
	Label   string `json:"label,omitzero"`  // shown to the user, e.g. +XX XXXXXXXX42
	Default bool   `json:"default,omitzero"`
}

// Begun is a request that the page has sent to the user's phone, as reported by the
// response to a background request. The zero value means none.
type Begun struct {
	Method string `json:"method,omitzero"` // authMethodId, or phoneSignIn
	Number string `json:"number,omitzero"` // "" if there is no number to enter
	// Result is why it did not start, e.g. ProofDataNotFound, or the code of a failed lookup.
	Result string `json:"result,omitzero"`
}

// Shows reports whether an element with one of the IDs is visible. "name:x" means an
// input named x, "form:x" a form, and "checked:x" a selected checkbox.
func (s Snapshot) Shows(ids ...string) bool {
	for _, id := range ids {
		if slices.Contains(s.IDs, id) {
			return true
		}
	}
	return false
}
