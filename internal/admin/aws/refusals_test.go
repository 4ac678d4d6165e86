package aws

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/o365aws/o365aws/internal/admin/admintest"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/awsfake"
	"github.com/o365aws/o365aws/internal/fault"
)

// refusing lets the gate refuse the calls that a filter picks, at most times
// of them for each action.
func refusing(code string, times int, pick func(awsfake.Call) bool) func(awsfake.Call) *awsfake.Refusal {
	var mu sync.Mutex
	counts := map[string]int{}
	return func(c awsfake.Call) *awsfake.Refusal {
		mu.Lock()
		defer mu.Unlock()
		if !pick(c) || counts[c.Name()] >= times {
			return nil
		}
		counts[c.Name()]++
		return awsfake.Refuse(code)
	}
}

const always = 1 << 30

func only(action string) func(awsfake.Call) bool {
	return func(c awsfake.Call) bool { return c.Name() == action }
}

// deniedCases say, for every action that the steps need, what has to be
// changed by hand so that apply needs it; "" is an empty account, "destroy"
// taking all away, "rotate" a new key.
var deniedCases = map[string]string{
	"iam:GetSAMLProvider": "", "iam:CreateSAMLProvider": "", "iam:UpdateSAMLProvider": "provider: signing " +
		"certificates", "iam:TagSAMLProvider": "provider: tag team",
	"iam:GetRole": "", "iam:CreateRole": "", "iam:UpdateAssumeRolePolicy": "role/azure.admin: trust policy", "iam:UpdateRole": "role/azure.admin: session length",
	"iam:TagRole": "role/azure.admin: tag team", "iam:ListAttachedRolePolicies": "role/azure.admin: policy", "iam:AttachRolePolicy": "", "iam:DetachRolePolicy": "role/azure.reader: policy",
	"iam:ListRolePolicies": "role/azure.admin: policy", "iam:GetRolePolicy": "role/azure.admin: policy", "iam:PutRolePolicy": "", "iam:DeleteRolePolicy": "role/azure.reader: inline policy backdoor",
	"iam:PutRolePermissionsBoundary": "role/azure.admin: permissions boundary", "iam:DeleteRolePermissionsBoundary": "role/azure.reader: permissions boundary",
	"iam:GetUser": "", "iam:CreateUser": "", "iam:TagUser": "", "iam:ListUserPolicies": "import-user: policy", "iam:GetUserPolicy": "import-user: policy", "iam:PutUserPolicy": "",
	"iam:DeleteUserPolicy": "import-user: inline policy more", "iam:ListAttachedUserPolicies": "import-user: policy", "iam:DetachUserPolicy": "import-user: policy",
	"iam:ListAccessKeys": "", "iam:CreateAccessKey": "", "iam:DeleteAccessKey": "import-key: access keys",
	"iam:GetAccountAuthorizationDetails": "destroy", "iam:ListSAMLProviders": "destroy",
	"iam:DeleteSAMLProvider": "destroy", "iam:DeleteRole": "destroy", "iam:DeleteUser": "destroy", "iam:UpdateAccessKey": "rotate",
}

