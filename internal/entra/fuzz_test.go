package entra

import (
	"maps"
	"slices"
	"testing"
)

// Elements and IDs that no saved page has.
var (
	oddIDs = []string{
		"otherTile", "msaTile", "exceptionMessageContainer", "idTD_Error", "ContentPlaceHolder1_PasswordTextBox",
		"idDiv_SAOTCV_Title", "i0281",
	}
	oddHosts = []string{"login.microsoftonline.com", "chromewebdata", "", "fs.contoso.example", "login.live.com"}
	oddPages = []string{"", "ConvergedRemoteConnect", "convergedsignin", "ConvergedSignIn "}
)

// No snapshot matches two states, displayed texts have no influence, and a page that is
// not ready has no state. Each bit of ids represents a visible element.
func FuzzRecognize(f *testing.F) {
	ids, pages := parts()
	for _, snap := range saved {
		var bits uint64
		for i, id := range ids {
			if snap.Shows(id) {
				bits |= 1 << (i % 64)
			}
		}
		f.Add(uint8(slices.Index(pages, snap.PageID)), uint8(0), bits, snap.ErrorCode, snap.View, "text", 1)
		f.Add(uint8(slices.Index(pages, snap.PageID)), uint8(1), ^bits, "50126", "55", "", 0)
	}
	f.Fuzz(func(t *testing.T, page, host uint8, bits uint64, code, view, text string, choices int) {
		snap := Snapshot{
			Ready: true, PageID: pages[int(page)%len(pages)], Host: oddHosts[int(host)%len(oddHosts)], ErrorCode: code, View: view,
		}
		for i, id := range ids {
			if bits&(1<<(i%64)) != 0 {
				snap.IDs = append(snap.IDs, id)
			}
		}
		for range choices & 7 {
			snap.Choices = append(snap.Choices, Choice{Kind: text, Value: text, Label: text})
		}
		found := matches(snap)
		if len(found) > 1 {
			t.Errorf("%+v is %v", snap, found)
		}
		snap.ErrorText, snap.Number, snap.Detail, snap.Account, snap.Trace = text, text, text, text, text
		if again := matches(snap); !slices.Equal(again, found) {
			t.Errorf("%+v is %v, and with texts %v", snap, found, again)
		}
		snap.Ready = false
		if state, ok := Recognize(snap); ok {
			t.Errorf("%+v, not ready, is %s", snap, state.Name)
		}
	})
}

// parts lists every element and page ID of the saved pages and of the table, and the odd
// ones.
func parts() (ids, pages []string) {
	known, ofPages := map[string]bool{}, map[string]bool{}
	for _, snap := range saved {
		ofPages[snap.PageID] = true
		for _, id := range snap.IDs {
			known[id] = true
		}
	}
	for _, id := range slices.Concat(signInOrder, tfaOrder, oddIDs) {
		known[id] = true
	}
	for _, page := range oddPages {
		ofPages[page] = true
	}
	return slices.Sorted(maps.Keys(known)), slices.Sorted(maps.Keys(ofPages))
}
