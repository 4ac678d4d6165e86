// Package termtext formats text for a terminal: untrusted text made safe to
// print, durations, and spelling suggestions.
package termtext
