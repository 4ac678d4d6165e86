package graph

import (
	"net/http"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Any unsuccessful response becomes an error with its status, a code, and a kind that a
// script can distinguish.
func FuzzRefused(f *testing.F) {
	for _, body := range []string{
		`{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges","innerError":{"request-id":"1"}}}`,
		`{"error":null}`, `{"error":[]}`, `{"error":{"code":7}}`, `[]`, ``, `<html>`,
		`{"error":{"code":"\u202e","message":"\u0000"}}`,
	} {
		f.Add(uint16(403), []byte(body))
		f.Add(uint16(500), []byte(body))
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		if status < 400 || status > 599 {
			return
		}
		err := refused(call{what: "something"}, &http.Response{StatusCode: int(status), Header: http.Header{}}, body)
		e := AsError(err)
		if e == nil || e.Status != int(status) {
			t.Fatalf("%d %q became %v", status, body, err)
		}
		if kind := fault.KindOf(err); kind != fault.Auth && kind != fault.Network && kind != fault.Unsatisfied {
			t.Errorf("%d %q is of kind %v", status, body, kind)
		}
	})
}
