// Package awsconfig reads profiles and settings from the files in ~/.aws, and changes
// single sections without touching any other byte.
package awsconfig

import "github.com/o365aws/o365aws/internal/awspaths"

// Env returns the value of an environment variable, or "" if it is not set.
type Env = awspaths.Env

// Paths holds the files and the folder that o365aws reads and writes.
type Paths = awspaths.Paths

// ResolvePaths returns the paths of a user with the home folder userHome.
func ResolvePaths(env Env, userHome string) Paths { return awspaths.Resolve(env, userHome) }
