package admin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/o365aws/o365aws/internal/awsfake"
)

// A server that knows what tags of a provider are is taken at its word that
// one has none, whatever its address.
func TestStandInThatKnowsTags(t *testing.T) {
	l := newLab(t, oneAccount)
	behind, err := url.Parse(l.gate.Behind())
	if err != nil {
		t.Fatal(err)
	}
	moto := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "Action=ListSAMLProviderTags") {
			_, _ = io.WriteString(
				w,
				"<ListSAMLProviderTagsResponse><ListSAMLProviderTagsResult><Tags/></ListSAMLProviderTagsResult></ListSAMLProviderTagsResponse>",
			)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		moto.ServeHTTP(w, r)
	}))
	defer server.Close()
	awsfake.Setenv(t, server.URL)
	if _, err := l.iam().CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{
		Name: aws.String(l.spec.Provider.Name), SAMLMetadataDocument: aws.String(string(awsfake.Metadata(t, labCertificate))),
	}); err != nil {
		t.Fatal(err)
	}
	removals, err := l.runner().Removals(t.Context())
	if err != nil || len(removals) != 1 || !strings.Contains(removals[0].Undo.Keep, "does not carry the tag") {
		t.Errorf("somebody's provider: %+v %v", removals, err)
	}
}

// AWS itself is known by its endpoints, wherever they are set.
func TestStandsIn(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:5000": true, "http://moto:5000": true, "https://localhost.localstack.cloud:4566": true, "https://amazonaws.com.example.org": true, "https://notamazonaws.com": true,
		"https://iam.amazonaws.com": false, "https://IAM.US-GOV.amazonaws.com.": false, "https://iam.cn-north-1.amazonaws.com.cn/": false, "https://iam.global.api.aws": false,
		"https://vpce-0a1b-xyz.iam.us-east-1.vpce.amazonaws.com": false, "https://iam.api.amazonwebservices.com.cn": false, "https://cloudformation-fips.us-east-1.amazonaws.com:443": false,
	} {
		if got := standsIn(&address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	if standsIn(nil) {
		t.Error("no endpoint of its own")
	}
}
