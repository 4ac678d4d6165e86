// Package graphspec checks calls of Microsoft Graph in tests against Microsoft's
// own description (OpenAPI). The file is not part of this project:
// O365AWS_GRAPH_OPENAPI names it, and without it the test logs that nothing is
// checked.
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

// TB is the part of testing.TB that Check uses.
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

// Check returns a function for graph.Options.OnCall that fails the test if a call
// or its answer violates the description. Without a description it returns nil.
func Check(t TB) func(graph.Call) {
	t.Helper()
	file := os.Getenv(Variable)
	if file == "" {
		t.Logf("calls of Graph are NOT checked against Microsoft's description: %s is not set", Variable)
		return nil
	}
	once.Do(func() { router, failed = load(file) })
	if failed != nil {
		t.Fatalf("%s: %v", Variable, failed)
	}
	return func(call graph.Call) {
		if err := Violation(call); err != nil {
			t.Errorf("violates Microsoft's description of Graph: %v", err)
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

// Violation returns an error if a call or its answer violates the description.
// Call Check first.
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

// brief returns an error's text without schema and value, which may be long and
// contain secrets.
func brief(err error) string {
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) {
		return fmt.Sprintf("%s at /%s", schema.Reason, strings.Join(schema.JSONPointer(), "/"))
	}
	text, _, _ := strings.Cut(err.Error(), "\nSchema:")
	return text
}
