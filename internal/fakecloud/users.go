package fakecloud

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// The tenant and its first user. The password contains every ASCII symbol, a space, and
// letters of one to four bytes, to detect code that quotes, escapes or types it
// incorrectly.
const (
	TenantID     = "3f2b6c1e-8d4a-4e57-9a61-0c5d7e9b1a24"
	TenantDomain = "contoso.example"
	UserName     = "ada@contoso.example"
	Password     = `pä$$ wörd"'<>&\%{}[]|;:,.?/~^*()_+-=#@!` + "`€漢🙂"
	TOTPSecret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	// RenewedTOTPSecret is the TOTP secret in the scenario app-renewed.
	RenewedTOTPSecret = "NB2W45DFOIZANB2W45DFOIZANB2W45DF"
)

// User is a user of the tenant. Users do not change after New.
type User struct {
	Name        string // user principal name
	DisplayName string
	ObjectID    string // GUID
	Password    string
	TOTPSecret  string   // base32; "" if no authenticator app is registered
	Methods     []Method // second factors; if empty, MFA is not required
	Federated   bool     // signs in at AD FS
	Locked      bool     // AADSTS50053
	Assigned    bool     // to the AWS application; otherwise AADSTS50105
}

// Method is a registered second factor, with its name in arrUserProofs
// (PhoneAppNotification, PhoneAppOTP, OneWaySMS, ...).
type Method struct {
	AuthMethodID string
	Display      string
	Default      bool
}

// user returns the user with a principal name, ignoring case, or nil.
func (c *Cloud) user(name string) *User {
	return c.users[strings.ToLower(strings.TrimSpace(name))]
}

func newUsers(password string) map[string]*User {
	list := []*User{
		{Name: UserName, DisplayName: "Ada Lovelace", TOTPSecret: TOTPSecret, Assigned: true, Methods: []Method{
			{"PhoneAppNotification", "Authenticator app", true},
			{"PhoneAppOTP", "Authenticator app code", false},
			{"OneWaySMS", "+XX XXXXXXXX42", false},
		}},
		{
			Name: "grace@contoso.example", DisplayName: "Grace Hopper", TOTPSecret: TOTPSecret,
			Assigned: true, Methods: []Method{{"PhoneAppOTP", "Authenticator app code", true}},
		},
		{Name: "linus@contoso.example", DisplayName: "Linus without MFA", Assigned: true},
		{Name: "alan@contoso.example", DisplayName: "Alan Turing", Assigned: true, Federated: true},
		{Name: "eve@contoso.example", DisplayName: "Eve", Assigned: true, Locked: true},
		{Name: "mallory@contoso.example", DisplayName: "Mallory"},
	}
	users := make(map[string]*User, len(list))
	for i, u := range list {
		u.Password = password
		u.ObjectID = fmt.Sprintf("00000000-0000-4000-8000-%012d", i+1)
		users[u.Name] = u
	}
	return users
}

// totpStep is the time step of authenticator apps (RFC 6238 section 5.2).
const totpStep = 30 * time.Second

// TOTPCode returns the six digits that an authenticator app shows at a time (RFC 6238,
// SHA-1) for a base32 secret, or "" if the secret is not base32.
func TOTPCode(secret string, at time.Time) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).
		DecodeString(strings.ToUpper(strings.TrimRight(secret, "=")))
	if err != nil {
		return ""
	}
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/int64(totpStep/time.Second)))
	mac := hmac.New(sha1.New, key)
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:offset+4])&0x7fffffff%1_000_000)
}

// TOTP returns the TOTP secret of the users' authenticator apps.
func (c *Cloud) TOTP() string {
	if c.opts.Scenario == "app-renewed" {
		return RenewedTOTPSecret
	}
	return TOTPSecret
}

// totpNow returns the codes that are currently accepted: those of the current, previous
// and next time step, because clocks differ (RFC 6238 section 5.2).
func (c *Cloud) totpNow() []string {
	now := c.now()
	codes := make([]string, 0, 3)
	for _, shift := range []time.Duration{0, -totpStep, totpStep} {
		codes = append(codes, TOTPCode(c.TOTP(), now.Add(shift)))
	}
	return codes
}
