package entra

import _ "embed" // the scripts are files of their own, to be read as JavaScript

// SnapshotScript is a JavaScript expression that yields a Snapshot of the
// page it is evaluated in, without Secure, which only the browser can tell.
// It reads ids, codes and tiles; never the content of an input.
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
