package saml

import (
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/termtext"
)

// A role value consists of exactly two ARNs of the same account and partition.
func TestParseRole(t *testing.T) {
	long := strings.Repeat("n", 64)
	for value, good := range map[string]bool{
		admin + "," + idp:                                        true,
		idp + "," + admin:                                        true,
		"\n " + idp + "\t,\r\n " + admin + " ":                   true,
		"arn:aws:iam::111122223333:role/a,b=c+d@e," + idp:        true,
		"arn:aws:iam::111122223333:role/p/q/" + long + "," + idp: true,
		"arn:aws:iam::111122223333:role/" + long + "n," + idp:    false,
		admin: false, idp: false, "": false, ",": false,
		admin + "," + admin: false, idp + "," + idp: false,
		admin + "," + idp + "," + idp: false,
		"x" + idp + "," + admin:       false, admin + "," + idp + "/x": false, idp + " x," + admin: false,
		"arn:aws:iam::111122223333:role/p,arn:aws:iam::111122223333:role/x," + idp: false,
		idp + ",arn:aws:iam::111122223333:role/p,arn:aws:iam::111122223333:role/x": false,
		"arn:aws-cn:iam::111122223333:role/x," + idp:                               false,
		"arn:aws:iam::999999999999:role/x," + idp:                                  false,
		"arn:aws:iam::11112222333:role/x," + idp:                                   false,
		"arn:aws:sts::111122223333:assumed-role/x/y," + idp:                        false,
		"arn:aws:iam::111122223333:role/," + idp:                                   false,
		"arn:aws:iam::111122223333:role/x\n," + idp:                                true, // XML white space around an ARN
		"arn:aws:iam::111122223333:role/x\u00a0," + idp:                            false,
		"arn:aws:iam::111122223333:role/x\u200b," + idp:                            false,
		"arn:aws:iam::111122223333:role/\u0430dmin," + idp:                         false, // Cyrillic a
		"ARN:aws:iam::111122223333:role/x," + idp:                                  false,
	} {
		t.Run(value, func(t *testing.T) {
			role, err := ParseRole(value)
			if (err == nil) != good || (!good && role != Role{}) {
				t.Errorf("%q: %+v %v", value, role, err)
			}
			if good &&
				(role.Provider != idp || role.Account() != "111122223333" || role.Partition() != "aws" || role.Name() == "") {
				t.Errorf("%q: parts of %+v", value, role)
			}
		})
	}
	if broken := (Role{ARN: "x"}); broken.Account()+broken.Name()+broken.Partition() != "" {
		t.Error("a malformed ARN has parts")
	}
}

// An accepted value is printable and round-trips in either order.
func FuzzRole(f *testing.F) {
	f.Add(admin + "," + idp)
	f.Add(" " + idp + " , " + reader + " ")
	f.Add("arn:aws-cn:iam::111122223333:role/a,b,arn:aws-cn:iam::111122223333:saml-provider/P")
	f.Add("arn:aws:iam::1:role/\u202e,arn:")
	f.Fuzz(func(t *testing.T, value string) {
		role, err := ParseRole(value)
		if err != nil {
			if role != (Role{}) {
				t.Errorf("error and a role: %+v", role)
			}
			return
		}
		if termtext.Printable(role.ARN, 2000) != role.ARN || termtext.Printable(role.Provider, 2000) != role.Provider {
			t.Errorf("unprintable %+q", role)
		}
		if !strings.Contains(value, role.ARN) || !strings.Contains(value, role.Provider) || role.Name() == "" ||
			len(role.Account()) != 12 {
			t.Errorf("%q became %+v", value, role)
		}
		for _, again := range []string{role.ARN + "," + role.Provider, role.Provider + ", " + role.ARN} {
			if got, err := ParseRole(again); err != nil || got != role {
				t.Errorf("%q became %+v %v", again, got, err)
			}
		}
	})
}
