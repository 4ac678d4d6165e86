package aws

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fault"
)

// An answer without end fills no memory, whichever service gives it, and is
// not asked for again.
func TestEndlessAnswersOfAWS(t *testing.T) {
	var sent, asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		begin := "<Response><Result><Roles><member><Path>"
		if r.Header.Get("X-Amz-Target") != "" { // that of Organizations is JSON
			begin = `{"Accounts":[{"Name":"`
		}
		_, _ = io.WriteString(w, begin)
		for chunk := bytes.Repeat([]byte("A"), 1<<20); sent.Add(1) < 1<<10; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	awsfake.Setenv(t, server.URL)
	s := &spec.Spec{Partition: "aws"}
	account, err := (&Clients{limits: limits{reply: 1 << 20}}).account(t.Context(), s, spec.Account{ID: awsfake.Account})
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func(context.Context) error{
		"IAM": func(ctx context.Context) error {
			_, err := account.iam.ListRoles(ctx, &iam.ListRolesInput{})
			return err
		},
		"CloudFormation": func(ctx context.Context) error {
			_, err := cloudformation.NewFromConfig(account.cfg).ListStackSets(ctx, &cloudformation.ListStackSetsInput{})
			return err
		},
		"Organizations": func(ctx context.Context) error {
			_, err := organizations.NewFromConfig(account.cfg).ListAccounts(ctx, &organizations.ListAccountsInput{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			sent.Store(0)
			asked.Store(0)
			if err := call(t.Context()); err == nil || !strings.Contains(err.Error(), "replied with more than") {
				t.Errorf("got error %v, want one about the size", err)
			}
			if asked.Load() != 1 || sent.Load() > 64 {
				t.Errorf("got %d calls and some %d MB, want 1 call and at most 64 MB", asked.Load(), sent.Load())
			}
		})
	}
}

// A role that requires an MFA code prompts for it once; without a terminal the
// error names the device.
func TestCodeOfARole(t *testing.T) {
	var asked, codes atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if code := r.FormValue("TokenCode"); r.FormValue("Action") == "AssumeRole" &&
			(code != "123456" || r.FormValue("SerialNumber") != "arn:aws:iam::123456789012:mfa/ada") {
			t.Errorf("the role is entered with the code %q", code)
		}
		_, _ = io.WriteString(
			w,
			`<R><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>y</SessionToken>`+
				`<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>`,
		)
	}))
	defer server.Close()
	awsfake.Setenv(t, server.URL)
	t.Setenv("AWS_ENDPOINT_URL_STS", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	config := filepath.Join(t.TempDir(), "config")
	t.Setenv("AWS_CONFIG_FILE", config)
	if err := os.WriteFile(config, []byte(strings.Replace(chained, "source_profile", "mfa_serial = "+
		"arn:aws:iam::123456789012:mfa/ada\nsource_profile", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	enter := func(clients *Clients, account string) error {
		a := inAccount{clients: clients, spec: &spec.Spec{Partition: "aws"}, account: spec.Account{ID: account}}
		_, err := a.enter(t.Context())
		return err
	}
	there := &Clients{Code: func(context.Context, string) (string, error) { codes.Add(1); return "123456", nil }}
	err := enter(there, awsfake.Account)
	if other := enter(there, "210987654321"); err != nil || fault.KindOf(other) != fault.Config || codes.Load() != 1 ||
		asked.Load() != 3 {
		t.Errorf("%d codes, %d calls, %v, %v", codes.Load(), asked.Load(), err, other)
	}
	err = enter(&Clients{Code: func(_ context.Context, device string) (string, error) {
		return "", fault.New(fault.NeedsInput, "a code of "+device+" is needed", "a terminal")
	}}, awsfake.Account)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.NeedsInput ||
		f.Error() != "credentials for account 123456789012: a code of arn:aws:iam::123456789012:mfa/ada is needed" ||
		len(f.Hints) != 1 {
		t.Errorf("nobody there: %v", err)
	}
}
