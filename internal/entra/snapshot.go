// Package entra answers Microsoft's sign-in pages: it takes a Snapshot of a Page,
// recognises its state, and acts on it. It depends on no browser library.
package entra

import "slices"

// Snapshot is the state of a sign-in page at one moment. It is plain data, so that
// recognition can be tested without a browser. It never holds what was typed.
type Snapshot struct {
	URL       string   `json:"url,omitzero"`       // scheme, host and path; never a query
	Host      string   `json:"host,omitzero"`      // host name of the top frame, lower case, with port if any
	Secure    bool     `json:"secure,omitzero"`    // https, top frame, no certificate error
	Ready     bool     `json:"ready,omitzero"`     // body shown, no animation or request in the way
	PageID    string   `json:"pageId,omitzero"`    // $Config.pgid
	ErrorCode string   `json:"errorCode,omitzero"` // sErrorCode, iErrorCode or the AADSTS number, "" when none
	ErrorText string   `json:"errorText,omitzero"` // shown to the user; no decision depends on it
	IDs       []string `json:"ids,omitempty"`      // ids of the visible elements
	Number    string   `json:"number,omitzero"`    // number to tap, as shown, "" when none
	Choices   []Choice `json:"choices,omitempty"`  // tiles: accounts, methods, credentials
	Proofs    []Proof  `json:"proofs,omitempty"`   // $Config.arrUserProofs: the methods of this user
	Begun     Begun    `json:"begun,omitzero"`     // what a background request began on this page
	Passkey   bool     `json:"passkey,omitzero"`   // the page asks for a passkey
	Detail    string   `json:"detail,omitzero"`    // what the page says about the method, e.g. the last digits of a phone
	Account   string   `json:"account,omitzero"`   // the user name that the page shows
	Trace     string   `json:"trace,omitzero"`     // correlation id, for reports
	View      string   `json:"view,omitzero"`      // data-viewid of the view shown; the numbers differ by page
	Document  int64    `json:"document,omitzero"`  // tells one loaded document from the next
	Answers   int      `json:"answers,omitzero"`   // background requests that the page has had answered
	Requests  int      `json:"requests,omitzero"`  // that the document has sent because of the user, see SentByUser
	Failed    bool     `json:"failed,omitzero"`    // the last of them failed or was an HTTP error
	Verdict   string   `json:"verdict,omitzero"`   // the server's verdict on a code, e.g. OathCodeIncorrect
	Awaits    string   `json:"awaits,omitzero"`    // host of a reply that the page needs, or ""
	Missing   string   `json:"missing,omitzero"`   // host of a script of the page that failed to load, or ""
	Status    int      `json:"status,omitzero"`    // HTTP status of the document, 0 when unknown
	Skip      string   `json:"skip,omitzero"`      // address that skips the page, "" for none; never shown
}

// Choice is one tile on a page that asks to choose.
type Choice struct {
	Kind   string `json:"kind"`            // "account", "method", "credential"
	Value  string `json:"value"`           // data-value, data-test-cred-id or the account
	Label  string `json:"label,omitzero"`  // shown to the user
	Select string `json:"select,omitzero"` // a CSS selector that names this tile and its likes
	Nth    int    `json:"nth,omitzero"`    // which of those that Select names, from 0
}

// Proof is one registered method of multifactor authentication.
type Proof struct {
	Method  string `json:"method,omitzero"` // authMethodId
	Label   string `json:"label,omitzero"`  // shown to the user, e.g. +XX XXXXXXXX42
	Default bool   `json:"default,omitzero"`
}

// Begun is a request that the page has sent to the user's phone, as the reply to
// a background request reports it. The zero value is none.
type Begun struct {
	Method string `json:"method,omitzero"` // authMethodId, or phoneSignIn
	Number string `json:"number,omitzero"` // "" when there is none to tap
	Result string `json:"result,omitzero"` // why it did not begin, e.g. ProofDataNotFound, or the code of a look-up that failed
}

// Shows reports whether an element with one of ids is visible. An id
// "name:x" stands for an input named x, "form:x" for a form, "checked:x" for a ticked box.
func (s Snapshot) Shows(ids ...string) bool {
	for _, id := range ids {
		if slices.Contains(s.IDs, id) {
			return true
		}
	}
	return false
}
