package entra

import _ "embed" // for the embedded scripts

// SnapshotScript is a JavaScript expression that yields a Snapshot of the page it is
// evaluated in, without Secure, which only the browser knows. It reads IDs, codes and
// tiles, but never the content of an input.
//
//go:embed snapshot.js
var SnapshotScript string

// ObserverScript is installed in every document before its own scripts run.
// It calls the binding __o365awsChanged when the page may have changed.
//
//go:embed observer.js
var ObserverScript string

// SkeletonScript is a JavaScript expression that yields the elements of a page
// without texts and values, for diagnostics.
//
//go:embed skeleton.js
var SkeletonScript string
