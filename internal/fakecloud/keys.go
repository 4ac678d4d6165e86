package fakecloud

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"
)

// made holds the RSA keys generated in this process. Generating a key is slow, so all
// emulators share the same keys.
var made struct {
	mu   sync.Mutex
	keys []*rsa.PrivateKey
}

// keyring provides the keys of one emulator, each of them once.
type keyring struct {
	mu   sync.Mutex
	used int
}

func (r *keyring) next() (*rsa.PrivateKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made.mu.Lock()
	defer made.mu.Unlock()
	if r.used == len(made.keys) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("signing key: %w", err)
		}
		made.keys = append(made.keys, key)
	}
	r.used++
	return made.keys[r.used-1], nil
}
