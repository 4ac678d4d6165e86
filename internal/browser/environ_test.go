package browser

import (
	"slices"
	"testing"
)

// Variables with secrets do not reach the browser. Their names are matched ignoring case,
// as on Windows.
func TestScrub(t *testing.T) {
	got := Scrub([]string{
		"HOME=/home/ada", "O365AWS_PASSWORD=p", "o365aws_totp_secret=s", "O365AWS_STORE_PASSPHRASE=s",
		"AWS_SECRET_ACCESS_KEY=k", "AWS_SESSION_TOKEN=t", "AWS_PROFILE=work", "LD_PRELOAD=x.so",
	})
	if want := []string{"HOME=/home/ada", "AWS_PROFILE=work"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
