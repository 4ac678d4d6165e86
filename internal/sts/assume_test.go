package sts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

const exceeds = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."

// capped replies like STS for a role with a maximum session duration.
func capped(limit time.Duration) func(http.ResponseWriter, int, url.Values) {
	return func(w http.ResponseWriter, _ int, form url.Values) {
		if n, err := strconv.Atoi(form.Get("DurationSeconds")); err == nil && time.Duration(n)*time.Second > limit {
			refuse(w, 400, "ValidationError", exceeds)
			return
		}
		grant(w, session)
	}
}

// The request carries role, provider and assertion, and is not signed. All parts of the
// reply are returned.
func TestAssume(t *testing.T) {
	d := serve(t, capped(time.Hour))
	got, err := clientOf(d, Options{Region: "eu-central-1"}).Assume(context.Background(), assertion, role, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.AccessKeyID != "ASIAEXAMPLE" || got.SecretAccessKey.Reveal() != "secret"+mark || got.SessionToken.Reveal() != "token"+mark ||
		!got.Expires.Equal(expires) ||
		got.Expires.Location() != time.UTC ||
		got.AssumedRoleARN != session {
		t.Errorf("credentials %+v", got)
	}
	form := d.forms[0]
	if form.Get("Action") != "AssumeRoleWithSAML" || form.Get("RoleArn") != role.ARN ||
		form.Get("PrincipalArn") != role.Provider ||
		form.Get("SAMLAssertion") != assertion.Reveal() ||
		form.Has("DurationSeconds") {
		t.Errorf("form %v", form)
	}
	if d.heads[0].Get("Authorization") != "" {
		t.Error("the request is signed")
	}
}

// If the role does not allow a duration, shorter ones are tried. The result is reported
// and remembered, and the next sign-in starts with it.
func TestStepDown(t *testing.T) {
	for _, row := range []struct {
		want, limit time.Duration
		asked       []string
	}{
		{12 * time.Hour, 12 * time.Hour, []string{"43200"}},
		{12 * time.Hour, 4 * time.Hour, []string{"43200", "28800", "14400"}},
		{9 * time.Hour, 2 * time.Hour, []string{"32400", "28800", "14400", "7200"}},
		{90 * time.Minute, time.Hour, []string{"5400", "3600"}},
		{15 * time.Minute, time.Hour, []string{"900"}},
	} {
		d := serve(t, capped(row.limit))
		m := &memory{known: map[string]time.Duration{}}
		c := clientOf(d, Options{Region: "us-east-1", Memory: m})
		var said []string
		notify := func(s string) { said = append(said, s) }
		for range 2 {
			if _, err := c.Assume(context.Background(), assertion, role, row.want, notify); err != nil {
				t.Fatal(err)
			}
		}
		last := row.asked[len(row.asked)-1]
		if asked := d.durations(); !slices.Equal(asked, append(slices.Clone(row.asked), last)) {
			t.Errorf("want %s, limit %s: asked %q", row.want, row.limit, asked)
		}
		stepped := len(row.asked) > 1
		if (len(said) == 1) != stepped || len(said) > 1 || (len(m.known) == 1) != stepped {
			t.Errorf("want %s, limit %s: said %q, remembered %v", row.want, row.limit, said, m.known)
		}
		if _, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, row.want, nil); err != nil {
			t.Errorf("without a memory: %v", err)
		}
	}
}

// A role that refuses every duration causes an error with a hint, and nothing is
// remembered.
func TestStepDownEnds(t *testing.T) {
	d := serve(t, capped(0))
	m := &memory{known: map[string]time.Duration{}}
	_, err := clientOf(d, Options{Memory: m}).Assume(context.Background(), assertion, role, 12*time.Hour, nil)
	if fault.KindOf(err) != fault.Role || !strings.Contains(err.Error(), "duration") || len(d.forms) != 5 ||
		len(m.known) != 0 {
		t.Errorf("%d requests, remembered %v: %v", len(d.forms), m.known, err)
	}
}

// Only the error for too long a duration is retried with a shorter one.
func TestOtherRefusalsAreNotRetried(t *testing.T) {
	for code, message := range map[string]string{"AccessDenied": exceeds, "ValidationError": "1 validation error detected"} {
		t.Run(code, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 400, code, message) })
			if _, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 12*time.Hour, nil); err == nil ||
				len(d.forms) != 1 {
				t.Errorf("%s: %d requests, %v", code, len(d.forms), err)
			}
		})
	}
}

// An invalid remembered duration, or one longer than requested, is ignored.
func TestInvalidMemory(t *testing.T) {
	for _, known := range []time.Duration{-time.Hour, 0, time.Second, 100 * time.Hour} {
		d := serve(t, capped(12*time.Hour))
		m := &memory{known: map[string]time.Duration{role.ARN: known}}
		_, err := clientOf(d, Options{Memory: m}).Assume(context.Background(), assertion, role, 2*time.Hour, nil)
		if asked := d.durations(); err != nil || !slices.Equal(asked, []string{"7200"}) {
			t.Errorf("%s known: asked %q, %v", known, asked, err)
		}
	}
}

