package loopback

import (
	_ "embed" // for the embedded page
	"errors"
	"html/template"
	"net/http"
	"sync"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/termtext"
)

//go:embed page.html
var pageText string

var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("").Parse(pageText)) })

// content is the content of a page.
type content struct {
	Kind  string // "done", "failed" or "refused"
	Title string
	Text  string
	Hints []string
	Who   string
}

// end writes the final page of the sign-in.
func end(w http.ResponseWriter, response saml.Response, err error) {
	if err == nil {
		who := response.SessionName
		if who == "" {
			who = response.Subject
		}
		write(w, http.StatusOK, content{
			Kind: "done", Title: "You are signed in", Who: termtext.Printable(who, 100),
			Text: "Return to your terminal. You can close this tab.",
		})
		return
	}
	c := content{Kind: "failed", Title: "Sign-in failed", Text: termtext.Printable(err.Error(), 600)}
	var f *fault.Error
	if errors.As(err, &f) {
		for _, hint := range f.Hints {
			c.Hints = append(c.Hints, termtext.Printable(hint, 600))
		}
	}
	write(w, http.StatusOK, c)
}

// refuse writes an error page for a request that is not the expected response.
func refuse(w http.ResponseWriter, status int, why string) {
	write(w, status, content{Kind: "refused", Title: "Not here", Text: why})
}

// write sends a page that loads no resources, runs no scripts, and is not cached.
func write(w http.ResponseWriter, status int, c content) {
	for name, value := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
	} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	_ = page().Execute(w, c) // the browser may have disconnected
}