// A denied call names the action and the statement that grants it, whichever
// call it is; and when it is granted, the next run finishes.
func TestEachDeniedActionIsExplained(t *testing.T) {
	l := newLab(t, fullSpec)
	for _, s := range l.Runner().Steps {
		for _, p := range s.Permissions {
			if _, ok := deniedCases[p.Action]; !ok {
				t.Errorf("step %s needs %s, which has no case", s.ID, p.Action)
			}
		}
	}
	l.Applied()
	byHand := byHand(l, l.IAM())
	byHand["provider: tag team"] = func(context.Context) error { l.Spec.Provider.Tags = map[string]string{"team": "new"}; return nil }
	for _, action := range slices.Sorted(maps.Keys(deniedCases)) {
		prepare := deniedCases[action]
		if prepare == "" {
			l.Sweep()
		} else if change := byHand[prepare]; change != nil {
			if err := change(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		l.Gate.Before(refusing("AccessDenied", always, only(action)))
		said := deniedActions(l, prepare)
		l.Gate.Before(nil)
		if !strings.Contains(said, "these credentials may not call "+action) ||
			!strings.Contains(said, `{"Effect":"Allow","Action":"`+action+`","Resource":"`+resourceOf(action)) {
			t.Errorf("%s denied: %s", action, said)
		}
		l.Applied()
	}
}

// resourceOf returns the beginning of the resource of an action in policies.
func resourceOf(action string) string {
	if action == "iam:GetAccountAuthorizationDetails" || action == "iam:ListSAMLProviders" {
		return "*" // they support no resources
	}
	return "arn:aws:iam::"
}

// deniedActions runs what needs the action and returns all that it says.
func deniedActions(l *admintest.Lab, prepare string) string {
	l.T.Helper()
	ctx := context.Background()
	var said []string
	tell := func(err error) {
		if err != nil {
			said = append(said, err.Error())
			said = append(said, engine.HintsOf(err)...)
		}
	}
	switch prepare {
	case "destroy":
		removals, err := l.Runner().Removals(ctx)
		tell(err)
		for _, removal := range removals {
			tell(removal.Err)
		}
		tell(engine.Destroy(ctx, removals, func(r engine.Removal) { tell(r.Err) }))
	case "rotate":
		tell(RotateKeys(ctx, l.Runner().World, &Clients{}, func(string) {}))
	default:
		for _, r := range l.Apply().Results {
			tell(r.Err)
			said = append(said, r.Finding.Reason)
			said = append(said, r.Finding.Hints...)
		}
	}
	return strings.Join(said, "\n")
}

// What IAM refuses for what was made a moment ago is tried again, and nothing
// is made twice.
func TestEventualConsistency(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	malformed := refusing("MalformedPolicyDocument", 3, only("iam:CreateRole"))
	unknown := refusing("NoSuchEntity", 4, only("iam:AttachRolePolicy"))
	made := map[string]bool{}
	var mu sync.Mutex
	lag := map[string]int{}
	l.Gate.After(func(c awsfake.Call) {
		mu.Lock()
		defer mu.Unlock()
		if c.Action == "CreateRole" || c.Action == "CreateUser" || c.Action == "CreateSAMLProvider" {
			made[strings.TrimPrefix(c.Action, "Create")] = true
		}
	})
	l.Gate.Before(func(c awsfake.Call) *awsfake.Refusal {
		mu.Lock()
		defer mu.Unlock()
		// A replica that does not know yet what was just made.
		if thing, get := strings.CutPrefix(c.Action, "Get"); get && made[thing] && lag[c.Action] < 3 {
			lag[c.Action]++
			return awsfake.Refuse("NoSuchEntity")
		}
		if r := malformed(c); r != nil {
			return r
		}
		return unknown(c)
	})
	l.Applied()
	l.Gate.Before(nil)
	l.Gate.After(nil)
	if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
		t.Errorf("the plan names %v", got)
	}
	if len(l.Keys.Taken) != 1 || lag["GetRole"] != 3 {
		t.Errorf("%d keys were made, replicas lagged %v", len(l.Keys.Taken), lag)
	}
}

// Throttling is waited out.
func TestThrottling(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Gate.Before(refusing("Throttling", 2, func(c awsfake.Call) bool { return c.Service == "iam" }))
	l.Applied()
	if len(l.Keys.Taken) != 1 {
		t.Errorf("%d keys were made", len(l.Keys.Taken))
	}
}

// A quota stops what needs it, is explained, and stops nothing else.
func TestLimitExceeded(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Gate.Before(refusing("LimitExceeded", always, only("iam:CreateRole")))
	report := l.Apply()
	for _, r := range report.Failed() {
		if !strings.Contains(r.Err.Error(), "a quota of the account is reached") ||
			!strings.Contains(strings.Join(engine.HintsOf(r.Err), " "), "Service Quotas") {
			t.Errorf("%s: %v", r.Step.ID, r.Err)
		}
	}
	if len(report.Failed()) != 2 || report.Applied() != 3 { // provider, user, key
		t.Errorf("%d failed, %d applied", len(report.Failed()), report.Applied())
	}
	l.Gate.Before(nil)
	l.Applied()
}

// Credentials that run out in the middle end the run with that word; new ones
// finish it.
func TestExpiredTokenInTheMiddle(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	var mu sync.Mutex
	writes := 0
	l.Gate.Before(func(c awsfake.Call) *awsfake.Refusal {
		mu.Lock()
		defer mu.Unlock()
		if c.Write() {
			writes++
		}
		if writes > 3 {
			return awsfake.Refuse("ExpiredToken")
		}
		return nil
	})
	report := l.Apply()
	if len(report.Failed()) == 0 {
		t.Fatal("nothing failed")
	}
	for _, r := range report.Failed() {
		if fault.KindOf(r.Err) != fault.Auth || !strings.Contains(r.Err.Error(), "have expired") {
			t.Errorf("%s: %v", r.Step.ID, r.Err)
		}
	}
	if kind := fault.KindOf(report.Fault("could not be applied")); kind != fault.Auth {
		t.Errorf("the run's kind is %s", kind)
	}
	l.Gate.Before(nil)
	l.Applied()
	if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
		t.Errorf("the plan names %v", got)
	}
}

