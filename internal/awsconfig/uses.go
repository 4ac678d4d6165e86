package awsconfig

import (
	"math"
	"time"
)

// use counts the uses of a role. The score halves every useHalfLife, so that a role that
// is used often or was used recently has a high one.
type use struct {
	Score float64   `json:"score"`
	At    time.Time `json:"at"`
}

const useHalfLife = 14 * 24 * time.Hour

func (u use) score(now time.Time) float64 {
	return u.Score * math.Exp2(-float64(now.Sub(u.At))/float64(useHalfLife))
}

// UseScore returns how often and how recently a role was used; 0 if never.
func (s *State) UseScore(roleARN string, now time.Time) float64 {
	return s.saved.Uses[roleARN].score(now)
}

// CountUse records a use of a role.
func (s *State) CountUse(roleARN string, now time.Time) error {
	return s.change(func(k saved) { k.Uses[roleARN] = use{Score: k.Uses[roleARN].score(now) + 1, At: now.UTC()} })
}
