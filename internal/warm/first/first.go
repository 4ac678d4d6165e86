// Package first answers a warm credential-process call before the rest of the
// program starts. Go initialises a package as soon as its imports are, so this
// one comes before the AWS SDK, the browser's protocol, the YAML reader and
// whatever else the program links, whose own initialisation takes longer than
// the answer. Only the program itself imports it.
package first

import "github.com/o365aws/o365aws/internal/warm"

func init() { warm.OrExit() }
