// Package early runs the fast path in its init function. Only cmd/o365aws imports it, so
// that tests can import package fastpath.
package early

import "github.com/o365aws/o365aws/internal/fastpath"

func init() { fastpath.OrExit() }
