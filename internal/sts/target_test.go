package sts

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/o365aws/o365aws/internal/fault"
)

// Each partition uses its regional endpoints. The global endpoint requires the setting
// and is used only in regions where other AWS tools use it too.
func TestTarget(t *testing.T) {
	for _, row := range []struct {
		region, partition string
		fips, dual        bool
		host              string
		said              int
		legacy            bool
	}{
		{"", "aws", false, false, "sts.us-east-1.amazonaws.com", 0, false},
		{"", "aws-cn", false, false, "sts.cn-north-1.amazonaws.com.cn", 0, false},
		{"", "aws-us-gov", false, false, "sts.us-gov-west-1.amazonaws.com", 0, false},
		{"eu-central-1", "aws", false, false, "sts.eu-central-1.amazonaws.com", 0, false},
		{"cn-northwest-1", "aws-cn", false, false, "sts.cn-northwest-1.amazonaws.com.cn", 0, false},
		{"us-gov-east-1", "aws-us-gov", false, false, "sts.us-gov-east-1.amazonaws.com", 0, false},
		{"eu-central-1", "aws-cn", false, false, "sts.cn-north-1.amazonaws.com.cn", 1, false},
		{"cn-north-1", "aws", false, false, "sts.us-east-1.amazonaws.com", 1, false},
		{"eu-west-1", "aws-us-gov", false, false, "sts.us-gov-west-1.amazonaws.com", 1, false},
		{"us-east-1", "aws", true, false, "sts-fips.us-east-1.amazonaws.com", 0, false},
		{"eu-west-1", "aws", false, true, "sts.eu-west-1.api.aws", 0, false},
		{"eu-west-1", "aws", false, false, "sts.amazonaws.com", 0, true},
		{"", "aws", false, false, "sts.amazonaws.com", 0, true},
		{"eu-south-1", "aws", false, false, "sts.eu-south-1.amazonaws.com", 0, true},
		{"cn-north-1", "aws-cn", false, false, "sts.cn-north-1.amazonaws.com.cn", 0, true},
		{"us-east-1", "aws", true, false, "sts-fips.us-east-1.amazonaws.com", 0, true},
		{"eu-west-1", "aws", false, true, "sts.eu-west-1.api.aws", 0, true},
	} {
		said := 0
		got, err := New(Options{Region: row.region, FIPS: row.fips, DualStack: row.dual, Legacy: row.legacy}).
			target(context.Background(), row.partition, func(string) { said++ })
		if err != nil || got.host != row.host || said != row.said {
			t.Errorf("%+v: %+v, said %d, %v", row, got, said, err)
		}
		// The SDK calls the host that messages name.
		var asked string
		c := New(
			Options{
				Region:    row.region,
				FIPS:      row.fips,
				DualStack: row.dual,
				Legacy:    row.legacy,
				HTTP: &http.Client{
					Transport: trip(func(r *http.Request) { asked = r.URL.Scheme + "://" + r.URL.Host }),
				},
			},
		)
		c.backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		if _, err := c.client(got, aws.AnonymousCredentials{}).GetCallerIdentity(context.Background(), nil); err == nil ||
			asked != "https://"+row.host {
			t.Errorf("%+v: asked %s, %v", row, asked, err)
		}
	}
}

// trip records requests and returns an error for each.
type trip func(*http.Request)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { f(r); return nil, io.EOF }

// A setting without an endpoint, or with a foreign one, is refused.
func TestTargetRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"host in the region":      {Region: "evil.example/"},
		"fragment in the region":  {Region: "us-east-1#"},
		"invalid region":          {Region: "Frankfurt"},
		"long region":             {Region: "us-east-111111111111111111111111111"},
		"HTTP endpoint":           {Endpoint: "http://sts.example"},
		"HTTP to an IP address":   {Endpoint: "http://192.0.2.1"},
		"FTP endpoint":            {Endpoint: "ftp://localhost"},
		"file as endpoint":        {Endpoint: "file:///etc/passwd"},
		"malformed endpoint":      {Endpoint: "https://\x7f"},
		"endpoint without a host": {Endpoint: "https://"},
		"endpoint and FIPS":       {Endpoint: "https://sts.example", FIPS: true},
		"endpoint and dual stack": {Endpoint: "https://sts.example", DualStack: true},
	} {
		t.Run(name, func(t *testing.T) {
			if err := New(o).Check(context.Background()); fault.KindOf(err) != fault.Config {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	for _, endpoint := range []string{"https://sts.example", "http://localhost:4566", "http://127.0.0.1:1", "http://[::1]:1"} {
		if _, err := New(Options{Endpoint: endpoint}).target(context.Background(), "aws", func(string) {}); err != nil {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if _, err := New(Options{}).target(context.Background(), "aws-moon", func(string) {}); fault.KindOf(
		err,
	) != fault.Role {
		t.Errorf("unknown partition: %v", err)
	}
}
