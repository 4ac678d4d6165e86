package entra

import (
	"context"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/graph"
)

// maxRecord bounds the length of a tag with several places. Graph documents no limit.
const maxRecord = 200

// recordTag returns the prefix of the tags that record the AWS accounts and stack sets
// in which the setup has, or had, resources.
func recordTag(s *spec.Spec) string { return ourTag(s) + ":in:" }

// recorded returns the places that the tags of the application record. It ignores what
// is not a place.
func recorded(s *spec.Spec, tags []string) []spec.Place {
	var all []spec.Place
	for _, tag := range tags {
		if list, ok := strings.CutPrefix(tag, recordTag(s)); ok {
			for text := range strings.SplitSeq(list, ",") {
				if place := spec.Place(text); place.Valid() {
					all = append(all, place)
				}
			}
		}
	}
	return all
}

// withRecords returns tags with records of places, instead of the records they have.
func withRecords(s *spec.Spec, tags []string, places []spec.Place) []string {
	tags = slices.DeleteFunc(slices.Clone(tags), func(tag string) bool { return strings.HasPrefix(tag, recordTag(s)) })
	slices.Sort(places)
	places = slices.Compact(places)
	for len(places) > 0 {
		tag := recordTag(s) + string(places[0])
		for places = places[1:]; len(places) > 0 && len(tag)+len(places[0]) < maxRecord; places = places[1:] {
			tag += "," + string(places[0])
		}
		tags = append(tags, tag)
	}
	return tags
}

// formerPlaces returns the recorded places that have been removed from the spec.
func formerPlaces(s *spec.Spec, tags []string) []spec.Place {
	have := s.Places()
	return slices.DeleteFunc(recorded(s, tags), func(p spec.Place) bool { return slices.Contains(have, p) })
}

// removed returns the setting removed of a place, or "".
func removed(s *spec.Spec, place spec.Place) string {
	for _, a := range s.RemovedAccounts() {
		if spec.Place(a.ID) == place {
			return a.Removed
		}
	}
	for _, o := range s.RemovedTargets() {
		if o.Place() == place {
			return o.Removed
		}
	}
	return ""
}

// obsoletePlaces returns the resources in places that have been removed from the spec,
// and the records of the places. If the spec lists a place with removed: delete, the AWS
// side returns its resources.
func (t *Tenant) obsoletePlaces(ctx context.Context, w *engine.World) ([]engine.Undo, error) {
	if t.EntraOnly {
		return nil, nil
	}
	f, err := t.findApplication(ctx, w)
	if err != nil || f == nil || f.taken != "" {
		return nil, err
	}
	var undos []engine.Undo
	for _, place := range formerPlaces(w.Spec, f.app.Tags) {
		setting := removed(w.Spec, place)
		if setting == "" {
			found, err := t.AWS.Former(ctx, w, place)
			if err != nil {
				undos = append(undos, engine.Undo{Group: placeName(place), What: "resources of this setup", Err: err})
				continue
			}
			undos = append(undos, found...)
		}
		undos = append(undos, engine.Undo{
			Group: placeName(place), What: "its record in the application",
			Do: func(ctx context.Context) error { return t.deleteRecord(ctx, w, f.app.ID, place) },
		})
	}
	return undos, nil
}

// placeName returns the name of a place in messages.
func placeName(place spec.Place) string {
	if target, ok := place.StackSet(); ok {
		return "stack set " + target.StackSet + " in " + target.Region
	}
	return "account " + string(place)
}

func placeNames(places []spec.Place) []string {
	names := make([]string, len(places))
	for i, place := range places {
		names[i] = placeName(place)
	}
	return names
}

// deleteRecord deletes the record of a place, unless resources that could be deleted
// remain there.
func (t *Tenant) deleteRecord(ctx context.Context, w *engine.World, appID string, place spec.Place) error {
	if removed(w.Spec, place) != spec.RemovedRetain {
		remaining, err := t.AWS.Former(ctx, w, place)
		if err != nil {
			return err
		}
		for _, undo := range remaining {
			if undo.Do != nil {
				return fault.Newf(fault.Unsatisfied, "%s still has %s", placeName(place), undo.What)
			}
		}
	}
	app, err := t.Graph.Application(ctx, appID)
	if err != nil {
		return err
	}
	rest := slices.DeleteFunc(recorded(w.Spec, app.Tags), func(p spec.Place) bool { return p == place })
	return t.Graph.PatchApplication(ctx, appID, graph.ApplicationPatch{Tags: withRecords(w.Spec, app.Tags, rest)})
}

// checkRecords returns an error if the application records places that have been
// removed from the spec: only its records show that they may have resources.
func (t *Tenant) checkRecords(ctx context.Context, w *engine.World, appID string) error {
	app, err := t.Graph.Application(ctx, appID)
	if err != nil {
		return absent(err)
	}
	former := slices.DeleteFunc(formerPlaces(w.Spec, app.Tags), func(p spec.Place) bool {
		return removed(w.Spec, p) == spec.RemovedRetain
	})
	if len(former) == 0 {
		return nil
	}
	return fault.New(
		fault.Unsatisfied,
		"the application stays: it records resources of this setup in "+aws.ShortList(placeNames(former)),
		"delete them first, or set removed: retain in the spec to leave them",
	)
}
