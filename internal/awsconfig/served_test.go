package awsconfig

import "testing"

func TestWithoutDefaultCredentials(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"process": {
			"# mine\r\n[default]\r\nregion = eu-west-1\r\ncredential_process = o365aws credential-process\r\n" +
				"s3 =\r\n  max_concurrent_requests = 20\r\n",
			"# mine\r\n[default]\r\nregion = eu-west-1\r\ns3 =\r\n  max_concurrent_requests = 20\r\n",
		},
		"keys": {
			"[work]\naws_access_key_id = AKIA1\n[default]\nAWS_ACCESS_KEY_ID=AKIA2\naws_secret_access_key = s\n" +
				"aws_session_token = t\naws_expiration = x\n",
			"[work]\naws_access_key_id = AKIA1\n[default]\naws_expiration = x\n",
		},
		"single sign-on": {
			"[profile default]\nsso_session = a\nsso_account_id = 1\nsso_role_name = r\n[sso-session a]\nsso_region = x\n",
			"[profile default]\n[sso-session a]\nsso_region = x\n",
		},
		"role of the default profile": {
			"[default]\ncredential_process = x\n[profile admin]\nrole_arn = r\nsource_profile = default\n" +
				"[profile dev]\nrole_arn = r\nsource_profile = work\n",
			"[default]\n[profile admin]\nrole_arn = r\ncredential_source = EcsContainer\n" +
				"[profile dev]\nrole_arn = r\nsource_profile = work\n",
		},
		"nothing": {
			"[default]\nregion = x\n[profile admin]\nrole_arn = r\nsource_profile = default\n",
			"[default]\nregion = x\n[profile admin]\nrole_arn = r\nsource_profile = default\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, changed := WithoutDefaultCredentials([]byte(c.data))
			if string(got) != c.want || changed != (c.data != c.want) {
				t.Errorf("got %q, %v, want %q", got, changed, c.want)
			}
		})
	}
}
