package entra

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Fingerprint holds the headers that identify the browser to Microsoft. The browser and
// renewals without one send the same headers.
type Fingerprint struct {
	UserAgent string `json:"user_agent"`
	Product   string `json:"product,omitempty"`   // brand name, e.g. Google Chrome; "" for Chromium
	Platform  string `json:"platform,omitempty"`  // e.g. Linux
	Languages string `json:"languages,omitempty"` // preferred first, separated by commas
}

// Brand is a name and a major version in the header Sec-CH-UA.
type Brand struct{ Name, Version string }

var chromeVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`Chrome/([0-9]+)`) })

// Brands returns the brands that a Chromium of this version reports, including a
// meaningless one that changes with the version.
// Source: chromium.googlesource.com, components/embedder_support/user_agent_utils.cc
func (f Fingerprint) Brands() []Brand {
	found := chromeVersion().FindStringSubmatch(f.UserAgent)
	if found == nil {
		return nil
	}
	major, err := strconv.Atoi(found[1])
	if err != nil {
		return nil
	}
	const signs = " (:-./);=?_"
	grease := Brand{
		"Not" + signs[major%11:major%11+1] + "A" + signs[(major+1)%11:(major+1)%11+1] + "Brand",
		[]string{"8", "99", "24"}[major%3],
	}
	chromium := Brand{"Chromium", found[1]}
	if f.Product == "" {
		if major%2 == 0 {
			return []Brand{grease, chromium}
		}
		return []Brand{chromium, grease}
	}
	order := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}[major%6]
	brands := make([]Brand, 3)
	for i, brand := range []Brand{grease, chromium, {f.Product, found[1]}} {
		brands[order[i]] = brand
	}
	return brands
}

// SetHeaders sets the headers of a request as the browser sends them.
func (f Fingerprint) SetHeaders(header http.Header) {
	header.Set("User-Agent", f.UserAgent)
	header.Set("Accept-Language", acceptLanguage(cmp.Or(f.Languages, "en-US,en")))
	if brands := f.Brands(); f.Platform != "" && brands != nil {
		var list []string
		for _, b := range brands {
			list = append(list, fmt.Sprintf("%q;v=%q", b.Name, b.Version))
		}
		header.Set("Sec-CH-UA", strings.Join(list, ", "))
		header.Set("Sec-CH-UA-Mobile", "?0")
		header.Set("Sec-CH-UA-Platform", strconv.Quote(f.Platform))
	}
}

// acceptLanguage adds weights to a list of languages, as Chromium does.
func acceptLanguage(languages string) string {
	list := strings.Split(languages, ",")
	for i := 1; i < len(list); i++ {
		list[i] += fmt.Sprintf(";q=0.%d", max(10-i, 1))
	}
	return strings.Join(list, ",")
}
