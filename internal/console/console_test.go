package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

func TestDestination(t *testing.T) {
	for _, c := range []struct {
		target Target
		want   string
	}{
		{Target{"aws", "", ""}, "https://console.aws.amazon.com/console/home"},
		{Target{"aws", "eu-central-1", ""}, "https://console.aws.amazon.com/console/home?region=eu-central-1"},
		{Target{"aws", "eu-central-1", "s3"}, "https://console.aws.amazon.com/s3/home?region=eu-central-1"},
		{Target{"aws", "", "param"}, "https://console.aws.amazon.com/systems-manager/parameters/home"},
		{Target{"aws-us-gov", "us-gov-west-1", "ec2"}, "https://console.amazonaws-us-gov.com/ec2/v2/home?region=us-gov-west-1"},
		{Target{"aws-eusc", "eusc-de-east-1", "s3"}, "https://console.amazonaws-eusc.eu/s3/home?region=eusc-de-east-1"},
		{Target{"aws-cn", "cn-north-1", "iam"}, "https://console.amazonaws.cn/iam/home?region=cn-north-1"},
	} {
		if got, err := Destination(c.target); err != nil || got != c.want {
			t.Errorf("%v: %s, %v", c.target, got, err)
		}
	}
	for _, bad := range []Target{
		{"aws", "eu-central-1&x=y", ""},
		{"aws", "eu central", ""},
		{"aws", "", "../evil"},
		{"aws", "", "//evil.example"},
		{"aws", "", "s3?x=y"},
		{"aws", "", "s3#x"},
		{"aws", "", "s3@evil.example"},
		{"aws", "", "a/../b?"},
		{"moon", "", ""},
	} {
		if got, err := Destination(bad); err == nil || fault.KindOf(err) != fault.Config {
			t.Errorf("%v was accepted: %s, %v", bad, got, err)
		}
	}
}

// site is an AWS sign-in endpoint with a fixed response. It records the request.
type site struct {
	status  int
	body    string
	request *http.Request
	form    url.Values
}

func (s *site) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.request = r
	if s.form, err = url.ParseQuery(string(body)); err != nil {
		return nil, err
	}
	header := http.Header{}
	if s.status == http.StatusTemporaryRedirect {
		header.Set("Location", "https://evil.example/")
	}
	return &http.Response{
		StatusCode: s.status, Header: header, Body: io.NopCloser(strings.NewReader(s.body)), Request: r,
	}, nil
}

var creds = awscreds.Credentials{
	AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("secret/+key"),
	SessionToken: secret.New("session//+=="),
}

// TestKeysAreSentInBody checks that no key is part of a URL, where proxies and
// histories would record it.
func TestKeysAreSentInBody(t *testing.T) {
	for partition, host := range map[string]string{"aws": "signin.aws.amazon.com", "aws-us-gov": "signin.amazonaws-us-gov.com", "aws-cn": "signin.amazonaws.cn", "aws-eusc": "eusc-de-east-1.signin.amazonaws-eusc.eu"} {
		t.Run(partition, func(t *testing.T) {
			s := &site{status: 200, body: `{"SigninToken":"to&ken="}`}
			got, err := URL(t.Context(), &http.Client{Transport: s}, creds, Target{Partition: partition, Service: "s3"})
			if err != nil {
				t.Fatal(err)
			}
			if s.request.Method != "POST" || s.request.URL.String() != "https://"+host+"/federation" ||
				s.form.Get("Action") != "getSigninToken" ||
				s.request.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
				t.Errorf("asked %s %s", s.request.Method, s.request.URL)
			}
			if want := `{"sessionId":"ASIAEXAMPLE","sessionKey":"secret/+key","sessionToken":"session//+=="}`; s.form.Get(
				"Session",
			) != want {
				t.Errorf("Session is %s", s.form.Get("Session"))
			}
			u, err := url.Parse(got.Reveal())
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			if u.Host != host || q.Get("Action") != "login" || q.Get("Issuer") != issuer ||
				q.Get("SigninToken") != "to&ken=" ||
				!strings.Contains(q.Get("Destination"), "/s3/home") {
				t.Errorf("address %s", got.Reveal())
			}
			for _, key := range []string{"ASIAEXAMPLE", "secret/", "session/"} {
				if strings.Contains(got.Reveal(), url.QueryEscape(key)) {
					t.Errorf("the URL contains %s", key)
				}
			}
		})
	}
}

// TestRefusals checks that errors repeat nothing from a response, and that redirects are
// not followed.
func TestRefusals(t *testing.T) {
	for _, s := range []*site{{status: 400, body: "secret/+key is bad"}, {status: 200, body: "<html>"}, {status: 200, body: "{}"}, {status: 307}, {status: 403, body: `{"SigninToken":"x"}`}} {
		_, err := URL(t.Context(), &http.Client{Transport: s}, creds, Target{Partition: "aws"})
		if err == nil || fault.KindOf(err) != fault.Role || strings.Contains(err.Error(), "secret/") {
			t.Errorf("%d %s: %v", s.status, s.body, err)
		}
		if s.request.URL.Host != "signin.aws.amazon.com" {
			t.Errorf("the keys went to %s", s.request.URL.Host)
		}
	}
	if got, err := URL(t.Context(), nil, creds, Target{Partition: "aws-moon"}); err == nil || !got.IsZero() {
		t.Errorf("unknown partition: %v", err)
	}
}

// away is an endpoint that cannot be reached.
type away struct{}

func (away) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }

func TestUnreachable(t *testing.T) {
	_, err := URL(t.Context(), &http.Client{Transport: away{}}, creds, Target{Partition: "aws"})
	if fault.KindOf(err) != fault.Network || err.Error() != "cannot reach the AWS sign-in endpoint: no route" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := URL(ctx, &http.Client{Transport: away{}}, creds, Target{Partition: "aws"}); !errors.Is(
		err, context.Canceled,
	) {
		t.Errorf("canceled: %v", err)
	}
}
