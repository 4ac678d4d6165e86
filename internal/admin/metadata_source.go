package admin

import "errors"

// ErrNoMetadataYet is what a MetadataSource returns when another step, that
// of StepMetadata, has to be done first.
var ErrNoMetadataYet = errors.New("the tenant has no federation metadata yet")
