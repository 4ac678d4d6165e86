package metadata

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fault"
)

// Documents that AWS would reject, or with which no user could sign in, are
// rejected before they are sent.
func TestReadMetadataRefuses(t *testing.T) {
	good := string(awsfake.Metadata(t, awsfake.Certificate(t, 2048, certificateEnds)))
	many := make([]string, 11)
	for i := range many {
		many[i] = awsfake.Certificate(t, 1024, certificateEnds)
	}
	for name, c := range map[string]struct{ document, want string }{
		"short":          {"<a/>", "4 characters; AWS accepts 1000"},
		"no XML":         {strings.Repeat("x", 2000), "is not a SAML EntityDescriptor"},
		"another XML":    {"<html>" + strings.Repeat("x", 2000) + "</html>", "is not a SAML EntityDescriptor"},
		"no IdP":         {strings.ReplaceAll(good, "IDPSSODescriptor", "SPSSODescriptor"), "no identity provider"},
		"no entity id":   {strings.Replace(good, "entityID", "ID2", 1), "no entity id"},
		"no certificate": {string(awsfake.Metadata(t)) + strings.Repeat(" ", 1), "0 signing certificates"},
		"many":           {string(awsfake.Metadata(t, many...)), "11 signing certificates"},
		"not base64":     {strings.ReplaceAll(good, "<X509Certificate>", "<X509Certificate>*"), "it is not base64"},
		"not a cert":     {strings.ReplaceAll(good, "<X509Certificate>MII", "<X509Certificate>AAA"), "cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := Parse([]byte(c.document))
			if err == nil || !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Config ||
				m.EntityID != "" {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
	m, err := Parse([]byte(good))
	if err != nil || bytes.HasPrefix(m.Document, ByteOrderMark) || len(m.Certificates) != 1 || len(m.SignIn) != 2 {
		t.Errorf("a good document: %v %+v", err, m.Certificates)
	}
}

// A certificate causes a warning from 60 days before its expiry.
func TestCertificateWarnings(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for days, want := range map[int]string{-1: "no user can sign in", 1: "in 1 days", 59: "in 59 days", 61: ""} {
		t.Run(strconv.Itoa(days), func(t *testing.T) {
			m, err := Parse(awsfake.Metadata(t, awsfake.Certificate(t, 1024, now.AddDate(0, 0, days).Add(time.Minute))))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(m.Warnings(now), " ")
			if want == "" && got != "" || !strings.Contains(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// Metadata by URL is downloaded once for all accounts, and failures are reported.
func TestMetadataByURL(t *testing.T) {
	data := awsfake.Metadata(t, awsfake.Certificate(t, 2048, certificateEnds))
	asked := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; r.URL.Path != "/metadata.xml" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(data)
	}))
	defer server.Close()
	from := func(url string) *engine.World {
		s := parseSpec(t, "tenant: "+awsfake.Tenant+"\nprovider: {metadata: '"+url+"'}\n"+account)
		return &engine.World{Spec: s, Metadata: From(s, func() (*http.Client, error) { return server.Client(), nil })}
	}
	w := from(server.URL + "/metadata.xml")
	for range 3 {
		if m, err := Read(context.Background(), w); err != nil || !strings.Contains(m.EntityID, awsfake.Tenant) {
			t.Fatal(err)
		}
	}
	if asked != 1 {
		t.Errorf("downloaded %d times", asked)
	}
	if _, err := Read(context.Background(), from(server.URL+"/else")); err == nil ||
		!strings.Contains(err.Error(), "404") ||
		fault.KindOf(err) != fault.Network {
		t.Errorf("a missing document: %v", err)
	}
	w = from("https://127.0.0.1:1/metadata.xml")
	var f *fault.Error
	if _, err := Read(context.Background(), w); !errors.As(err, &f) || f.Kind != fault.Network {
		t.Errorf("no server: %v", err)
	}
	missing := parseSpec(t, "tenant: a.b\nprovider: {metadata: nowhere.xml}\n"+account)
	if _, err := Read(context.Background(), &engine.World{Spec: missing, Metadata: From(missing, nil)}); fault.KindOf(
		err,
	) != fault.Config {
		t.Errorf("no file: %v", err)
	}
}

// AWS trusts the certificates of the metadata: an https URL that redirects to
// http would let an attacker on the network choose them.
func TestMetadataStaysEncrypted(t *testing.T) {
	plain := httptest.NewServer(
		http.HandlerFunc(
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<EntityDescriptor/>")) },
		),
	)
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL+"/metadata.xml", http.StatusFound))
	defer secure.Close()
	source := urlSource{url: secure.URL, client: func() (*http.Client, error) { return secure.Client(), nil }}
	data, err := source.Metadata(t.Context())
	if fault.KindOf(err) != fault.Network || !strings.Contains(err.Error(), "http://") {
		t.Errorf("%q came by http: %v", data, err)
	}
}

// certificateEnds is when the certificates of these tests end.
var certificateEnds = time.Now().AddDate(2, 0, 0)

const account = "accounts: [{id: '" + awsfake.Account + "'}]\n"

func parseSpec(t *testing.T, text string) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("o365aws.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
