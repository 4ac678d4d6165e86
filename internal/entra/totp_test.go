package entra

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// The codes match the test vectors of RFC 6238, appendix B.
func TestRFC6238Vectors(t *testing.T) {
	keys := map[string]string{
		"SHA1":   "12345678901234567890",
		"SHA256": "12345678901234567890123456789012",
		"SHA512": "1234567890123456789012345678901234567890123456789012345678901234",
	}
	for _, v := range []struct {
		at                   int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1111111111, "14050471", "67062674", "99943326"},
		{1234567890, "89005924", "91819424", "93441116"},
		{2000000000, "69279037", "90698825", "38618901"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for algorithm, want := range map[string]string{"SHA1": v.sha1, "SHA256": v.sha256, "SHA512": v.sha512} {
			secretText := base32.StdEncoding.EncodeToString([]byte(keys[algorithm]))
			s, err := parseTOTP(
				secret.New(
					"otpauth://totp/x?digits=8&algorithm=" + algorithm + "&secret=" + strings.TrimRight(
						secretText, "=",
					),
				),
			)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.code(s.window(time.Unix(v.at, 0))).Reveal(); got != want {
				t.Errorf("%s at %d: %s, want %s", algorithm, v.at, got, want)
			}
		}
	}
}

// A TOTP secret is accepted as users copy it, and never quoted in an error.
func TestParseTOTP(t *testing.T) {
	want, err := parseTOTP(secret.New("JBSWY3DPEHPK3PXP"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"jbsw y3dp ehpk 3pxp", " JBSWY3DPEHPK3PXP==== ", "JBSW-Y3DP-EHPK-3PXP", "otpauth://totp/a%40b?secret=JBSWY3DPEHPK3PXP&issuer=Microsoft"} {
		got, err := parseTOTP(secret.New(text))
		if err != nil || got.code(1).Reveal() != want.code(1).Reveal() {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"JBSWY3DP1", "%", "otpauth://hotp/x?secret=JBSWY3DP", "otpauth://totp/x?secret=JBSWY3DP&digits=99",
		"otpauth://totp/x?secret=JBSWY3DP&digits=5", "otpauth://totp/x?secret=JBSWY3DP&digits=9", "otpauth://totp/x?secret=JBSWY3DP&digits=six",
		"otpauth://totp/x?secret=JBSWY3DP&period=4", "otpauth://totp/x?secret=JBSWY3DP&period=301", "otpauth://totp/x?secret=JBSWY3DP&period=x",
		"otpauth://totp/x", "====", "otpauth://totp/x?secret=JBSWY3DP&algorithm=MD5",
	} {
		_, err := parseTOTP(secret.New(text))
		if fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "JBSW") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, ends := range map[string]int64{"JBSWY3DP": 30, "OTPAUTH://totp/x?secret=JBSWY3DP&period=60": 60, "otpauth://totp/x?secret=JBSWY3DP&period=5": 5, "otpauth://totp/x?secret=JBSWY3DP&period=300": 300} {
		s, err := parseTOTP(secret.New(text))
		if err != nil || s.window(time.Unix(ends-1, 0)) != 0 || s.window(time.Unix(ends, 0)) != 1 {
			t.Errorf("%q: not of %d seconds, %v", text, ends, err)
		}
	}
	for text, digits := range map[string]int{"JBSWY3DP": 6, "otpauth://totp/x?secret=JBSWY3DP&digits=6": 6, "otpauth://totp/x?secret=JBSWY3DP&digits=8": 8} {
		if s, err := parseTOTP(secret.New(text)); err != nil || len(s.code(0).Reveal()) != digits {
			t.Errorf("%q: not of %d digits, %v", text, digits, err)
		}
	}
	if s, err := parseTOTP(secret.Text{}); s != nil || err != nil {
		t.Errorf("no seed: %v, %v", s, err)
	}
}
