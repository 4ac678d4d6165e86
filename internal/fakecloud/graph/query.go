package graph

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// paged returns one page of a collection, with a link to the next.
func (d *Directory) paged(r *request, list []fields) (*response, error) {
	size := 100
	if top := r.URL.Query().Get("$top"); top != "" {
		n, err := strconv.Atoi(top)
		if err != nil || n < 1 || n > 999 {
			return nil, badRequest("Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", top)
		}
		size = n
	}
	if d.faults["small-pages"] {
		size = 2
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	if from > len(list) {
		from = len(list)
	}
	rest := list[from:]
	body := fields{"value": selected(r, rest[:min(size, len(rest))]...)}
	if len(rest) > size {
		query := r.URL.Query()
		query.Set("$skiptoken", strconv.Itoa(from+size))
		body["@odata.nextLink"] = "https://" + hostOf(r.Request) + "/v1.0" + r.URL.Path + "?" + query.Encode()
	}
	return okay(body)
}

// selected returns the properties that $select names.
func selected(r *request, list ...fields) []fields {
	names := strings.Split(r.URL.Query().Get("$select"), ",")
	out := make([]fields, 0, len(list))
	for _, object := range list {
		if names[0] == "" {
			out = append(out, object)
			continue
		}
		small := fields{}
		for _, name := range names {
			if value, ok := object[name]; ok {
				small[name] = value
			}
		}
		out = append(out, small)
	}
	return out
}

// one returns a single object.
func one(r *request, object fields) (*response, error) {
	return okay(selected(r, object)[0])
}

var (
	equals   = regexp.MustCompile(`^(\w+) eq '((?:[^']|'')*)'$`)
	oneOf    = regexp.MustCompile(`^(\w+) in \((.*)\)$`)
	anyOf    = regexp.MustCompile(`^(\w+)/any\(x:x eq '((?:[^']|'')*)'\)$`)
	literals = regexp.MustCompile(`'((?:[^']|'')*)'`)
)

// filtered returns the objects that match $filter: equality, lists of values, and
// alternatives of those.
func filtered(r *request, list []fields) ([]fields, error) {
	filter := r.URL.Query().Get("$filter")
	if filter == "" {
		return list, nil
	}
	var tests []func(fields) bool
	for _, part := range strings.Split(filter, " or ") {
		test, err := filterTest(part)
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	var remaining []fields
	for _, object := range list {
		if slices.ContainsFunc(tests, func(test func(fields) bool) bool { return test(object) }) {
			remaining = append(remaining, object)
		}
	}
	return remaining, nil
}

func filterTest(part string) (func(fields) bool, error) {
	unquote := func(s string) string { return strings.ReplaceAll(s, "''", "'") }
	if m := equals.FindStringSubmatch(part); m != nil {
		return func(o fields) bool { return strings.EqualFold(textOf(o[m[1]]), unquote(m[2])) }, nil
	}
	if m := anyOf.FindStringSubmatch(part); m != nil {
		return func(o fields) bool {
			list, _ := o[m[1]].([]string)
			return slices.Contains(list, unquote(m[2]))
		}, nil
	}
	if m := oneOf.FindStringSubmatch(part); m != nil {
		var values []string
		for _, literal := range literals.FindAllStringSubmatch(m[2], -1) {
			values = append(values, strings.ToLower(unquote(literal[1])))
		}
		if len(values) > 15 {
			return nil, badRequest(
				"Too many child clauses specified in search filter expression containing 'OR' operators: %d. Max "+
					"allowed: 15.",
				len(values),
			)
		}
		return func(o fields) bool { return slices.Contains(values, strings.ToLower(textOf(o[m[1]]))) }, nil
	}
	return nil, badRequest("Invalid filter clause: %s", part)
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

// queryOf splits a URL in a batch.
func queryOf(address string) (path, query string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host != "" {
		return "", "", refuse(http.StatusBadRequest, "BadRequest", "Invalid batch URL %q", address)
	}
	return u.Path, u.RawQuery, nil
}
