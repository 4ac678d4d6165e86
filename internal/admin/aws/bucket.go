package aws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// place returns how a template is passed to CloudFormation: in the call, or, if
// it is too large for that, by the URL of an object in the spec's bucket. The
// object is named by its content, so nothing is ever overwritten. One PUT
// needs no S3 client, which would make the program larger by megabytes.
func (o inOrganization) place(ctx context.Context, body string) (inline, location *string, err error) {
	if len(body) <= maxTemplate {
		return aws.String(body), nil, nil
	}
	cfg, err := o.clients.profile(ctx, o.spec, o.org.Profile)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256([]byte(body))
	hash, bucket, region := hex.EncodeToString(sum[:]), o.org.Bucket, o.org.Region
	base := "https://s3." + region + "." + dnsSuffix(o.spec.Partition)
	if cfg.BaseEndpoint != nil {
		base = strings.TrimSuffix(*cfg.BaseEndpoint, "/")
	}
	address := base + "/" + url.PathEscape(bucket) + "/o365aws/" + spec.StackName(o.spec.Name) + "/" + hash[:16] + ".json"
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, address, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, nil, fault.Wrap(fault.Config, err, "organization.template_bucket is not a bucket name")
	}
	request.Header.Set("X-Amz-Content-Sha256", hash)
	credentials, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, request, hash, "s3", region, time.Now(), func(s *v4.SignerOptions) { s.DisableURIPathEscaping = true }); err != nil {
		return nil, nil, err
	}
	return nil, aws.String(address), o.put(cfg, request)
}

func (o inOrganization) put(cfg aws.Config, request *http.Request) error {
	bucket := o.org.Bucket
	reply, err := cfg.HTTPClient.Do(request)
	if err != nil {
		return fault.Wrap(fault.Network, err, "the template cannot be put into the bucket "+bucket, fault.ReachAdvice)
	}
	defer func() { _ = reply.Body.Close() }()
	if reply.StatusCode == http.StatusOK {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(reply.Body, 1000)) // for people only
	return fault.Newf(fault.Unsatisfied, "the template cannot be put into the bucket %s: %s %s", bucket, reply.Status, scrub(string(text))).
		Hint("the statement that grants it: %s", statement("s3:PutObject", o.objects()))
}

// dnsSuffix returns the domain of a partition's endpoints.
func dnsSuffix(partition string) string {
	switch partition {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-eusc":
		return "amazonaws.eu"
	}
	return "amazonaws.com"
}
