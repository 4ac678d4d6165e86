package cache

import (
	"os"
	"reflect"
	"testing"
)

// Whatever a cache file contains, Get returns a miss or a complete entry of the requested
// profile, which is unchanged after Put.
func FuzzGet(f *testing.F) {
	e := anEntry()
	home := f.TempDir()
	if err := In(home).Put(e); err != nil {
		f.Fatal(err)
	}
	good, err := os.ReadFile(In(home).file(credentials, Key(e.Config, e.Profile, e.Asked)))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{good, good[:len(good)/2], nil, []byte("null"), []byte("[]"), []byte(`{"version":1}`), append([]byte("\xef\xbb\xbf"), good...)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := In(t.TempDir())
		if err := os.MkdirAll(string(d), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.file(credentials, Key(e.Config, e.Profile, e.Asked)), data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, ok := d.Get(e.Config, e.Profile, e.Asked)
		if !ok {
			return
		}
		if got.Profile != e.Profile || got.Config != e.Config || got.AccessKeyID == "" ||
			got.SecretAccessKey.IsZero() ||
			got.SessionToken.IsZero() ||
			got.Expires.IsZero() {
			t.Errorf("got a partial entry: %+v", got)
		}
		if err := d.Put(got); err != nil {
			return // JSON cannot represent the time
		}
		if again, ok := d.Get(e.Config, e.Profile, e.Asked); !ok || !sameEntry(again, got) {
			t.Errorf("%+v became %+v, %v", got, again, ok)
		}
	})
}

// sameEntry compares entries, with times as instants.
func sameEntry(a, b Entry) bool {
	if !a.Expires.Equal(b.Expires) || !a.Obtained.Equal(b.Obtained) {
		return false
	}
	a.Expires, a.Obtained = b.Expires, b.Obtained
	return reflect.DeepEqual(a, b)
}
