package admin

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"

	"github.com/o365aws/o365aws/internal/mototest"
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
	mototest.Setenv(t, server.URL)
	s := &Spec{Partition: "aws"}
	account, err := (&Clients{limits: limits{reply: 1 << 20}}).account(t.Context(), s, Account{ID: mototest.Account})
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
		sent.Store(0)
		asked.Store(0)
		if err := call(t.Context()); err == nil || !strings.Contains(err.Error(), "answers with more than") {
			t.Errorf("%s: %v", name, err)
		}
		if asked.Load() != 1 || sent.Load() > 64 {
			t.Errorf("%s: asked %d times, some %d MB were sent", name, asked.Load(), sent.Load())
		}
	}
}
