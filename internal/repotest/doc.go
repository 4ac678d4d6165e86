// Package repotest keeps the rules of this repository that no compiler keeps:
// who may import whom, how long a file may be, and that the documents made
// from the code say what the code says. All of it is in tests.
package repotest
