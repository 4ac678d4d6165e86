// Package graphspec holds calls of Microsoft Graph against Microsoft's own
// description of it (OpenAPI), for tests. The file is not part of this
// project: the variable O365AWS_GRAPH_OPENAPI names it, and without it
// nothing is checked and the test says so.
package graphspec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/o365aws/o365aws/internal/fakecloud/graph"
)

// Variable names the environment variable that names the file.
const Variable = "O365AWS_GRAPH_OPENAPI"

// TB is what is used of a test.
type TB interface {
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var (
	once   sync.Once
	router routers.Router
	failed error
)

// Check returns a function for graph.Options.OnCall that fails the test when a
// call or its answer is not as Microsoft describes it. It returns nil, and
// says so, when there is no description.
func Check(t TB) func(graph.Call) {
	t.Helper()
	file := os.Getenv(Variable)
	if file == "" {
		t.Logf("calls of Graph are NOT held against Microsoft's description: %s is not set", Variable)
		return nil
	}
	once.Do(func() { router, failed = load(file) })
	if failed != nil {
		t.Fatalf("%s: %v", Variable, failed)
	}
	return func(call graph.Call) {
		if err := Violation(call); err != nil {
			t.Errorf("not as Microsoft describes Graph: %v", err)
		}
	}
}

func load(file string) (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
}

// Violation says what is wrong with a call or its answer. Check must have
// been called before.
func Violation(call graph.Call) error {
	request, err := http.NewRequest(call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return err
	}
	if len(call.Body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	route, params, err := router.FindRoute(request)
	if err != nil {
		return fmt.Errorf("%s %s: %w", call.Method, call.URL, err)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: request, PathParams: params, Route: route,
		Options: &openapi3filter.Options{MultiError: true},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
		return fmt.Errorf("request %s %s: %s", call.Method, call.URL, brief(err))
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: call.Status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(
			bytes.NewReader(call.Answer),
		), Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
		return fmt.Errorf("answer %d of %s %s: %s", call.Status, call.Method, call.URL, brief(err))
	}
	return nil
}

// brief takes schema and value, which can be long and hold secrets, out of
// an error.
func brief(err error) string {
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		return fmt.Sprintf("%s at /%s", schema.Reason, strings.Join(schema.JSONPointer(), "/"))
	}
	text, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return text
}
