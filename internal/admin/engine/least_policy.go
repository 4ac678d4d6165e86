package engine

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/spec"
)

var inARN = regexp.MustCompile(`^(arn:[a-z-]+:[a-z-]+:[a-z0-9-]*:)([0-9]{12})(:.*)$`)

// LeastPolicy returns the least IAM policy that plans, applies and destroys the
// steps, as JSON. With several accounts the account of a resource is a
// wildcard: the policy is for the role that is assumed in each.
func LeastPolicy(steps []Step) string {
	accounts := map[string]bool{}
	for _, s := range steps {
		for _, p := range s.Permissions {
			if found := inARN.FindStringSubmatch(p.Resource); found != nil {
				accounts[found[2]] = true
			}
		}
	}
	actions := map[string][]string{} // by resource
	for _, s := range steps {
		for _, p := range s.Permissions {
			if !strings.Contains(p.Action, ":") {
				continue // a Graph permission
			}
			resource := p.Resource
			switch found := inARN.FindStringSubmatch(resource); {
			case resource == "":
				resource = "*"
			case found != nil && len(accounts) > 1 && strings.HasPrefix(p.Action, "iam:"):
				resource = found[1] + "*" + found[3]
			}
			if !slices.Contains(actions[resource], p.Action) {
				actions[resource] = append(actions[resource], p.Action)
			}
		}
	}
	// Resources with the same actions share a statement.
	resources := map[string][]string{}
	for _, resource := range slices.Sorted(maps.Keys(actions)) {
		slices.Sort(actions[resource])
		key := strings.Join(actions[resource], "\n")
		resources[key] = append(resources[key], resource)
	}
	type grant struct {
		Effect           string
		Action, Resource []string
	}
	var statements []grant
	for _, key := range slices.Sorted(maps.Keys(resources)) {
		statements = append(statements, grant{"Allow", strings.Split(key, "\n"), resources[key]})
	}
	return spec.IndentedJSON(struct {
		Version   string
		Statement []grant
	}{spec.PolicyVersion, statements})
}
