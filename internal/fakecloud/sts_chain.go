package fakecloud

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	actionChain     = "AssumeRole"
	maxChained      = time.Hour
	chainExternalID = "partner-7"
)

// chainRoles maps roles that other roles may assume to the role that they trust.
var chainRoles = map[string]string{
	"arn:aws:iam::444455556666:role/deploy":  "arn:aws:sts::111122223333:assumed-role/azure.admin/",
	"arn:aws:iam::444455556666:role/partner": "arn:aws:sts::111122223333:assumed-role/azure.admin/", // requires chainExternalID
}

// chainRole assumes a role with the credentials of another role.
func (c *Cloud) chainRole(r *http.Request, form url.Values, body []byte) (any, error) {
	by, err := c.signer(r, body)
	if err != nil {
		return nil, err
	}
	seconds := int(defaultDuration / time.Second)
	if text := form.Get("DurationSeconds"); text != "" {
		if seconds, err = strconv.Atoi(text); err != nil {
			return nil, stsRefuse(http.StatusBadRequest, "MalformedInput", "DurationSeconds is not a number")
		}
	}
	roleARN := form.Get("RoleArn")
	trusted := chainRoles[roleARN]
	switch {
	case !sessionNamePattern.MatchString(form.Get("RoleSessionName")):
		return nil, stsRefuse(
			http.StatusBadRequest, "ValidationError", "1 validation error detected: Value at 'roleSessionName'",
		)
	case trusted == "" || !strings.HasPrefix(by.arn, trusted),
		strings.HasSuffix(roleARN, "/partner") && form.Get("ExternalId") != chainExternalID:
		return nil, stsRefuse(
			http.StatusForbidden, "AccessDenied",
			"User: %s is not authorized to perform: sts:AssumeRole on resource: %s",
			by.arn, roleARN,
		)
	case time.Duration(seconds)*time.Second > maxChained:
		return nil, stsRefuse(
			http.StatusBadRequest, "ValidationError",
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
		)
	}
	policies, err := sessionPolicies(form)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.lastPolicies = policies
	c.mu.Unlock()
	opened := c.openSession(
		iamRole{arn: roleARN}, claims{sessionName: form.Get("RoleSessionName")}, time.Duration(seconds)*time.Second,
	).(assumeResponse)
	return chainResponse{Result: opened.Result, RequestID: uuid.NewString()}, nil
}

type chainResponse struct {
	XMLName   xml.Name     `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
	Result    assumeResult `xml:"AssumeRoleResult"`
	RequestID string       `xml:"ResponseMetadata>RequestId"`
}
