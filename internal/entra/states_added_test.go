package entra

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// addedPages maps each page of addedStates to what o365aws clicks and types there.
var addedPages = []struct{ state, want string }{
	// addpage inserts rows above this line.
}

// Each added page is answered as specified by its row.
func TestAddedPages(t *testing.T) {
	for _, c := range addedPages {
		t.Run(c.state, func(t *testing.T) {
			page := savedPage(t, c.state)
			p := newScript(page, saved["keep-signed-in"])
			_, err := drive(t, p, &fakeUser{}, func(d *Driver) { d.LoginHosts = []string{page.Host} })
			done := append(p.typed, p.clicked...)
			if n := len(done); err == nil && n > 0 {
				done = done[:n-1] // the click on the following page
			}
			if got := strings.Join(done, " "); got != c.want {
				t.Errorf("got %q, want %q; the sign-in ends with %v", got, c.want, err)
			}
		})
	}
	if got, want := len(addedPages), len(addedStates); got != want {
		t.Errorf("got %d tests of added pages, want %d", got, want)
	}
}

func savedPage(t *testing.T, name string) (page Snapshot) {
	t.Helper()
	data, err := os.ReadFile("testdata/pages/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(data, &page)
	}
	if err != nil {
		t.Fatal(err)
	}
	return page
}
