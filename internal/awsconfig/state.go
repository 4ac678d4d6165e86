package awsconfig

import (
	"context"
	"encoding/json"
	"time"

	"github.com/o365aws/o365aws/internal/securefile"
)

// State stores small choices between runs. It contains no secrets. A file that cannot
// be read counts as empty.
type State struct {
	paths Paths
	saved saved
}

type saved struct {
	Roles     map[string]string `json:"roles"`           // by profile: ARN of the last role
	Durations map[string]int    `json:"durations"`       // by role ARN: maximum session in seconds
	Tenants   map[string]string `json:"tenants"`         // by cloud and domain: the GUID
	Uses      map[string]use    `json:"uses"`            // by role ARN
	Asked     map[string]string `json:"asked,omitempty"` // by identity: the first question of its last sign-in
}

// LoadState returns the stored state.
func LoadState(paths Paths) *State {
	return &State{paths, readState(paths.State())}
}

func readState(path string) saved {
	var k saved
	if data, err := securefile.Read(path); err == nil && json.Unmarshal(data, &k) != nil {
		k = saved{}
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
	if k.Uses == nil {
		k.Uses = map[string]use{}
	}
	if k.Asked == nil {
		k.Asked = map[string]string{}
	}
	return k
}

// LastRole returns the last role of a profile.
func (s *State) LastRole(profile string) string { return s.saved.Roles[profile] }

// Longest returns the maximum session duration of a role, if it is known.
func (s *State) Longest(roleARN string) (time.Duration, bool) {
	seconds, ok := s.saved.Durations[roleARN]
	return time.Duration(seconds) * time.Second, ok
}

// Tenant returns the GUID of the tenant that a domain belongs to in a cloud, or "" if
// it is unknown.
func (s *State) Tenant(cloud, domain string) string { return s.saved.Tenants[cloud+" "+domain] }

// RememberTenant stores the GUID of a domain's tenant, or deletes it if guid is "".
func (s *State) RememberTenant(cloud, domain, guid string) error {
	return s.change(func(k saved) {
		if k.Tenants[cloud+" "+domain] = guid; guid == "" {
			delete(k.Tenants, cloud+" "+domain)
		}
	})
}

// Asked returns the first question of an identity's last sign-in, or "" if it is unknown.
func (s *State) Asked(identity string) string { return s.saved.Asked[identity] }

// RememberAsked stores the first question of an identity's sign-in.
func (s *State) RememberAsked(identity, question string) error {
	return s.change(func(k saved) { k.Asked[identity] = question })
}

// RememberRole stores the last role of a profile.
func (s *State) RememberRole(profile, roleARN string) error {
	return s.change(func(k saved) { k.Roles[profile] = roleARN })
}

// Remember stores the maximum session duration of a role.
func (s *State) Remember(roleARN string, d time.Duration) error {
	return s.change(func(k saved) { k.Durations[roleARN] = int(d / time.Second) })
}

func (s *State) change(set func(saved)) error {
	set(s.saved)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return UpdateFile(ctx, s.paths.State(), s.paths.Locks(), func(data []byte) ([]byte, error) {
		k := readState(s.paths.State())
		set(k)
		return json.MarshalIndent(k, "", "  ")
	})
}
