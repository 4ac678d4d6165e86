package broker

import (
	"strings"
	"testing"
)

// The chosen account is that of the profile's user or, without a user name, the only
// account of the profile's tenant.
func TestChoose(t *testing.T) {
	const here, there = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24", "9b1f0a52-0000-4000-8000-000000000002"
	account := func(name, tenant string) Account { return Account{Username: name, TenantID: tenant} }
	for name, c := range map[string]struct {
		accounts         []Account
		username, tenant string
		want, fails      string
	}{
		"the user": {
			accounts: []Account{account("grace@x", here), account("Ada@X", here)},
			username: "ada@x", want: "Ada@X",
		},
		"a guest": {
			accounts: []Account{account("ada@x", there)},
			username: "ada@x",
			tenant:   here, want: "ada@x",
		},
		"another user": {
			accounts: []Account{account("grace@x", here)},
			username: "ada@x", tenant: here, fails: "signed in as grace@x, not as ada@x",
		},
		"no name": {
			accounts: []Account{account("ada@x", there), account("grace@x", here)},
			tenant:   strings.ToUpper(here), want: "grace@x",
		},
		"no name, ambiguous": {
			accounts: []Account{account("ada@x", here), account("grace@x", here)},
			tenant:   here, fails: "several accounts match: ada@x, grace@x",
		},
		"another tenant": {
			accounts: []Account{account("ada@x", there)},
			tenant:   here, fails: "ada@x is not in the profile's tenant",
		},
		"no tenant": {
			accounts: []Account{account("ada@x", "")}, fails: "ada@x is not in the profile's tenant",
		},
		"no account": {username: "ada@x", fails: "no account is signed in to this device"},
		"percent": {
			accounts: []Account{account("%s@x", here)},
			username: "100%d@x", fails: "as %s@x, not as 100%d@x",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Choose(c.accounts, c.username, c.tenant)
			if got.Username != c.want || (err == nil) != (c.fails == "") ||
				err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("got %q, %v; want %q, %q", got.Username, err, c.want, c.fails)
			}
		})
	}
}

// Replies are untrusted: for any reply, the value is safe in a header and the error is
// safe on a terminal.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		`{"cookieName":"x-ms-RefreshTokenCredential","cookieContent":"a.b.c"}`,
		`{"cookieItems":[{"cookieName":"X-MS-refreshtokencredential","cookieContent":"a.b.c\r\nX: y"}]}`,
		`{"error":{"context":"\u001b[2J","status":4}}`, `{"error":"no"}`, `{"error":null}`, `[]`, ``,
		`{"accounts":[{"username":"\u202e"}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, reply string) {
		value, err := readCredential(reply)
		if err == nil && !jwt.MatchString(value.Reveal()) {
			t.Errorf("a value that is no token: %q", value.Reveal())
		}
		accounts, other := readAccounts(reply)
		for _, text := range []string{listed(nil), message(err), message(other)} {
			if strings.ContainsAny(text, "\r\n\x1b") {
				t.Errorf("unsafe on a terminal: %q", text)
			}
		}
		for _, a := range accounts {
			if a.Username == "" || strings.ContainsAny(a.Username, "\r\n\x1b\u202e") ||
				!strings.Contains(reply, string(a.raw)) {
				t.Errorf("account %+v", a)
			}
		}
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
