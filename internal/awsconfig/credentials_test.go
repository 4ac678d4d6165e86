package awsconfig

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// pathsWith returns the paths of a home folder with a credentials file.
func pathsWith(t *testing.T, text string) Paths {
	t.Helper()
	paths := ResolvePaths(func(string) string { return "" }, t.TempDir())
	if err := os.MkdirAll(filepath.Dir(paths.Credentials), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(paths.Credentials, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return paths
}

func fileIs(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("got %q, %v\nwant %q", got, err, want)
	}
}

// Written credentials are read back, the token name of old tools is removed, and
// RemoveCredentials leaves everything else unchanged.
func TestCredentials(t *testing.T) {
	const others = "[mine]\naws_access_key_id = AKIAMINE\naws_secret_access_key = s\n"
	paths := pathsWith(t, others+"\n[dev]\naws_security_token = old\nregion = eu-west-1\n")
	written := awscreds.Credentials{
		AccessKeyID: "ASIADEV", SecretAccessKey: secret.New("a/b+c=="), SessionToken: secret.New("t0ken"),
		Expires: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	err := WriteAllCredentials(t.Context(), paths, map[string]awscreds.Credentials{"dev": written, "ops": written})
	if err != nil {
		t.Fatal(err)
	}
	const ours = "aws_access_key_id = ASIADEV\naws_secret_access_key = a/b+c==\naws_session_token = t0ken\naws_expiration = 2026-01-02T03:04:05.000Z\n"
	fileIs(t, paths.Credentials, others+"\n[dev]\nregion = eu-west-1\n"+ours+"\n[ops]\n"+ours)
	for profile, want := range map[string]awscreds.Credentials{"dev": written, "mine": {}, "none": {}} {
		t.Run(profile, func(t *testing.T) {
			if got, err := ReadCredentials(paths, profile); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v %v", profile, got, err)
			}
		})
	}
	removed, err := RemoveCredentials(t.Context(), paths, []string{"dev", "mine", "none"})
	if err != nil || !slices.Equal(removed, []string{"dev"}) {
		t.Errorf("removed %v, %v", removed, err)
	}
	fileIs(t, paths.Credentials, others+"\n[dev]\nregion = eu-west-1\n\n[ops]\n"+ours)
	if removed, err := RemoveCredentials(t.Context(), paths, []string{"dev", "mine"}); err != nil || removed != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
}

// Credentials that cannot be written cause an error, and the file remains unchanged.
func TestCredentialsNotWritten(t *testing.T) {
	const broken = "[a]\naws_access_key_id = ASIAA\naws_session_token = t\n[a]\n"
	paths := pathsWith(t, broken)
	good := awscreds.Credentials{
		AccessKeyID: "ASIADEV", SecretAccessKey: secret.New("s"), SessionToken: secret.New("t"), Expires: time.Now(),
	}
	err := WriteAllCredentials(t.Context(), paths, map[string]awscreds.Credentials{"dev": good})
	if fault.KindOf(err) != fault.Config || !strings.Contains(err.Error(), "unchanged") {
		t.Errorf("written into a broken file: %v", err)
	}
	if err := CanWriteCredentials(paths, "dev"); fault.KindOf(err) != fault.Config ||
		!strings.Contains(err.Error(), "line 4") {
		t.Errorf("a broken file can be written: %v", err)
	}
	if _, err := RemoveCredentials(t.Context(), paths, []string{"a"}); fault.KindOf(err) != fault.Config {
		t.Errorf("removed from a broken file: %v", err)
	}
	fileIs(t, paths.Credentials, broken)
	paths = pathsWith(t, "")
	if err := CanWriteCredentials(paths, "dev"); err != nil {
		t.Errorf("an empty file cannot be written: %v", err)
	}
	if err := CanWriteCredentials(paths, "no#name"); fault.KindOf(err) != fault.Config {
		t.Errorf("a name that AWS tools read differently can be written: %v", err)
	}
	bad := good
	bad.SecretAccessKey = secret.New("s # s")
	if err := WriteAllCredentials(t.Context(), paths, map[string]awscreds.Credentials{"a": good, "b": bad}); err == nil {
		t.Error("want an error if one of two profiles cannot be written")
	}
	fileIs(t, paths.Credentials, "")
}

// The final check detects every setting that would be read differently.
func TestReadsBack(t *testing.T) {
	set := []KV{{Key: "k", Value: "v"}, {Key: "l", Value: "w"}}
	for text, good := range map[string]bool{
		"[dev]\nk = v\nl = w\n": true, "[dev]\nk = v\n": false, "[dev]\nk = v\nl = x\n": false, "[other]\nk = v\nl = w\n": false, "": false,
	} {
		t.Run(text, func(t *testing.T) {
			if err := readsBack([]byte(text), "dev", set); (err == nil) != good {
				t.Errorf("%q: %v", text, err)
			}
		})
	}
}

// The next run reads the stored state. A corrupt file counts as empty.
func TestState(t *testing.T) {
	paths := pathsWith(t, "")
	s := LoadState(paths)
	for _, err := range []error{
		s.RememberRole("dev", "arn:r"), s.RememberRole("ops", "arn:s"), s.Remember("arn:r", 90*time.Minute), s.RememberTenant("global", "contoso.example", "guid"),
		s.RememberTenant("usgov", "contoso.example", "other"), s.RememberTenant("global", "fabrikam.example", "guid"), s.RememberTenant("global", "fabrikam.example", ""),
		RememberOffered(paths, "dev", []string{"arn:r"}), RememberOffered(paths, "ops", nil),
		RememberAccounts(paths, map[string]string{"1": "one", "2": "two"}), RememberAccounts(paths, map[string]string{"2": "zwei"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*State{s, LoadState(paths)} {
		longest, ok := s.Longest("arn:r")
		if s.LastRole("dev") != "arn:r" || s.LastRole("ops") != "arn:s" || longest != 90*time.Minute || !ok || s.Tenant("global", "contoso.example") != "guid" ||
			s.Tenant("usgov", "contoso.example") != "other" ||
			s.Tenant("global", "fabrikam.example") != "" {
			t.Errorf("%+v", s.saved)
		}
		if _, ok := s.Longest("arn:s"); ok {
			t.Error("got a duration for a role without one")
		}
	}
	if got := Offered(paths, "dev"); !slices.Equal(got, []string{"arn:r"}) {
		t.Errorf("offered %v", got)
	}
	if got := AccountNames(paths); !reflect.DeepEqual(got, map[string]string{"1": "one", "2": "zwei"}) {
		t.Errorf("accounts %v", got)
	}
	for _, path := range []string{paths.State(), paths.Offered(), paths.Accounts()} {
		if err := os.WriteFile(path, []byte(`{"roles":{"dev":"arn:r"},"dev":["arn:r"],"1":"one","x":`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s := LoadState(paths); s.LastRole("dev") != "" || len(Offered(paths, "dev")) != 0 ||
		len(AccountNames(paths)) != 0 {
		t.Error("half a file was read")
	}
	if err := RememberAccounts(paths, map[string]string{"3": "three"}); err != nil ||
		AccountNames(paths)["3"] != "three" {
		t.Errorf("a broken file was not replaced: %v", err)
	}
	if err := LoadState(paths).RememberRole("dev", "arn:t"); err != nil || LoadState(paths).LastRole("dev") != "arn:t" {
		t.Errorf("a broken file was not replaced: %v", err)
	}
}