// A key that the tenant rejects is replaced by the next run, and there are never
// three keys.
func TestRefusedKeyIsReplaced(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	for range 3 {
		l.Keys.Refuse = errors.New("the tenant does not answer")
		if report := l.Apply(); len(report.Failed()) != 1 {
			t.Fatalf("failed: %v", report.Err())
		}
	}
	l.Keys.Refuse = nil
	l.Applied()
	if got := l.UserKeys(); !slices.Equal(got, []string{l.Keys.Last().ID}) {
		t.Errorf("the user has %v, the tenant %s", got, l.Keys.Last().ID)
	}
}

// A rotation takes the old key away only when the tenant gets on without it.
func TestRotateKeys(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	l.Applied()
	old := l.Keys.Last().ID
	rotate := func() error {
		return RotateKeys(context.Background(), l.Runner().World, &Clients{}, func(string) {})
	}
	l.Keys.Broken = errors.New("the import does not work")
	if err := rotate(); err == nil || !slices.Contains(l.UserKeys(), old) || len(l.UserKeys()) != 2 {
		t.Fatalf("the old key went although the import does not work: %v, %v", l.UserKeys(), err)
	}
	l.Keys.Broken = nil
	if err := rotate(); err != nil {
		t.Fatal(err)
	}
	if got := l.UserKeys(); len(got) != 1 || got[0] != l.Keys.Last().ID || got[0] == old {
		t.Errorf("the user has %v, the tenant %s", got, l.Keys.Last().ID)
	}
	if got := admintest.ChangesIn(l.Plan()); len(got) != 0 {
		t.Errorf("the plan names %v", got)
	}
}

// The response to CreateAccessKey is lost and the SDK retries: one of the two
// keys is saved in the tenant, and the same run deletes the other.
func TestLostResponseOfCreateAccessKey(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	gate, err := url.Parse(l.Gate.URL)
	if err != nil {
		t.Fatal(err)
	}
	var lost sync.Once
	forward := httputil.NewSingleHostReverseProxy(gate)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("Action=CreateAccessKey")) {
			forward.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		forward.ServeHTTP(answer, r)
		lost.Do(func() { panic(http.ErrAbortHandler) })
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	defer server.Close()
	awsfake.Setenv(t, server.URL)
	l.Applied()
	if got := l.UserKeys(); len(got) != 1 || got[0] != l.Keys.Last().ID {
		t.Errorf("the user has %v, the tenant %s", got, l.Keys.Last().ID)
	}
}

// A page of a company's proxy in place of AWS is called what it is.
func TestAnswerOfAProxy(t *testing.T) {
	l := newLab(t, admintest.OneAccount)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte("<html lang=en><title>Blocked</title>"))
	}))
	defer proxy.Close()
	awsfake.Setenv(t, proxy.URL)
	report := l.Plan()
	var f *fault.Error
	if err := report.Err(); !errors.As(err, &f) || f.Kind != fault.Network {
		t.Fatalf("%v", err)
	}
	if changes := strings.Join(admintest.ChangesIn(report), "\n"); !strings.Contains(changes, "the response is "+
		"not from AWS") {
		t.Error(changes)
	}
}
