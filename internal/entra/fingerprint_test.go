package entra

import (
	"net/http"
	"testing"
)

// The headers match those of Chrome and Chromium releases.
func TestFingerprint(t *testing.T) {
	for _, c := range []struct{ name, version, product, languages, brands, accept string }{
		{
			"Chrome 120", "120", "Google Chrome", "en-US,en",
			`"Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120"`, "en-US,en;q=0.9",
		},
		{
			"Chrome 124", "124", "Google Chrome", "de-DE,de,en-US,en",
			`"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"`, "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
		},
		{"Chromium 120", "120", "", "", `"Not_A Brand";v="8", "Chromium";v="120"`, "en-US,en;q=0.9"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Fingerprint{
				UserAgent: "Mozilla/5.0 Chrome/" + c.version + ".0.0.0 Safari/537.36", Product: c.product, Platform: "Linux",
				Languages: c.languages,
			}
			header := http.Header{}
			f.SetHeaders(header)
			for name, want := range map[string]string{
				"Sec-CH-UA": c.brands, "Accept-Language": c.accept, "Sec-CH-UA-Platform": `"Linux"`, "User-Agent": f.UserAgent,
			} {
				if got := header.Get(name); got != want {
					t.Errorf("%s: got %s, want %s", name, got, want)
				}
			}
		})
	}
}
