package cache

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fastpath"
	"github.com/o365aws/o365aws/internal/secret"
)

func anEntry() Entry {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return Entry{
		Profile: "dev", Config: "/home/ada/.aws/config", Stamp: Stamp{Size: 12, MTime: 34},
		Settings: "abc", RoleARN: "arn:aws:iam::111122223333:role/admin",
		Provider: "arn:aws:iam::111122223333:saml-provider/AzureAD", SessionName: "ada",
		Obtained: now,
		Credentials: awscreds.Credentials{
			AssumedRoleARN: "arn:aws:sts::111122223333:assumed-role/admin/ada",
			AccessKeyID:    "ASIAEXAMPLE", SecretAccessKey: secret.New("s3cret"),
			SessionToken: secret.New("t0ken"), Expires: now.Add(time.Hour),
		},
	}
}

// The credential_process document is a single line.
func TestDocument(t *testing.T) {
	e := anEntry()
	e.Expires = e.Expires.In(time.FixedZone("", 3600))
	got, err := Document(e.Credentials)
	const want = `{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s3cret","SessionToken":"t0ken","Expiration":"2026-03-01T13:00:00Z"}` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

// Get returns what Put stored, in a file that only the user can read.
func TestPutGet(t *testing.T) {
	home := t.TempDir()
	d := In(filepath.Join(home, "o365aws"))
	want := anEntry()
	if err := d.Put(want); err != nil {
		t.Fatal(err)
	}
	got, ok := d.Get(want.Config, "dev", "")
	if !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, ok)
	}
	other := want
	other.Asked, other.AccessKeyID = "admin", "ASIAOTHER"
	if err := d.Put(other); err != nil {
		t.Fatal(err)
	}
	if got, ok := d.Get(want.Config, "dev", "admin"); !ok || !reflect.DeepEqual(got, other) {
		t.Errorf("got %+v, %v", got, ok)
	}
	if got, _ := d.Get(want.Config, "dev", ""); got.AccessKeyID != want.AccessKeyID {
		t.Error("credentials of a requested role replaced those of the profile")
	}
	if n := len(d.All()); n != 2 {
		t.Errorf("%d entries", n)
	}
	names, err := filepath.Glob(filepath.Join(string(d), "*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("files %v, %v", names, err)
	}
	for _, name := range append(names, string(d)) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // Windows uses access lists instead
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

// A damaged file is a miss, never an error or a partial entry.
func TestBrokenEntryIsAMiss(t *testing.T) {
	d := In(t.TempDir())
	e := anEntry()
	if err := d.Put(e); err != nil {
		t.Fatal(err)
	}
	path := fastpath.Path(string(d), e.Config, e.Profile, "")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for name, data := range map[string]string{
		"empty": "", "cut off": text[:len(text)/2], "cut in the last line": text[:len(text)-3], "with a tail": text + "}\n", "not an entry": "Version: 1",
		"zeros": strings.Repeat("\x00", 300), "another version": strings.Replace(text, "credentials\":1", "credentials\":2", 1),
		"without a secret": strings.Replace(text, "s3cret", "", 1), "of another profile": strings.Replace(text, `"dev"`, `"prod"`, 1),
		"without a token": strings.Replace(text, "t0ken", "", 1), "without a key": strings.Replace(text, "ASIAEXAMPLE", "", 1),
		"without a role": strings.Replace(text, e.RoleARN, "", 1), "of another config file": strings.Replace(text, e.Config, "/home/eve/.aws/config", 1),
		"of another question": strings.Replace(text, `"asked":""`, `"asked":"admin"`, 1), "no document": strings.Replace(text, `"document":{`, `"document":[`, 1),
		"no details": strings.Replace(text, `"details":{`, `"details":[`, 1),
		"null":       "null", "a list": "[]", "not a number": strings.Replace(text, `"expires":`, `"expires":x`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, ok := d.Get(e.Config, e.Profile, ""); ok {
				t.Errorf("%s was read as an entry", name)
			}
		})
	}
	if err := d.Put(e); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Get(e.Config, e.Profile, ""); !ok {
		t.Error("a broken entry was not replaced")
	}
}

func TestFailureAges(t *testing.T) {
	d := In(t.TempDir())
	now := time.Now()
	if _, ok := d.Failed("id", now, time.Minute); ok {
		t.Error("found a failure before one was stored")
	}
	if err := d.Fail("id", Failure{At: now, Kind: 4, Message: "no"}); err != nil {
		t.Fatal(err)
	}
	for shift, want := range map[time.Duration]bool{0: true, 9 * time.Second: true, 10 * time.Second: false, -time.Second: false} {
		if _, ok := d.Failed("id", now.Add(shift), 10*time.Second); ok != want {
			t.Errorf("after %v: %v", shift, ok)
		}
	}
	if err := d.Fail("id", Failure{At: now}); err != nil {
		t.Fatal(err)
	}
	if f, ok := d.Failed("id", now, time.Minute); ok {
		t.Errorf("found a failure without a message: %+v", f)
	}
	if err := d.Fail("id", Failure{At: now, Kind: 4, Message: "no"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Forgive("id"); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Failed("id", now, time.Minute); ok {
		t.Error("got the failure after Forgive, want none")
	}
}

// A killed writer leaves a temporary file with credentials. The next writer removes it
// once it is old; Clear removes it immediately.
func TestTemporaryFilesAreSwept(t *testing.T) {
	d := In(t.TempDir())
	if err := d.Put(anEntry()); err != nil {
		t.Fatal(err)
	}
	left := func() int {
		names, err := filepath.Glob(filepath.Join(string(d), ".new-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	for name, age := range map[string]time.Duration{".new-1": time.Hour, ".new-2": 0} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(string(d), name)
			if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		})
	}
	if err := d.Put(anEntry()); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != 1 {
		t.Errorf("got %d temporary files after a write, want only that of the running writer", n)
	}
	if _, err := d.Clear(); err != nil {
		t.Fatal(err)
	}
	if n := left(); n != 0 {
		t.Errorf("%d temporary files after Clear", n)
	}
}