// A reply with missing parts is an error.
func TestIncompleteCredentials(t *testing.T) {
	whole := httptest.NewRecorder()
	grant(whole, session)
	for _, tag := range []string{"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Credentials", "AssumedRoleUser", "Arn"} {
		cut := regexp.MustCompile(`(?s)<`+tag+`>.*</`+tag+`>`).ReplaceAllString(whole.Body.String(), "")
		d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { fmt.Fprint(w, cut) })
		got, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 0, nil)
		if fault.KindOf(err) != fault.Role || got != (awscreds.Credentials{}) || strings.Contains(err.Error(), mark) {
			t.Errorf("without %s: %+v %v", tag, got, err)
		}
	}
}

// An error while remembering a duration is ignored.
func TestMemoryErrorIsIgnored(t *testing.T) {
	d := serve(t, capped(time.Hour))
	m := &memory{known: map[string]time.Duration{}, fail: errors.New("disk full")}
	if _, err := clientOf(d, Options{Memory: m}).Assume(context.Background(), assertion, role, 2*time.Hour, nil); err != nil {
		t.Error(err)
	}
}

// Throttled calls are retried, up to five attempts.
func TestThrottling(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, n int, _ url.Values) {
		if n <= 2 {
			refuse(w, 400, "Throttling", "Rate exceeded")
			return
		}
		grant(w, session)
	})
	if _, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 0, nil); err != nil ||
		len(d.forms) != 3 {
		t.Errorf("%d requests: %v", len(d.forms), err)
	}
	d = serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 400, "Throttling", "Rate exceeded") })
	_, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 0, nil)
	if fault.KindOf(err) != fault.Network || len(d.forms) != maxAttempts {
		t.Errorf("%d requests: %v", len(d.forms), err)
	}
}

// Credentials of another role, account or partition are rejected.
func TestReturnedRole(t *testing.T) {
	for arn, good := range map[string]bool{
		session: true,
		"arn:aws:sts::111122223333:assumed-role/Azure.Admin/ada":       true,
		"arn:aws:sts::111122223333:assumed-role/azure.reader/ada":      false,
		"arn:aws:sts::999999999999:assumed-role/azure.admin/ada":       false,
		"arn:aws-cn:sts::111122223333:assumed-role/azure.admin/ada":    false,
		"arn:aws:sts::111122223333:assumed-role/azure/azure.admin/ada": false,
		"arn:aws:iam::111122223333:user/azure.admin":                   false,
		"": false,
	} {
		t.Run(arn, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { grant(w, arn) })
			got, err := clientOf(d, Options{}).Assume(context.Background(), assertion, role, 0, nil)
			if good && err != nil {
				t.Errorf("%s refused: %v", arn, err)
			}
			if !good && (fault.KindOf(err) != fault.Role || got != awscreds.Credentials{}) {
				t.Errorf("%s taken: %+v %v", arn, got, err)
			}
		})
	}
}

// Requests that STS would refuse are not sent.
func TestRefusedBeforeSending(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { grant(w, session) })
	full := secret.New(strings.Repeat("A", maxAssertion))
	if _, err := clientOf(d, Options{}).Assume(context.Background(), full, role, 0, nil); err != nil {
		t.Errorf("the largest assertion: %v", err)
	}
	for _, row := range []struct {
		assertion secret.Text
		role      saml.Role
		want      time.Duration
		kind      fault.Kind
	}{
		{secret.New(strings.Repeat("A", maxAssertion+1)), role, 0, fault.Role},
		{secret.Text{}, role, 0, fault.Role},
		{assertion, saml.Role{}, 0, fault.Role},
		{assertion, role, 13 * time.Hour, fault.Config},
		{assertion, role, time.Minute, fault.Config},
		{assertion, role, -time.Hour, fault.Config},
	} {
		if _, err := clientOf(d, Options{}).Assume(context.Background(), row.assertion, row.role, row.want, nil); fault.KindOf(
			err,
		) != row.kind {
			t.Errorf("%d characters, %s: %v", row.assertion.Len(), row.want, err)
		}
	}
	if len(d.forms) != 1 {
		t.Errorf("%d requests were sent", len(d.forms))
	}
}

// Redirects are not followed, because they would send the assertion to another host.
func TestRedirectIsNotFollowed(t *testing.T) {
	var hits atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(thief.Close)
	for _, status := range []int{http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) {
			w.Header().Set("Location", thief.URL)
			w.WriteHeader(status)
		})
		for _, h := range []*http.Client{nil, d.Client()} {
			if _, err := clientOf(d, Options{HTTP: h}).Assume(context.Background(), assertion, role, 0, nil); err == nil ||
				hits.Load() > 0 {
				t.Errorf("%d: followed %d times, error %v", status, hits.Load(), err)
			}
		}
	}
}

// Cancellation by the caller is not reported as a failure of STS.
func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) {
		cancel()
		refuse(w, 503, "ServiceUnavailable", "")
	})
	if _, err := clientOf(d, Options{}).Assume(ctx, assertion, role, 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
