package cache

import (
	"encoding/json"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// Sealed is encrypted data and, in plain text, its time.
type Sealed struct {
	At   time.Time `json:"at"`
	Data []byte    `json:"data"`
}

const sealed = "assertion"

// PutSealed stores s under key.
func (d Dir) PutSealed(key string, s Sealed) error { return d.write(d.file(sealed, key), s) }

// Sealed returns what PutSealed stored, or false.
func (d Dir) Sealed(key string) (Sealed, bool) {
	data, err := securefile.Read(d.file(sealed, key))
	if err != nil {
		return Sealed{}, false
	}
	var s Sealed
	return s, json.Unmarshal(data, &s) == nil && len(s.Data) > 0
}

// RemoveSealed deletes what PutSealed stored.
func (d Dir) RemoveSealed(key string) error {
	_, err := remove(d.file(sealed, key))
	return err
}
