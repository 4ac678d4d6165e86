package fakecloud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorization matches the Authorization header of Signature Version 4.
// Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
var authorization = regexp.MustCompile(
	`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/(\d{8})/([a-z0-9-]+)/([a-z]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`,
)

const (
	timeOfSignature = "20060102T150405Z"
	maxSignatureAge = 15 * time.Minute
)

// accessKeyOf returns the access key ID in the Authorization header of a request.
func accessKeyOf(r *http.Request) (string, error) {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	if m == nil {
		return "", stsRefuse(
			http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token",
		)
	}
	return m[1], nil
}

// verifySignature recomputes the signature of a request and compares it.
func (c *Cloud) verifySignature(r *http.Request, body []byte, secretKey string) error {
	m := authorization.FindStringSubmatch(r.Header.Get("Authorization"))
	day, region, service, signed, signature := m[2], m[3], m[4], m[5], m[6]
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse(timeOfSignature, stamp)
	if err != nil || !strings.HasPrefix(stamp, day) {
		return stsRefuse(
			http.StatusForbidden, "IncompleteSignature", "Date in Credential scope does not match X-Amz-Date",
		)
	}
	if age := c.now().Sub(at); age > maxSignatureAge || age < -maxSignatureAge {
		return stsRefuse(
			http.StatusForbidden, "SignatureDoesNotMatch", "Signature expired: %s is now earlier than %s", stamp,
			c.now().UTC().Add(-maxSignatureAge).Format(timeOfSignature),
		)
	}
	host := hostOnly(r.Host)
	own, regional := "sts", iamHosts[host]
	if regional != "" || isLoopback(host) && service == "iam" {
		own = "iam"
	} else {
		_, regional = partitionOfHost(host)
	}
	if service != own || regional != "" && regional != region {
		return stsRefuse(
			http.StatusForbidden, "SignatureDoesNotMatch",
			"Credential should be scoped to a valid region and service",
		)
	}
	headers := strings.Split(signed, ";")
	for _, must := range []string{"host", "x-amz-date", "x-amz-security-token"} {
		if must == "x-amz-security-token" && r.Header.Get(must) == "" {
			continue // long-lived keys have no session token
		}
		if !slices.Contains(headers, must) {
			return stsRefuse(http.StatusForbidden, "IncompleteSignature", "'%s' is not among the signed headers", must)
		}
	}
	scope := strings.Join([]string{day, region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hexSum(canonicalRequest(r, headers, body))}, "\n")
	key := []byte("AWS4" + secretKey)
	for _, part := range []string{day, region, service, "aws4_request", toSign} {
		key = sum256(key, part)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(signature)) {
		return stsRefuse(
			http.StatusForbidden, "SignatureDoesNotMatch",
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		)
	}
	return nil
}

func canonicalRequest(r *http.Request, headers []string, body []byte) string {
	var lines strings.Builder
	for _, name := range headers {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10) // net/http removes it from the headers
		}
		lines.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	return strings.Join(
		[]string{
			r.Method, r.URL.EscapedPath(), r.URL.RawQuery, lines.String(), strings.Join(headers, ";"),
			hexSum(string(body)),
		},
		"\n",
	)
}

func sum256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func hexSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
