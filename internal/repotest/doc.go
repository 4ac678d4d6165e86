// Package repotest checks the rules of this repository: imports, file sizes, and
// that generated documents match the code. It contains only tests.
package repotest
