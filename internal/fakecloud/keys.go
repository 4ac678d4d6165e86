package fakecloud

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"
)

// made are the RSA keys that were made in this process. Making one takes a
// while, so every emulator begins with the same ones.
var made struct {
	mu   sync.Mutex
	keys []*rsa.PrivateKey
}

// keyring hands out the keys of one emulator, no two of them alike.
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
