package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/o365aws/o365aws/internal/cache"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/secret"
)

// One assertion is valid for every role of the user for a few minutes, so calls for other
// profiles of the identity share it instead of signing in again. The cache stores it
// encrypted. Its key is in the secret store next to the session, which could be used to
// get another assertion anyway.

// SharedLife is the maximum age of a shared assertion. AWS STS accepts one for
// five minutes.
const SharedLife = 3 * time.Minute

// Assertion is a SAML response and the ID of the request that it replies to.
type Assertion struct {
	RequestID string
	Response  secret.Text
}

type sharedRecord struct {
	RequestID string `json:"request_id"`
	Assertion string `json:"assertion"`
}

// SharedKey names the shared assertion. A role may accept only the assertion
// that was sent to this machine, or only the other one, so the reply URL is part
// of the key.
func (i Identity) SharedKey() string {
	p := i.Profile
	reply := p.ACSURL
	if p.Browser == "system" {
		reply = p.ReplyURL
	}
	return cache.Key(i.Key(), p.AppIDURI, saml.Home(p.Region, p.RoleARN, p.Cloud).ID, reply)
}

// Share stores an assertion for concurrent calls, encrypted with the key of a stored
// session.
func (i Identity) Share(a Assertion, key []byte) {
	if a.RequestID == "" {
		return
	}
	data, err := json.Marshal(sharedRecord{RequestID: a.RequestID, Assertion: a.Response.Reveal()})
	if err == nil {
		data, err = encrypt(data, key)
	}
	if err == nil {
		err = i.cache().PutSealed(i.SharedKey(), cache.Sealed{At: i.Now(), Data: data})
	}
	if err != nil {
		i.Log.Debug("assertion not shared", "error", err)
	}
}

// Shared returns the assertion of another call, unless it was shared before notBefore.
func (i Identity) Shared(key []byte, notBefore time.Time) (Assertion, bool) {
	sealed, ok := i.cache().Sealed(i.SharedKey())
	age := i.Now().Sub(sealed.At)
	if !ok || age < 0 || age > SharedLife || !sealed.At.After(notBefore) {
		return Assertion{}, false
	}
	data, err := decrypt(sealed.Data, key)
	var r sharedRecord
	if err == nil && json.Unmarshal(data, &r) != nil {
		err = errors.New("malformed record") // the cause could quote the secret
	}
	if err != nil {
		i.Log.Debug("cannot read the shared assertion", "error", err)
		return Assertion{}, false
	}
	return Assertion{r.RequestID, secret.New(r.Assertion)}, true
}

// DeleteShared deletes the shared assertion.
func (i Identity) DeleteShared() error { return i.cache().RemoveSealed(i.SharedKey()) }

func encrypt(data, key []byte) ([]byte, error) {
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return box.Seal(nonce, nonce, data, nil), nil
}

func decrypt(data, key []byte) ([]byte, error) {
	box, err := newBox(key)
	if err != nil {
		return nil, err
	}
	n := box.NonceSize()
	if len(data) < n {
		return nil, errors.New("record too short")
	}
	return box.Open(nil, data[:n], data[n:], nil)
}

func newBox(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
