package sts

import (
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// mark is part of every secret.
const mark = "CANARYc4f9"

var (
	role = saml.Role{
		ARN:      "arn:aws:iam::111122223333:role/azure/azure.admin",
		Provider: "arn:aws:iam::111122223333:saml-provider/AzureAD",
	}
	session   = "arn:aws:sts::111122223333:assumed-role/azure.admin/ada@contoso.example"
	assertion = secret.New("PHNhbWxwOlJlc3BvbnNl" + mark)
	expires   = time.Date(2026, 1, 2, 4, 4, 5, 0, time.UTC)
)

// fake is an STS with scripted replies.
type fake struct {
	*httptest.Server
	mu    sync.Mutex
	forms []url.Values
	heads []http.Header
}

// serve starts a fake. answer receives the number of the request, starting with 1.
func serve(t *testing.T, answer func(w http.ResponseWriter, n int, form url.Values)) *fake {
	t.Helper()
	d := &fake{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			t.Error(err)
		}
		d.mu.Lock()
		d.forms, d.heads = append(d.forms, form), append(d.heads, r.Header.Clone())
		n := len(d.forms)
		d.mu.Unlock()
		answer(w, n, form)
	}))
	t.Cleanup(d.Close)
	return d
}

// durations returns the requested durations in order.
func (d *fake) durations() []string {
	var all []string
	for _, f := range d.forms {
		all = append(all, f.Get("DurationSeconds"))
	}
	return all
}

// clientOf returns a client of the fake that does not wait between attempts.
func clientOf(d *fake, o Options) *Client {
	o.Endpoint = d.URL
	c := New(o)
	c.backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	return c
}

func escaped(s string) string {
	b, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"Message"`
		Text    string   `xml:",chardata"`
	}{Text: s})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(
		w,
		`<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code>%s</Error><RequestId>req-1</RequestId></ErrorResponse>`,
		code, escaped(message),
	)
}

func grant(w http.ResponseWriter, arn string) {
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(
		w,
		`<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithSAMLResult>
<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret%[1]s</SecretAccessKey><SessionToken>token%[1]s</SessionToken><Expiration>%[2]s</Expiration></Credentials>
<AssumedRoleUser><Arn>%[3]s</Arn><AssumedRoleId>AROA:ada</AssumedRoleId></AssumedRoleUser></AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>`,
		mark,
		expires.Format(time.RFC3339),
		arn,
	)
}

// memory is a DurationMemory that may fail to store.
type memory struct {
	known map[string]time.Duration
	fail  error
}

func (m *memory) Longest(arn string) (time.Duration, bool) { d, ok := m.known[arn]; return d, ok }

func (m *memory) Remember(arn string, d time.Duration) error {
	if m.fail == nil {
		m.known[arn] = d
	}
	return m.fail
}
