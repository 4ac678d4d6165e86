package fakecloud

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// deviceHeader is the name of the header and the cookie with which a device
// authenticates.
// Source: learn.microsoft.com/openspecs/windows_protocols/ms-oapxbc 2.2.1.1
const deviceHeader = "x-ms-RefreshTokenCredential"

// Validity of a value according to its kind: based on its time of issue, or on a nonce of
// the server.
const (
	deviceLife = time.Hour
	nonceLife  = 10 * time.Minute
)

// primary is a primary refresh token of a device.
type primary struct {
	user *User
	key  []byte // session key, shared with the device
}

// deviceState is Entra's state of devices, guarded by Cloud.mu.
type deviceState struct {
	tokens   map[string]primary
	nonces   map[string]time.Time // not used yet
	accepted int                  // number of requests with a valid value
	problems []string             // misuses of a value by clients
}

// IssueDeviceCredential returns the value with which a device of the user signs in at an
// address. Like an identity broker, it computes the value from the nonce in the address
// or from the current time. It returns "" for a user that does not exist.
func (c *Cloud) IssueDeviceCredential(name, address string) string {
	user := c.user(name)
	if user == nil {
		return ""
	}
	token, key := newToken(), make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	c.mu.Lock()
	if c.device.tokens == nil {
		c.device.tokens = map[string]primary{}
	}
	c.device.tokens[token] = primary{user: user, key: key}
	c.mu.Unlock()
	claims := fields{"refresh_token": token, "is_primary": "true", "win_ver": "10.0.19045.2"}
	if u, err := url.Parse(address); err == nil && u.Query().Has("sso_nonce") {
		claims["request_nonce"] = u.Query().Get("sso_nonce")
	} else {
		claims["iat"] = c.now().Unix()
	}
	context := make([]byte, 24)
	_, _ = rand.Read(context) // never fails
	head := fields{"alg": "HS256", "ctx": base64.StdEncoding.EncodeToString(context), "kdf_ver": 2}
	signed := encodePart(head) + "." + encodePart(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(deviceSignature(key, context, signed))
}

func encodePart(part fields) string {
	data, _ := json.Marshal(part) // only strings and numbers
	return base64.RawURLEncoding.EncodeToString(data)
}

// deviceSignature signs with a key derived from the session key (NIST SP 800-108, counter
// mode, one block).
func deviceSignature(key, context []byte, signed string) []byte {
	_, payload, _ := strings.Cut(signed, ".")
	body, _ := base64.RawURLEncoding.DecodeString(payload) // a decoding error also invalidates the signature
	bound := sha256.Sum256(append(slices.Clone(context), body...))
	derive := hmac.New(sha256.New, key)
	_ = binary.Write(derive, binary.BigEndian, uint32(1))
	derive.Write([]byte("AzureAD-SecureConversation\x00"))
	derive.Write(bound[:])
	_ = binary.Write(derive, binary.BigEndian, uint32(256))
	sign := hmac.New(sha256.New, derive.Sum(nil))
	sign.Write([]byte(signed))
	return sign.Sum(nil)
}

// DeviceSignIns returns the number of requests in which a device authenticated.
func (c *Cloud) DeviceSignIns() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.device.accepted
}

// DeviceProblems returns misuses of a device's value by clients: sending it to another
// host, without TLS, with a request that is not for a document, or twice with the same
// nonce.
func (c *Cloud) DeviceProblems() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.device.problems)
}

// deviceValue returns the value in a request.
func deviceValue(r *http.Request) string {
	if value := r.Header.Get(deviceHeader); value != "" {
		return value
	}
	for _, cookie := range r.Cookies() {
		if strings.EqualFold(cookie.Name, deviceHeader) {
			return cookie.Value
		}
	}
	return ""
}

