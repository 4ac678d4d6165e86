package awsconfig

import (
	"context"
	"encoding/json"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// State remembers small choices between runs. It holds no secret, and a file
// that cannot be read is as good as none.
type State struct {
	paths Paths
	kept  kept
}

type kept struct {
	Roles     map[string]string `json:"roles"`     // by profile: the ARN chosen last
	Durations map[string]int    `json:"durations"` // by role ARN: the longest session in seconds
	Tenants   map[string]string `json:"tenants"`   // by cloud and domain: the GUID
}

// LoadState reads what was remembered.
func LoadState(paths Paths) *State {
	s := &State{paths: paths}
	s.kept = readKept(paths.State())
	return s
}

func readKept(path string) kept {
	var k kept
	if data, err := securefile.Read(path); err == nil && json.Unmarshal(data, &k) != nil {
		k = kept{}
	}
	if k.Roles == nil {
		k.Roles = map[string]string{}
	}
	if k.Durations == nil {
		k.Durations = map[string]int{}
	}
	if k.Tenants == nil {
		k.Tenants = map[string]string{}
	}
	return k
}

// LastRole returns the role that was chosen last for a profile.
func (s *State) LastRole(profile string) string { return s.kept.Roles[profile] }

// Longest returns the longest session that a role is known to allow.
func (s *State) Longest(roleARN string) (time.Duration, bool) {
	seconds, ok := s.kept.Durations[roleARN]
	return time.Duration(seconds) * time.Second, ok
}

// Tenant returns the GUID of the tenant that a domain belongs to in a cloud,
// or "".
func (s *State) Tenant(cloud, domain string) string { return s.kept.Tenants[cloud+" "+domain] }

// RememberTenant keeps the GUID of a domain's tenant, or forgets it when it
// is "".
func (s *State) RememberTenant(cloud, domain, guid string) error {
	return s.change(func(k kept) {
		if k.Tenants[cloud+" "+domain] = guid; guid == "" {
			delete(k.Tenants, cloud+" "+domain)
		}
	})
}

// RememberRole keeps the choice of a role.
func (s *State) RememberRole(profile, roleARN string) error {
	return s.change(func(k kept) { k.Roles[profile] = roleARN })
}

// Remember keeps the longest session of a role.
func (s *State) Remember(roleARN string, d time.Duration) error {
	return s.change(func(k kept) { k.Durations[roleARN] = int(d / time.Second) })
}

func (s *State) change(set func(kept)) error {
	set(s.kept)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return UpdateFile(ctx, s.paths.State(), s.paths.Locks(), func(data []byte) ([]byte, error) {
		k := readKept(s.paths.State())
		set(k)
		return json.MarshalIndent(k, "", "  ")
	})
}
