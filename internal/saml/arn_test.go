package saml_test

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/saml"
)

// shape matches ARNs of roles independently of the parser.
var shape = regexp.MustCompile(
	`^arn:(aws|aws-us-gov|aws-cn|aws-eusc):iam::([0-9]{12}):role/([\x21-\x7e]{1,511}/)?([A-Za-z0-9_+=,.@-]{1,64})$`,
)

func TestParseRoleARN(t *testing.T) {
	const good = "arn:aws:iam::111122223333:role/azure.reader"
	seeds := []string{
		good, "arn:aws-cn:iam::111122223333:role/a/b/c", "arn:aws-us-gov:iam::111122223333:role/x+=,.@-_", "arn:aws:iam::111122223333:role//x",
		"arn:aws:iam::111122223333:role/a//x", "arn:aws:iam::111122223333:role/" + strings.Repeat("p", 511) + "/x",
		"arn:aws:iam::111122223333:role/" + strings.Repeat(
			"p", 512,
		) + "/x", "arn:aws:iam::111122223333:role/" + strings.Repeat("n", 64),
		"arn:aws:iam::111122223333:role/" + strings.Repeat(
			"n", 65,
		), "arn:aws:iam::111122223333:role/a:b/c", "arn:aws:iam:us-east-1:111122223333:role/x",
		"arn:aws:iam::111122223333:role/!~/AZaz09", "arn:aws:iam::111122223333:role/ /x", "arn:aws:iam::111122223333:role/\x7f/x", "arn:aws:iam::11112222333:role/x",
		"arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role/a/", "arn:aws:iam::111122223333:user/x", "", "arn", good + "\n",
	}
	for range 20000 {
		text := []byte(seeds[rand.IntN(3)])
		for range rand.IntN(4) {
			switch at := rand.IntN(len(text)); rand.IntN(3) {
			case 0:
				text[at] = byte(rand.IntN(256))
			case 1:
				text = append(text[:at], text[at+1:]...)
			default:
				text[at] = "/:a1 "[rand.IntN(5)]
			}
		}
		seeds = append(seeds, string(text))
	}
	for _, text := range seeds {
		var want saml.RoleARN
		m := shape.FindStringSubmatch(text)
		if m != nil {
			want = saml.RoleARN{Partition: m[1], Account: m[2], Name: m[4]}
		}
		if got, ok := saml.ParseRoleARN(text); got != want || ok != (m != nil) {
			t.Errorf("%q: %+v, %v; want %+v", text, got, ok, want)
		}
	}
}
