package fakecloud

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// stsError is an error response of STS, with the message of AWS.
type stsError struct {
	status        int
	code, message string
}

// Error implements error.
func (e *stsError) Error() string { return e.code + ": " + e.message }

func stsRefuse(status int, code, format string, args ...any) error {
	return &stsError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// session holds temporary credentials that STS has issued.
type session struct {
	secretKey, token   string
	account, arn, user string
	expires            time.Time
}

// Limits of AssumeRoleWithSAML.
// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
const (
	maxAssertion       = 100_000 // characters of base64
	minDuration        = 15 * time.Minute
	maxDuration        = 12 * time.Hour
	defaultDuration    = time.Hour
	maxAssertionAge    = 5 * time.Minute
	contentTypeForm    = "application/x-www-form-urlencoded"
	actionAssumeRole   = "AssumeRoleWithSAML"
	actionGetCaller    = "GetCallerIdentity"
	stsVersion         = "2011-06-15"
	timeOfSTS          = "2006-01-02T15:04:05Z"
	throttledBeginning = 2 // number of calls that the scenario sts-throttled-twice refuses
)

func (c *Cloud) serveSTS(w http.ResponseWriter, r *http.Request) {
	result, err := c.answerSTS(r)
	var refused *stsError
	switch {
	case errors.As(err, &refused):
		writeXML(w, refused.status, errorResponse{
			Error: errorDetail{Type: "Sender", Code: refused.code, Message: refused.message}, RequestID: uuid.NewString(),
		})
	case err != nil:
		http.Error(w, "internal failure", http.StatusInternalServerError)
	default:
		writeXML(w, http.StatusOK, result)
	}
}

func (c *Cloud) answerSTS(r *http.Request) (any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if r.Method != http.MethodPost || r.URL.Path != "/" || strings.TrimSpace(kind) != contentTypeForm {
		return nil, stsRefuse(http.StatusBadRequest, "MalformedInput", "a POST of a form to / is expected")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, stsRefuse(http.StatusBadRequest, "MalformedQueryString", "the form cannot be read")
	}
	if v := form.Get("Version"); v != stsVersion {
		return nil, stsRefuse(
			http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", form.Get("Action"),
			v,
		)
	}
	switch form.Get("Action") {
	case actionAssumeRole:
		return c.assumeRole(r, form)
	case actionChain:
		return c.chainRole(r, form, body)
	case actionGetCaller:
		return c.callerIdentity(r, body)
	}
	return nil, stsRefuse(
		http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", form.Get("Action"),
		stsVersion,
	)
}

// assumeRole validates a request in the order of STS: form, assertion, role and provider,
// trust policy, duration.
func (c *Cloud) assumeRole(r *http.Request, form url.Values) (any, error) {
	c.mu.Lock()
	c.stsCalls++
	calls := c.stsCalls
	c.mu.Unlock()
	if c.opts.Scenario == "sts-throttled-twice" && calls <= throttledBeginning {
		return nil, stsRefuse(http.StatusBadRequest, "Throttling", "Rate exceeded")
	}
	if r.Header.Get("Authorization") != "" {
		return nil, stsRefuse(
			http.StatusBadRequest, "ValidationError", "AssumeRoleWithSAML is called without credentials",
		)
	}
	if err := validateAssume(form); err != nil {
		return nil, err
	}
	claims, err := c.verifyAssertion(form.Get("SAMLAssertion"), form.Get("PrincipalArn"))
	if err != nil {
		return nil, err
	}
	role, err := c.admit(hostOnly(r.Host), form, claims)
	if err != nil {
		return nil, err
	}
	duration, err := c.sessionLength(form.Get("DurationSeconds"), role, claims)
	if err != nil {
		return nil, err
	}
	policies, err := sessionPolicies(form)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.lastPolicies = policies
	c.mu.Unlock()
	return c.openSession(role, claims, duration), nil
}

func validateAssume(form url.Values) error {
	for _, name := range []string{"RoleArn", "PrincipalArn", "SAMLAssertion"} {
		if form.Get(name) == "" {
			return stsRefuse(
				http.StatusBadRequest, "ValidationError",
				"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null",
				lowerFirst(name),
			)
		}
	}
	if len(form.Get("SAMLAssertion")) > maxAssertion {
		return stsRefuse(
			http.StatusBadRequest, "ValidationError",
			"1 validation error detected: Value at 'sAMLAssertion' failed to satisfy constraint: Member must have length less than or equal to 100000",
		)
	}
	return nil
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// admit checks the claims against the role's trust policy.
func (c *Cloud) admit(host string, form url.Values, claims claims) (iamRole, error) {
	denied := stsRefuse(http.StatusForbidden, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
	roleARN, provider := form.Get("RoleArn"), form.Get("PrincipalArn")
	role, ok := c.roleOf(roleARN)
	paired := slices.ContainsFunc(claims.roles, func(value string) bool {
		return pairOf(value, roleARN, provider)
	})
	switch partition, _ := partitionOfHost(host); {
	case !paired, !ok, !slices.Contains(role.providers, provider), c.opts.Scenario == "sts-denied":
		return role, denied
	case c.opts.Scenario == "sts-denied-one" && strings.HasSuffix(roleARN, "444455556666:role/azure.admin"):
		return role, denied
	case partition != "" && partition != strings.Split(roleARN, ":")[1]:
		return role, denied
	case !slices.Contains(role.audiences, claims.recipient):
		return role, denied
	}
	return role, nil
}

// pairOf reports whether a value of the Role claim consists of role and provider, in
// either order.
func pairOf(value, role, provider string) bool {
	a, b, ok := strings.Cut(value, ",")
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return ok && (a == role && b == provider || a == provider && b == role)
}

func (c *Cloud) sessionLength(asked string, role iamRole, claims claims) (time.Duration, error) {
	duration := defaultDuration
	if asked != "" {
		seconds, err := strconv.Atoi(asked)
		if err != nil {
			return 0, stsRefuse(http.StatusBadRequest, "MalformedInput", "DurationSeconds is not a number")
		}
		duration = time.Duration(seconds) * time.Second
		if duration < minDuration || duration > maxDuration {
			return 0, stsRefuse(
				http.StatusBadRequest, "ValidationError",
				"1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200",
				seconds,
			)
		}
	}
	if duration > role.maxSession {
		return 0, stsRefuse(
			http.StatusBadRequest, "ValidationError",
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
		)
	}
	if claims.sessionDuration > 0 {
		duration = min(duration, claims.sessionDuration)
	}
	if !claims.sessionEnds.IsZero() {
		duration = min(duration, claims.sessionEnds.Sub(c.now()))
	}
	if c.opts.Scenario == "sts-short" {
		duration = shortSession
	}
	return duration, nil
}

// shortSession is the duration of a session in the scenario sts-short.
const shortSession = 10 * time.Second

// openSession issues credentials and stores them.
func (c *Cloud) openSession(role iamRole, claims claims, duration time.Duration) any {
	if c.opts.Scenario == "sts-wrong-arn" {
		role.arn = strings.Replace(role.arn, ":role/", ":role/other-", 1)
	}
	parts := strings.Split(role.arn, ":")
	id := strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", ""))
	s := session{
		secretKey: "fake" + strings.ReplaceAll(uuid.NewString()+uuid.NewString(), "-", "")[:36],
		token:     "fake//" + strings.Repeat(strings.ReplaceAll(uuid.NewString(), "-", ""), 12) + "+/==",
		account:   role.account(),
		arn: fmt.Sprintf(
			"arn:%s:sts::%s:assumed-role/%s/%s", parts[1], role.account(), role.name(), claims.sessionName,
		),
		user:    "AROA" + id[:16] + ":" + claims.sessionName,
		expires: c.now().UTC().Add(duration).Truncate(time.Second),
	}
	key := "ASIA" + id[16:]
	c.mu.Lock()
	c.sessions[key] = s
	c.mu.Unlock()
	return assumeResponse{
		RequestID: uuid.NewString(),
		Result: assumeResult{
			Credentials: issuedKeys{
				AccessKeyID: key, SecretAccessKey: s.secretKey, SessionToken: s.token,
				Expiration: s.expires.Format(timeOfSTS),
			},
			AssumedRoleUser: assumedUser{ID: s.user, ARN: s.arn},
			Audience:        claims.recipient, Issuer: claims.issuer, Subject: claims.subject, SubjectType: "persistent",
		},
	}
}

// callerIdentity returns the identity of the signer of a request.
func (c *Cloud) callerIdentity(r *http.Request, body []byte) (any, error) {
	s, err := c.signer(r, body)
	if err != nil {
		return nil, err
	}
	return identityResponse{
		Result:    identityResult{ARN: s.arn, UserID: s.user, Account: s.account},
		RequestID: uuid.NewString(),
	}, nil
}

// signer returns the session that signed a request.
func (c *Cloud) signer(r *http.Request, body []byte) (session, error) {
	key, err := accessKeyOf(r)
	if err != nil {
		return session{}, err
	}
	c.mu.Lock()
	s, ok := c.sessions[key]
	c.mu.Unlock()
	if !ok || r.Header.Get("X-Amz-Security-Token") != s.token {
		return session{}, stsRefuse(
			http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.",
		)
	}
	if err := c.verifySignature(r, body, s.secretKey); err != nil {
		return session{}, err
	}
	if !c.now().Before(s.expires) {
		return session{}, stsRefuse(
			http.StatusForbidden, "ExpiredToken", "The security token included in the request is expired",
		)
	}
	return s, nil
}

// Responses of STS in the Query protocol.
type (
	issuedKeys struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      string
	}
	assumedUser struct {
		ID  string `xml:"AssumedRoleId"`
		ARN string `xml:"Arn"`
	}
	assumeResult struct {
		Credentials     issuedKeys
		AssumedRoleUser assumedUser
		Audience        string
		Issuer          string
		Subject         string
		SubjectType     string
	}
	assumeResponse struct {
		XMLName   xml.Name     `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleWithSAMLResponse"`
		Result    assumeResult `xml:"AssumeRoleWithSAMLResult"`
		RequestID string       `xml:"ResponseMetadata>RequestId"`
	}
	identityResult struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string
	}
	identityResponse struct {
		XMLName   xml.Name       `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
		Result    identityResult `xml:"GetCallerIdentityResult"`
		RequestID string         `xml:"ResponseMetadata>RequestId"`
	}
	errorDetail struct {
		Type, Code, Message string
	}
	errorResponse struct {
		XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
		Error     errorDetail
		RequestID string `xml:"RequestId"`
	}
)

func writeXML(w http.ResponseWriter, status int, answer any) {
	data, err := xml.Marshal(answer)
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
