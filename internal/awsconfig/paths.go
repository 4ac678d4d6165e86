// Package awsconfig owns the files in ~/.aws: it reads profiles and settings,
// and changes single sections without touching any other byte.
package awsconfig

import "github.com/o365aws/o365aws/internal/awspaths"

// Env looks a variable up; the empty string means that it is not set.
type Env = awspaths.Env

// Paths are the files and the folder that o365aws reads and writes.
type Paths = awspaths.Paths

// ResolvePaths finds the files for a user whose home folder is userHome.
func ResolvePaths(env Env, userHome string) Paths { return awspaths.Resolve(env, userHome) }
