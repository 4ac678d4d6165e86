package graph

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// The status determines the kind of the error and its hints.
func TestRefusalsByStatus(t *testing.T) {
	k := call{
		what: "the application",
		need: Need{Delegated: "A.Read", Application: "A.Read.OwnedBy", Role: "Application Administrator"},
	}
	for _, c := range []struct {
		status              int
		kind                fault.Kind
		hint                string
		forbidden, notFound bool
	}{
		{400, fault.Unsatisfied, "", false, false},
		{401, fault.Auth, "sign in again", false, false},
		{403, fault.Unsatisfied, "A.Read (a service principal needs A.Read.OwnedBy)", true, false},
		{404, fault.Unsatisfied, "", false, true},
		{429, fault.Network, "in some minutes", false, false},
		{499, fault.Unsatisfied, "", false, false},
		{500, fault.Network, "continues where it stopped", false, false},
		{503, fault.Network, "continues where it stopped", false, false},
	} {
		t.Run(strconv.Itoa(c.status), func(t *testing.T) {
			body := `{"error":{"code":"Some_Code","message":"in words","innerError":{"request-id":"req-1"}}}`
			err := refused(
				k, &http.Response{StatusCode: c.status, Header: http.Header{"Request-Id": {"req-2"}}}, []byte(body),
			)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != c.kind || !strings.Contains(strings.Join(f.Hints, " "), c.hint) ||
				IsForbidden(err) != c.forbidden ||
				IsNotFound(err) != c.notFound {
				t.Errorf("got %v, hints %q, want kind %v, hint %q", err, f.Hints, c.kind, c.hint)
			}
			if e := AsError(err); e == nil || e.Status != c.status || e.Need != k.need ||
				!strings.HasSuffix(err.Error(), " Some_Code: in words (request req-1)") {
				t.Errorf("got %v", err)
			}
			err = refused(
				k, &http.Response{StatusCode: c.status, Header: http.Header{"Request-Id": {"req-2"}}}, []byte("<html>"),
			)
			if !strings.HasSuffix(err.Error(), http.StatusText(c.status)+" (request req-2)") {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := explain(k, &Error{Status: 403}); !strings.Contains(
		strings.Join(err.(*fault.Error).Hints, " "), "Application Administrator",
	) {
		t.Errorf("the role is not named: %v", err)
	}
	if AsError(errors.New("x")) != nil || IsForbidden(errors.New("x")) || IsNotFound(nil) {
		t.Error("got a match for an unrelated error, want none")
	}
}

// An error of a credential is reduced to one line without the request and its
// secret.
func TestSignInErrorsAreShortened(t *testing.T) {
	const request = "\nPOST https://login.microsoftonline.com/x\nclient_secret=CANARY\n"
	for _, text := range []string{
		"ClientSecretCredential failed." + request,
		"failed" + request + `{"error":"AADSTS65001: no consent"` + request,
		"failed" + request + "AADSTS90094: an admin must\r\n" + request,
		"AADSTS50126: " + strings.Repeat("x", maxSignInText) + "CANARY",
		"AADSTS50076: \"" + request + strings.Repeat("AADSTS53003 CANARY ", 10),
	} {
		err := explainSignIn(errors.New(text), SignInAuto)
		if fault.KindOf(err) != fault.Auth || strings.Contains(err.Error(), "CANARY") ||
			strings.ContainsAny(err.Error(), "\r\n") ||
			strings.Contains(text, "AADSTS") != strings.Contains(err.Error(), "AADSTS") {
			t.Errorf("%.40q: %q", text, err)
		}
	}
}

// A permission is granted by its own name, or by one that includes it.
func TestAllows(t *testing.T) {
	for granted, row := range map[string]struct {
		needed string
		want   bool
	}{
		"Application.Read.All":          {"Application.Read.All", true},
		"Application.ReadWrite.OwnedBy": {"Application.Read.All", true},
		"Application.ReadWrite.All":     {"Application.ReadWrite.OwnedBy", true},
		"Synchronization.ReadWrite.All": {"Synchronization.Read.All", true},
		"GroupMember.Read.All":          {"Group.Read.All", true},
		"User.Read.All":                 {"User.ReadBasic.All", true},
		"Directory.Read.All":            {"Application.ReadWrite.All", false},
		"User.ReadBasic.All":            {"User.Read.All", false},
		"Synchronization.Read.All":      {"Synchronization.ReadWrite.All", false},
	} {
		t.Run(granted, func(t *testing.T) {
			if got := (Grant{Scopes: []string{granted}}).Allows(row.needed); got != row.want {
				t.Errorf("%s: got %v, want %v", row.needed, got, row.want)
			}
		})
	}
}

// The tenant's policy for identifier URIs exempts applications in SAML mode. A
// refusal right after setting the mode means that it is not replicated yet.
func TestIdentifierPolicyIsTemporary(t *testing.T) {
	refusal := &Error{
		Status: 400, Code: "Request_BadRequest",
		Message: "All newly added URIs must contain a tenant verified domain, tenant ID, or app ID. " +
			"See https://aka.ms/identifier-uri-formatting-error for more information on this error.",
	}
	if !IsNotReplicated(refusal) {
		t.Errorf("got false for %v, want true", refusal)
	}
	if other := (&Error{Status: 400, Message: "Invalid value specified for property 'identifierUris'"}); IsNotReplicated(other) {
		t.Errorf("got true for %v, want false", other)
	}
}
