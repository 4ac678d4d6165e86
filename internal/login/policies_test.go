package login

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/network"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/sts"
)

// policySTS grants every role and records the session policies of each access key.
type policySTS struct{ policies map[string]string }

func (g *policySTS) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	key := fmt.Sprintf("ASIA%d", len(g.policies))
	g.policies[key] = r.PostForm.Get("PolicyArns.member.1.arn") + r.PostForm.Get("Policy")
	once := &grantingSTS{}
	response, err := once.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	response.Body = io.NopCloser(strings.NewReader(strings.Replace(string(body), "ASIANEW", key, 1)))
	return response, err
}

// acquireFrom is acquire with a given assertion.
func acquireFrom(t *testing.T, env Env, req Request, use purpose, a assertion) (Result, error) {
	t.Helper()
	r, err := resolve(env, req, use)
	if err != nil {
		return Result{}, err
	}
	if found := r.lookUp(); found.reusable && !r.Force {
		return r.reuse(t.Context(), found)
	}
	role, err := r.selectRole(t.Context(), a.Roles)
	if err != nil {
		return Result{}, err
	}
	result, err := r.assumeRole(t.Context(), a, role)
	if err != nil {
		return Result{}, err
	}
	return r.store(t.Context(), result)
}

// After any sequence of calls, a session with policies is requested with exactly these
// policies and served with them: from the cache, the credentials file, the fast path or
// STS.
func TestNoWiderSessionIsServed(t *testing.T) {
	const view, readOnly = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"
	flags := map[string]sts.Policies{
		"": {}, readOnly: {ReadOnly: true}, view: {ARNs: []string{view}}, "{}": {Document: "{}"},
	}
	asked := []string{"", "", readOnly, view, "{}"}
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			now, aws := at, &policySTS{policies: map[string]string{}}
			env := envAt(t, &now)
			response := responseAt(at, "id1")
			response.SessionName, response.Roles = "ada", []saml.Role{roleOf(t, adminRole)}
			a := assertion{response, network.Network{Client: &http.Client{Transport: aws}}}
			setting := ""
			configure := func() {
				writeConfig(t, env, "[profile dev]\nazure_tenant_id = contoso.example\nazure_default_username = ada\n"+
					"region = eu-central-1\no365aws_policy_arns = "+setting+"\n")
			}
			configure()
			for step := range 60 {
				now = now.Add(time.Duration(random.IntN(20)) * time.Minute / 10)
				switch random.IntN(8) {
				case 0: // the user sets, changes or removes the profile's policies
					setting = asked[random.IntN(4)]
					configure()
					continue
				case 1:
					_, _ = env.cache().Clear()
					continue
				}
				p, err := awsconfig.Load(env.Paths, func(string) string { return "" }, "dev", nil)
				if err != nil {
					t.Fatal(err)
				}
				want := asked[random.IntN(len(asked))]
				request := Request{Profile: p, Policies: flags[want], MinTTL: time.Minute}
				if want == "" {
					want = setting
				}
				use := []purpose{forProgram, forLogin}[random.IntN(2)]
				if random.IntN(3) == 0 {
					request.Role = "azure.admin"
				}
				if random.IntN(6) == 0 { // whoami accepts any policies; its credentials must not become the profile's
					request.AnyPolicies = true
					_, _ = acquireFrom(t, env, request, forProgram, a)
					continue
				}
				result, err := acquireFrom(t, env, request, use, a)
				if err != nil {
					t.Fatal(err)
				}
				if got := aws.policies[result.AccessKeyID]; got != want && want != "" {
					t.Fatalf("step %d, use %v: got a session with %q, want %q", step, use, got, want)
				}
				checkFastPath(t, env, aws, setting, now)
			}
		})
	}
}

// checkFastPath checks that the credentials from the fast path have the session policies
// of the profile.
func checkFastPath(t *testing.T, env Env, aws *policySTS, setting string, now time.Time) {
	t.Helper()
	getenv := func(name string) string {
		return map[string]string{"AWS_CONFIG_FILE": env.Paths.Config, "O365AWS_HOME": env.Paths.Home}[name]
	}
	home := func() (string, error) { return os.TempDir(), nil }
	document, ok := fastpath.Answer([]string{"o365aws", fastpath.Command, "--profile", "dev"}, getenv, home, now)
	if !ok {
		return
	}
	for key, got := range aws.policies {
		if strings.Contains(string(document), `"`+key+`"`) && got != setting {
			t.Fatalf("fast path: got a session with %q, want %q", got, setting)
		}
	}
}
