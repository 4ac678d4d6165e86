// Package openurl opens a URL in the user's browser. A one-time redirect on
// localhost keeps the URL itself out of the process list, where every user of
// the machine could read it.
package openurl