// watchDevice records a value in a request that must not contain one.
func (c *Cloud) watchDevice(r *http.Request) {
	if deviceValue(r) == "" {
		return
	}
	host := strings.TrimSuffix(strings.ToLower(r.Host), ":443")
	problem := ""
	switch kind := r.Header.Get("Sec-Fetch-Dest"); {
	case r.TLS == nil:
		problem = "without TLS"
	case host != "login.microsoftonline.com":
		problem = "the wrong host"
	case kind != "" && kind != "document", r.Header.Get("hpgact") != "":
		problem = "not a document"
	default:
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.device.problems = append(
		c.device.problems, fmt.Sprintf("the device's credential went to %s%s: %s", r.Host, r.URL.Path, problem),
	)
}

// deviceUser returns the user of the device that sent a request, or nil if the value is
// missing or invalid. Entra silently ignores invalid values.
func (c *Cloud) deviceUser(r *http.Request) *User {
	value := deviceValue(r)
	head, rest, _ := strings.Cut(value, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	var header struct {
		Algorithm string `json:"alg"`
		Context   []byte `json:"ctx"`
		Version   int    `json:"kdf_ver"`
	}
	var claims struct {
		Token string `json:"refresh_token"`
		Nonce string `json:"request_nonce"`
		At    int64  `json:"iat"`
	}
	got, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !decodePart(head, &header) || !decodePart(payload, &claims) || header.Algorithm != "HS256" ||
		header.Version != 2 || c.opts.Scenario == "prt-ignored" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	held, known := c.device.tokens[claims.Token]
	if !known || !hmac.Equal(got, deviceSignature(held.key, header.Context, head+"."+payload)) ||
		!c.timelyLocked(claims.Nonce, claims.At) {
		return nil
	}
	c.device.accepted++
	return held.user
}

func decodePart(part string, into any) bool {
	data, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(data, into) == nil
}

// timelyLocked reports whether a value is recent enough. A nonce starts one sign-in,
// during which the value may be repeated.
func (c *Cloud) timelyLocked(nonce string, at int64) bool {
	if nonce == "" {
		age := c.now().Sub(time.Unix(at, 0))
		return c.opts.Scenario != "device-nonce" && age > -5*time.Minute && age < deviceLife
	}
	made, known := c.device.nonces[nonce]
	return known && c.now().Sub(made) < nonceLife
}

// wantsNonce redirects a request to its own address with a nonce, and reports whether it
// did. In the scenario device-nonce, a value without a nonce is invalid.
func (c *Cloud) wantsNonce(w http.ResponseWriter, r *http.Request) bool {
	if c.opts.Scenario != "device-nonce" || deviceValue(r) == "" || c.deviceUser(r) != nil {
		return false
	}
	nonce := newToken()
	c.mu.Lock()
	if c.device.nonces == nil {
		c.device.nonces = map[string]time.Time{}
	}
	c.device.nonces[nonce] = c.now()
	c.mu.Unlock()
	address := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path}
	query := r.URL.Query()
	query.Set("sso_nonce", nonce)
	address.RawQuery = query.Encode()
	w.Header().Set("Location", address.String())
	w.WriteHeader(http.StatusFound)
	return true
}

// useNonce invalidates the nonce of a request. A value with an already used nonce is a
// misuse by the client.
func (c *Cloud) useNonce(r *http.Request) {
	nonce := r.URL.Query().Get("sso_nonce")
	if nonce == "" || deviceValue(r) == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, unused := c.device.nonces[nonce]; !unused {
		c.device.problems = append(c.device.problems, "a nonce was used twice")
	}
	delete(c.device.nonces, nonce)
}

// byDevice starts a sign-in by the device of a user.
func (c *Cloud) byDevice(w http.ResponseWriter, r *http.Request, f *flow, user *User) {
	f.proved = map[string]bool{"password": true, "kmsi": true, "compliant": true}
	f.proved["mfa"] = c.opts.Scenario != "prt-no-mfa"
	f.user = user
	if c.opts.Scenario == "prt-revoked" {
		f.user, f.proved = nil, map[string]bool{}
		c.page(w, f, "ConvergedSignIn", fields{"sErrorCode": "50173", "arrValErrs": []string{"50173"}})
		return
	}
	c.advance(w, r, f)
}
