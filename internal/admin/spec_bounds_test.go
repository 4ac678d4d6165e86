package admin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Both sides of every bound: what a spec may just say, and what it may not.
func TestSpecBounds(t *testing.T) {
	policies := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("'arn:aws:iam::aws:policy/X%d'", i))
		}
		return strings.Join(list, ", ")
	}
	for text, good := range map[string]bool{
		"sign_in: {loopback: 'http://localhost:1/x'}": true, "sign_in: {loopback: 'http://127.0.0.1:1/x'}": true, "sign_in: {loopback: 'http://[::1]:1/x'}": true,
		"sign_in: {loopback: 'https://localhost:1/x'}": false, "sign_in: {loopback: 'http://10.0.0.1:1/x'}": false, "sign_in: {loopback: 'http://localhost.example/x'}": false,
		"sign_in: {loopback: 'http://xlocalhost/x'}": false,
		"sign_in: {regions: [eu-central-1]}":         true, "sign_in: {regions: [cn-north-1]}": false, "sign_in: {regions: [Frankfurt]}": false,
		"sign_in: {only_regions: true}": false, "sign_in: {only_regions: true, regions: [eu-west-1]}": true,
		"application: {claims: {session_duration: 15m}}": true, "application: {claims: {session_duration: 14m59s}}": false,
		"application: {claims: {session_duration: 12h}}": true, "application: {claims: {session_duration: 12h1s}}": false,
		"application: {certificate_years: 1}": true, "application: {certificate_years: 3}": true, "application: {certificate_years: 4}": false, "application: {certificate_years: -1}": false,
		"application: {identifier: 'https://signin.aws.amazon.com/saml#2'}": true, "application: {identifier: 'https://signin.aws.amazon.com/saml2'}": false,
		"application: {identifier: 'https://evil.example/saml'}": false, "provider: {metadata: 'https://x/y'}": true,
		"roles: [{name: a, session: 1h}]": true, "roles: [{name: a, session: 59m59s}]": false, "roles: [{name: a, session: 12h}]": true, "roles: [{name: a, session: 12h1s}]": false,
		"roles: [{name: a, session: 1h500ms}]": false, "roles: [{path: /x/}]": false, "roles: []": false,
		fmt.Sprintf("roles: [{name: a, description: %s}]", strings.Repeat("d", 1000)): true, fmt.Sprintf("roles: [{name: a, description: %s}]", strings.Repeat("d", 1001)): false,
		fmt.Sprintf("roles: [{name: a, policies: [%s]}]", policies(20)): true, fmt.Sprintf("roles: [{name: a, policies: [%s]}]", policies(21)): false,
	} {
		if _, err := Parse("o365aws.yaml", []byte(smallSpec+text+"\n")); (err == nil) != good || err != nil && fault.KindOf(err) != fault.Config {
			t.Errorf("%.80s: %v", text, err)
		}
	}
}
