package awsconfig

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"gopkg.in/ini.v1"
)

// For any file: other sections are preserved byte for byte, a second edit changes
// nothing, and the AWS SDK and ini.v1 read the written values, and all others as before.
func FuzzEditSection(f *testing.F) {
	for _, seed := range []string{
		mixed, "", "[dev]", "[dev]\n", "# only a comment", "\r\n",
		"[a]\nb=c\n\n# x\n[dev]\n", "[ dev ]\nq = 1\n  n = 2", "[dev]\r\ns3 =\r\n  a = 1\r\n\r\n[x]\r\n",
		"[profile dev]\naws_session_token = t\n[dev]\naws_access_key_id=A\n; c\n",
		"[dev] # note\naws_access_key_id = A # note\n", "[dev]\n\taws_access_key_id = A\n", "[DEFAULT]\nx=1\n[default]\ny=2\n",
		"[dev]\naws_secret_access_key = \"a\\\n  b\"\n", "[dev]\na = b\\\n[c]\nd = 1\n", "[dev\naws_access_key_id = A\n",
		"[a]\nb = `c\n", "[a]\nb = \"\"\"c\n", "[a]\n\"b = c\n", "[a]\n`b = c\n",
	} {
		f.Add([]byte(seed), "dev", "ASIANEW")
		f.Add([]byte(seed), "default", "a/b+c==")
	}
	f.Fuzz(func(t *testing.T, data []byte, section, value string) {
		set := []KV{{Key: "aws_access_key_id", Value: value}, {Key: "aws_secret_access_key", Value: "a/b+c=="}}
		once, err := EditSection(data, section, set, []string{"aws_session_token"})
		if err != nil {
			return
		}
		twice, err := EditSection(once, section, set, []string{"aws_session_token"})
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("twice is not once: %v\n%q\n%q", err, once, twice)
		}
		if before, after := others(data, section), others(once, section); !strings.HasPrefix(after, before) {
			t.Fatalf("others changed:\n%q\n%q", before, after)
		}
		if err := readsBack(once, section, set); err != nil {
			t.Fatalf("ini.v1: %v in %q", err, once)
		}
		sameByINI(t, data, once, section)
		sameBySDK(t, data, once, section, value)
	})
}

// sameByINI checks that ini.v1 reads all other sections as before.
func sameByINI(t *testing.T, before, after []byte, section string) {
	t.Helper()
	old, err := ini.LoadSources(readOptions, before)
	if err != nil {
		return
	}
	changed, err := ini.LoadSources(readOptions, after)
	if err != nil {
		t.Fatalf("ini.v1: %v in %q", err, after)
	}
	for _, s := range old.Sections() {
		if s.Name() != section && !maps.Equal(s.KeysHash(), changed.Section(s.Name()).KeysHash()) {
			t.Fatalf(
				"ini.v1 reads [%s] as %q, before as %q", s.Name(), changed.Section(s.Name()).KeysHash(), s.KeysHash(),
			)
		}
	}
}

// sameBySDK checks that the AWS SDK reads our keys in the section, and the other
// profiles as before.
func sameBySDK(t *testing.T, before, after []byte, section, value string) {
	t.Helper()
	dir := t.TempDir()
	if !strings.HasPrefix(section, "profile ") { // those are for the config file
		got, err := loadBySDK(t, dir, after, section)
		if err != nil || got.Credentials.AccessKeyID != value || got.Credentials.SecretAccessKey != "a/b+c==" ||
			got.Credentials.SessionToken != "" {
			t.Fatalf("the SDK reads %+v, %v from %q", got.Credentials, err, after)
		}
	}
	checked := 0
	for _, l := range Lines(before) {
		if l.Kind != headerLine || l.Section == section || checked == 3 {
			continue
		}
		checked++
		want, err := loadBySDK(t, dir, before, l.Section)
		if err != nil {
			continue
		}
		if got, err := loadBySDK(t, dir, after, l.Section); err != nil || got.Credentials != want.Credentials {
			t.Fatalf("the SDK reads [%s] as %+v, %v, before as %+v", l.Section, got.Credentials, err, want.Credentials)
		}
	}
}

func loadBySDK(t *testing.T, dir string, data []byte, profile string) (config.SharedConfig, error) {
	t.Helper()
	path := filepath.Join(dir, "credentials")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return config.LoadSharedConfigProfile(context.Background(), profile, func(o *config.LoadSharedConfigOptions) {
		o.CredentialsFiles, o.ConfigFiles = []string{path}, []string{}
	})
}
