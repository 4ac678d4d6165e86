package sts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/awscreds"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

var keys = awscreds.Credentials{
	AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret.New("secret" + mark), SessionToken: secret.New("token" + mark), AssumedRoleARN: session,
}

// The call is signed with the given keys, not with those in the environment.
func TestIdentity(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "other")
	d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) {
		fmt.Fprintf(
			w,
			`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>%s</Arn><UserId>AROA:ada</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
			session,
		)
	})
	account, arn, err := clientOf(d, Options{Region: "eu-west-1"}).Identity(context.Background(), keys)
	if err != nil || account != "111122223333" || arn != session {
		t.Fatalf("%q %q %v", account, arn, err)
	}
	h := d.heads[0]
	if !strings.Contains(h.Get("Authorization"), "Credential=ASIAEXAMPLE/") ||
		!strings.Contains(h.Get("Authorization"), "/eu-west-1/sts/") ||
		h.Get("X-Amz-Security-Token") != "token"+mark {
		t.Errorf("headers %v", h)
	}
}

// Keys of another partition are checked in a region of that partition.
func TestIdentityOfAnotherPartition(t *testing.T) {
	d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 403, "ExpiredToken", "") })
	china, bare := keys, keys
	china.AssumedRoleARN = "arn:aws-cn:sts::111122223333:assumed-role/azure.admin/ada"
	bare.AssumedRoleARN = ""
	for i, row := range []struct {
		keys         awscreds.Credentials
		region, want string
	}{{china, "", "cn-north-1"}, {china, "eu-west-1", "cn-north-1"}, {bare, "cn-northwest-1", "cn-northwest-1"}, {bare, "", "us-east-1"}} {
		t.Run(row.region+" "+row.want, func(t *testing.T) {
			_, _, err := clientOf(d, Options{Region: row.region}).Identity(t.Context(), row.keys)
			if fault.KindOf(err) != fault.Role || len(d.heads) != i+1 ||
				!strings.Contains(d.heads[i].Get("Authorization"), "/"+row.want+"/sts/") {
				t.Errorf("got %v, want a request signed for %s", err, row.want)
			}
		})
	}
}

// Each refusal is explained without the values that STS repeats from the request.
func TestIdentityRefused(t *testing.T) {
	canonical := "The Canonical String should have been 'x-amz-security-token:token" + mark + "'"
	met := map[string]bool{}
	for code, meaning := range map[string]string{
		"ExpiredToken": "expired", "InvalidClientTokenId": "does not know", "SignatureDoesNotMatch": "do not match",
		"RequestExpired": "clock", "AccessDenied": "denies", "RegionDisabledException": "not activated for",
	} {
		t.Run(code, func(t *testing.T) {
			d := serve(t, func(w http.ResponseWriter, _ int, _ url.Values) { refuse(w, 403, code, canonical) })
			_, _, err := clientOf(d, Options{}).Identity(t.Context(), keys)
			var f *fault.Error
			if !errors.As(err, &f) || f.Kind != fault.Role || !strings.Contains(f.Msg, meaning) || len(f.Hints) == 0 ||
				strings.Contains(chain(err), mark) {
				t.Errorf("got %v, want a refusal with %q", err, meaning)
			}
			if r, ok := find(identityRows, code, canonical); ok {
				met[r.code] = true
			}
		})
	}
	if len(met) != len(identityRows) {
		t.Errorf("got rows %v", met)
	}
	for _, none := range []awscreds.Credentials{{}, {AccessKeyID: "ASIAEXAMPLE"}, {SecretAccessKey: keys.SecretAccessKey}} {
		var f *fault.Error
		if _, _, err := New(Options{}).Identity(context.Background(), none); !errors.As(err, &f) ||
			!strings.Contains(f.Msg, "no credentials") {
			t.Errorf("%+v: %v", none, err)
		}
	}
}
