package entra

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// marked returns a page with a value of the user in every field that may contain one.
func marked(page Snapshot, value string) Snapshot {
	page.URL, page.Skip = "https://"+page.Host+"/"+value+"/saml2", "https://"+page.Host+"/skip?ctx="+value
	page.Account, page.Detail, page.ErrorText, page.Trace, page.Number = value, value, value, value, value
	page.ErrorCode += value
	page.View += value
	page.PageID += value
	page.Awaits, page.Missing, page.Verdict = value+".example", value+".example", value
	page.Begun = Begun{Method: value, Number: value, Result: value}
	page.IDs = append(
		slices.Clone(page.IDs), value, "tile_"+value, "x"+value+"y", strings.ToUpper(value), "name:"+value, "new"+value+"9",
	)
	page.Choices = append(
		slices.Clone(page.Choices), Choice{"account", value, value, "[data-test-id=\"" + value + "\"]", 0},
		Choice{value, "OneWaySMS", value, value, 0}, Choice{"credential", value, value, value, 0},
	)
	page.Proofs = append(slices.Clone(page.Proofs), Proof{value, value, false}, Proof{"OneWaySMS", value, true})
	return page
}

// leaks returns the strings of a redacted page that contain a value. Names that are
// constants of this package reveal nothing about a user.
func leaks(t *testing.T, page Snapshot, value string) []string {
	t.Helper()
	data, err := json.Marshal(page)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	constants := slices.Concat(knownIDs(), pageIDs, []string{
		page.Host, address(true, page.Host), address(false, page.Host), otherHost, "user", "otherTile",
	})
	var found []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, below := range v {
				walk(below)
			}
		case []any:
			for _, below := range v {
				walk(below)
			}
		case string:
			if !slices.Contains(constants, v) && strings.Contains(strings.ToLower(v), strings.ToLower(value)) {
				found = append(found, v)
			}
		}
	}
	walk(document)
	return found
}

// A record of a page contains no data of the user or the company.
func TestRedacted(t *testing.T) {
	for _, value := range []string{
		"ada@contoso.example", "contoso", "Ada Lovelace", "AdaLovelace", "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24",
		"+49 170 1234567", "111122223333", "azure.admin", "AQABAAEAAAD--DLA3VO7QrddgJg7Wevr", "fs.contoso.example",
	} {
		t.Run(value, func(t *testing.T) {
			for name, page := range saved {
				for _, host := range []string{"login.microsoftonline.com", "fs.contoso.example", ErrorPageHost} {
					page.Host, page.Secure = host, true
					clean := marked(page, value).Redacted("ada@contoso.example", "AdaLovelace")
					if found := leaks(t, clean, value); len(found) > 0 {
						t.Errorf("%s on %s: got %q, want nothing of %q", name, host, found, value)
					}
				}
			}
		})
	}
}

// Element names are omitted only if the page derived them from user data.
func TestRedactedIDs(t *testing.T) {
	page := Snapshot{Host: "login.microsoftonline.com", IDs: []string{
		"i0116", "somethingNew", "adaTile", "tile_ada", "metadata", "contosoBanner", "ADA", "x12345", "displayName",
	}}
	want := []string{"i0116", "somethingNew", "metadata", "displayName"}
	if got := page.Redacted("ada@contoso.example").IDs; !slices.Equal(got, want) {
		t.Errorf("Microsoft's page: got %q, want %q", got, want)
	}
	page.Host = "fs.contoso.example"
	if got := page.Redacted().IDs; !slices.Equal(got, []string{"i0116"}) {
		t.Errorf("page of a company: got %q, want the known one", got)
	}
}

// The recorded elements of a page contain no data of the user either.
func TestRedactSkeleton(t *testing.T) {
	const text = "body.cb\n  span#adaTile.adaTile\n  input#i0116.wide [type=email] [name=ada]\n  div [data-viewid=2] (hidden)"
	want := "body.cb\n  span\n  input#i0116.wide [type=email]\n  div [data-viewid=2] (hidden)"
	if got := RedactSkeleton(text, "login.microsoftonline.com", "ada@contoso.example"); got != want {
		t.Errorf("Microsoft's page: got\n%s\nwant\n%s", got, want)
	}
	want = "body\n  span\n  input#i0116\n  div (hidden)"
	if got := RedactSkeleton(text, otherHost); got != want {
		t.Errorf("page of a company: got\n%s\nwant\n%s", got, want)
	}
}

// A redacted page has the same state, and the original remains unchanged.
func TestRedactedIsRecognized(t *testing.T) {
	for name, page := range saved {
		t.Run(name, func(t *testing.T) {
			page.Ready = true
			if page.Host == "" {
				page.Host = "login.microsoftonline.com"
			}
			page.Choices = []Choice{{Kind: "account", Value: "ada@contoso.example"}}
			want, got := matches(page), matches(page.Redacted("ada@contoso.example", "display name title"))
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if page.Choices[0].Value != "ada@contoso.example" {
				t.Error("the snapshot itself was changed")
			}
		})
	}
}

// No redacted page contains the marked value.
func FuzzRedacted(f *testing.F) {
	names := make([]string, 0, len(saved))
	for name := range saved {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, value := range []string{
		"ada@contoso.example", "contoso", "Ada Lovelace", "111122223333", "AKIAIOSFODNN7EXAMPLE", "x\u202eevil", "azure.admin",
	} {
		f.Add(uint8(0), "login.microsoftonline.com", value)
		f.Add(uint8(7), "fs.contoso.example", value)
	}
	f.Fuzz(func(t *testing.T, page uint8, host, value string) {
		if len(value) < minSubstring || strings.Trim(value, "+-0X* ") == "" {
			return // shorter values match only whole words
		}
		if pageError().MatchString(value) {
			return // could be an error number
		}
		snap := saved[names[int(page)%len(names)]]
		snap.Host = host
		if found := leaks(t, marked(snap, value).Redacted(value), value); len(found) > 0 {
			t.Errorf("got %q, want nothing of %q", found, value)
		}
	})
}
