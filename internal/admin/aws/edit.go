package aws

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// edit is one difference and the call that resolves it. Check shows the changes
// of a list of edits, Apply makes the calls: the plan cannot differ from apply.
type edit struct {
	change engine.Change
	do     func(context.Context) error
}

func changesOf(edits []edit) []engine.Change {
	var changes []engine.Change
	for _, e := range edits {
		changes = append(changes, e.change)
	}
	return changes
}

// perform makes the calls in order.
func perform(ctx context.Context, edits []edit) error {
	for _, e := range edits {
		if e.do == nil {
			continue // covered by the call of an earlier edit
		}
		if err := e.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// ours returns the tags that a resource must have.
func ours(s *spec.Spec, tags map[string]string) map[string]string {
	all := map[string]string{spec.TagKey: s.Name}
	for key, value := range tags {
		all[key] = value
	}
	return all
}

// owned reports whether a resource has the tag of this setup.
func owned(s *spec.Spec, tags []types.Tag) bool {
	for _, t := range tags {
		if aws.ToString(t.Key) == spec.TagKey {
			return aws.ToString(t.Value) == s.Name
		}
	}
	return false
}

func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// tagEdits returns the tags that are missing or differ. Other tags stay: cost
// tools and organizations add theirs.
func tagEdits(have []types.Tag, want map[string]string, tag func(context.Context, []types.Tag) error) []edit {
	had := map[string]string{}
	for _, t := range have {
		had[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	wrong := map[string]string{}
	var edits []edit
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if value, ok := had[key]; !ok || value != want[key] {
			wrong[key] = want[key]
			edits = append(edits, edit{change: engine.Change{Attribute: "tag " + key, Have: value, Want: want[key]}})
		}
	}
	if len(edits) > 0 {
		edits[0].do = func(ctx context.Context) error { return tag(ctx, tagList(wrong)) }
	}
	return edits
}

// listEdits returns the additions and removals that turn have into want.
func listEdits(attribute string, have, want []string, add, remove func(context.Context, string) error) []edit {
	var edits []edit
	for _, one := range want {
		if !slices.Contains(have, one) {
			edits = append(
				edits, edit{engine.Change{Attribute: attribute, Want: one}, func(ctx context.Context) error { return add(ctx, one) }},
			)
		}
	}
	for _, one := range have {
		if !slices.Contains(want, one) {
			edits = append(
				edits, edit{engine.Change{Attribute: attribute, Have: one}, func(ctx context.Context) error { return remove(ctx, one) }},
			)
		}
	}
	return edits
}
