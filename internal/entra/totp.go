package entra

import (
	"crypto/hmac"
	"crypto/sha1" // used by authenticator apps (RFC 6238)
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// totp computes time-based one-time codes (RFC 6238).
type totp struct {
	key    []byte
	digits int
	step   time.Duration
	hash   func() hash.Hash
	fixed  string // code to use instead of the secret
}

// parseTOTP parses a TOTP secret: base32 as displayed by Microsoft, ignoring case and
// spaces, or the otpauth:// address of a QR code. Six to eight digits are a code, as
// printed by some password managers. It returns nil for an empty text.
func parseTOTP(text secret.Text) (*totp, error) {
	if text.IsZero() {
		return nil, nil
	}
	s := &totp{digits: 6, step: 30 * time.Second, hash: sha1.New}
	value := strings.TrimSpace(text.Reveal())
	if len(value) >= 6 && len(value) <= 8 && strings.Trim(value, "0123456789") == "" {
		s.fixed = value
		return s, nil
	}
	var err error
	if strings.HasPrefix(strings.ToLower(value), "otpauth:") {
		if value, err = s.parseAddress(value); err != nil {
			return nil, badTOTPSecret()
		}
	}
	value = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(value))
	if s.key, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(value); err != nil ||
		len(s.key) == 0 {
		return nil, badTOTPSecret() // the cause would quote part of the secret
	}
	return s, nil
}

func badTOTPSecret() error {
	return fault.New(
		fault.Config, "the TOTP secret cannot be read",
		"set O365AWS_TOTP_SECRET to the secret key that Microsoft shows (letters A-Z and digits 2-7), "+
			"or to an otpauth:// address",
	)
}

// parseAddress parses the parameters of an otpauth address and returns its secret.
// Source: github.com/google/google-authenticator/wiki/Key-Uri-Format
func (s *totp) parseAddress(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "totp" {
		return "", errors.New("not an otpauth address of TOTP")
	}
	q := u.Query()
	if text := q.Get("digits"); text != "" {
		if s.digits, err = strconv.Atoi(text); err != nil || s.digits < 6 || s.digits > 8 {
			return "", fmt.Errorf("digits %q", text)
		}
	}
	if text := q.Get("period"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 5 || seconds > 300 {
			return "", fmt.Errorf("period %q", text)
		}
		s.step = time.Duration(seconds) * time.Second
	}
	hashes := map[string]func() hash.Hash{"": sha1.New, "SHA1": sha1.New, "SHA256": sha256.New, "SHA512": sha512.New}
	if s.hash = hashes[strings.ToUpper(q.Get("algorithm"))]; s.hash == nil {
		return "", errors.New("unknown algorithm")
	}
	return q.Get("secret"), nil
}

// window returns the number of a time step. Each time step has one code, which can be
// used once.
func (s *totp) window(at time.Time) int64 { return at.Unix() / int64(s.step/time.Second) }

// code returns the code of a time window (RFC 4226 section 5.3).
func (s *totp) code(window int64) secret.Text {
	if s.fixed != "" {
		return secret.New(s.fixed)
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(window))
	mac := hmac.New(s.hash, s.key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	value := binary.BigEndian.Uint32(sum[offset:offset+4]) & 0x7fffffff
	text := fmt.Sprintf("%010d", value)
	return secret.New(text[len(text)-s.digits:])
}
