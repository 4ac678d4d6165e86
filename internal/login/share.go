package login

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

// An assertion serves every role of the person while it is fresh, so calls
// for other profiles of the identity share it instead of signing in again. It
// lies in the cache encrypted; its key is in the store of secrets, with the
// session that could get another one anyway.

// sharedLife is how old a shared assertion may be; AWS STS takes it for five
// minutes.
const sharedLife = 3 * time.Minute

type sharedAssertion struct {
	RequestID string `json:"request_id"`
	Assertion string `json:"assertion"`
}

// shareKey names the assertion: what it was asked for decides what it is good
// for. A role may take the one that came to this machine, or only the other.
func shareKey(w wanted) string {
	reply := ""
	if w.Profile.Browser == "system" {
		reply = w.Profile.ReplyURL
	}
	return cache.Key(
		w.identity, w.Profile.AppIDURI, saml.Home(w.Profile.Region, w.Profile.RoleARN, w.Profile.Cloud).ID, reply,
	)
}

// share keeps an assertion for the calls that wait.
func (d Deps) share(w wanted, k kept, response saml.Response, requestID string) {
	if requestID == "" {
		return
	}
	err := func() error {
		data, err := json.Marshal(sharedAssertion{RequestID: requestID, Assertion: response.Raw.Reveal()})
		if err != nil {
			return err
		}
		box, err := sealer(k.key)
		if err != nil {
			return err
		}
		nonce := make([]byte, box.NonceSize())
		if _, err := rand.Read(nonce); err != nil {
			return err
		}
		return d.cache().PutSealed(shareKey(w), cache.Sealed{At: d.Now(), Data: box.Seal(nonce, nonce, data, nil)})
	}()
	if err != nil {
		d.Log.Debug("assertion not shared", "error", err)
	}
}

// shared returns the assertion of another call. A person who signs in wants
// one of now, e.g. because there is a new role in it.
func (d Deps) shared(w wanted, k kept) (saml.Response, bool) {
	sealed, ok := d.cache().Sealed(shareKey(w))
	age := d.Now().Sub(sealed.At)
	if !ok || age < 0 || age > sharedLife || (w.explicit || w.Force) && !sealed.At.After(w.began) {
		return saml.Response{}, false
	}
	response, err := func() (saml.Response, error) {
		box, err := sealer(k.key)
		if err != nil {
			return saml.Response{}, err
		}
		n := box.NonceSize()
		if len(sealed.Data) < n {
			return saml.Response{}, errors.New("too short")
		}
		data, err := box.Open(nil, sealed.Data[:n], sealed.Data[n:], nil)
		if err != nil {
			return saml.Response{}, err
		}
		var a sharedAssertion
		if err := json.Unmarshal(data, &a); err != nil {
			return saml.Response{}, errors.New("it cannot be read")
		}
		return d.read(secret.New(a.Assertion), a.RequestID, k.tenant)
	}()
	if err != nil {
		d.Log.Debug("no shared assertion", "error", err)
		return saml.Response{}, false
	}
	return response, true
}

func sealer(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
