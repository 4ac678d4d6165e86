// Package termtext formats text for a terminal: it sanitizes untrusted text, formats
// durations, and suggests spellings.
package termtext
