//go:build linux

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// AWS clients call credential_process and then GetCallerIdentity: first with an empty
// cache and the quoted path that configure writes, then with cached credentials and a
// plain path.
func TestRealClients(t *testing.T) {
	s := newSignedIn(t, "many-roles")
	sdk := nodeSDK()
	if _, err := os.Stat(filepath.Join(sdk, "node_modules", "@aws-sdk", "client-sts")); err != nil {
		t.Fatal("no AWS SDK for JavaScript: run scripts/ensure-node-sdk.sh (make test does)")
	}
	endpoint := "https://localhost:" + s.state.cloud.Addr()[strings.LastIndex(s.state.cloud.Addr(), ":")+1:]
	clients := map[string][]string{
		"aws": {
			"aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--region", "eu-central-1",
			"--profile", "p1",
		},
		"boto3": {"python3", filepath.Join("testdata", "identity.py"), "p2"},
		"node":  {"node", filepath.Join("testdata", "identity.js"), sdk, endpoint, "p3"},
	}
	profiles := map[string]string{"cold": "", "warm": "plain-"}
	for name, command := range clients {
		if _, err := exec.LookPath(command[0]); err != nil {
			t.Fatalf(
				"no %s: run scripts/ensure-awscli.sh and scripts/ensure-node-sdk.sh (make test does)",
				command[0],
			)
		}
		run := func(prefix string) (string, string, error) {
			last := len(command) - 1
			cmd := exec.Command(command[0], append(slices.Clone(command[1:last]), prefix+command[last])...)
			cmd.Env = append(
				s.env, "NODE_EXTRA_CA_CERTS="+filepath.Join(s.state.work, "ca.pem"),
				"PYENV_VERSION="+os.Getenv("PYENV_VERSION"),
			)
			var stdout, stderr strings.Builder
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			return stdout.String(), stderr.String(), err
		}
		t.Run(name, func(t *testing.T) {
			s.expireCache()
			for _, state := range []string{"cold", "warm"} {
				before := s.state.stsCalls()
				out, words, err := run(profiles[state])
				if err != nil || !strings.Contains(out, ":assumed-role/azure.admin/ada@contoso.example") {
					t.Fatalf("%s: %v %q %q", state, err, out, words)
				}
				if n := s.state.stsCalls() - before; n != map[string]int{"cold": 1, "warm": 0}[state] {
					t.Errorf("%s: got %d STS calls", state, n)
				}
			}
		})
	}
	t.Run("Go", func(t *testing.T) {
		for _, entry := range s.env {
			name, value, _ := strings.Cut(entry, "=")
			t.Setenv(name, value)
		}
		s.expireCache()
		for _, state := range []string{"cold", "warm"} {
			arn, err := s.state.identity(
				t.Context(), filepath.Join(s.state.home, ".aws", "config"),
				filepath.Join(s.state.home, ".aws", "credentials"), profiles[state]+"p4",
			)
			if err != nil || !strings.Contains(arn, ":assumed-role/azure.admin/") {
				t.Fatalf("%s: %s %v", state, arn, err)
			}
		}
	})
}
