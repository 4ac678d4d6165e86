package admin

import (
	"slices"
	"strings"
)

// has reports whether a list holds a name, in any case: as the directory has it.
func has(list []string, want string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
}

// sameSet compares two lists without regard to order.
func sameSet(a, b []string) bool {
	x, y := slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(slices.Compact(x), slices.Compact(y))
}
