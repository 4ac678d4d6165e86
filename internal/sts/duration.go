package sts

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/termtext"

	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/o365aws/o365aws/internal/saml"
)

// ladder lists the durations to try if the role does not allow the requested one. STS
// does not report the maximum, and reading it from IAM requires credentials.
var ladder = [...]time.Duration{12 * time.Hour, 8 * time.Hour, 4 * time.Hour, 2 * time.Hour, time.Hour}

// lower returns the next duration below d, or false.
func lower(d time.Duration) (time.Duration, bool) {
	for _, step := range ladder {
		if step < d {
			return step, true
		}
	}
	return 0, false
}

// stepDown requests want, then shorter durations while they exceed the maximum of the
// role. It reports and remembers the duration that the role allows.
func (c *Client) stepDown(
	role saml.Role,
	want time.Duration,
	call func(time.Duration) (*awssts.AssumeRoleWithSAMLOutput, error),
	notify func(string),
) (*awssts.AssumeRoleWithSAMLOutput, error) {
	try := want
	if c.o.Memory != nil {
		if known, ok := c.o.Memory.Longest(role.ARN); ok && known >= minDuration && known < try {
			try = known
		}
	}
	first := try
	for {
		out, err := call(try)
		if err == nil {
			if try < first {
				notify(
					fmt.Sprintf(
						"the role %s does not allow sessions of %s; requested %s", role.Name(),
						termtext.Duration(first), termtext.Duration(try),
					),
				)
				c.remember(role, try)
			}
			return out, nil
		}
		less, ok := lower(try)
		if !ok || !exceedsRole(err) {
			return nil, err
		}
		try = less
	}
}

// remember stores the duration that the role allows. It logs errors: the next sign-in
// then tries the longer durations again.
func (c *Client) remember(role saml.Role, d time.Duration) {
	if c.o.Memory == nil {
		return
	}
	if err := c.o.Memory.Remember(role.ARN, d); err != nil {
		c.o.Log.Warn("the longest session of the role could not be remembered", "role", role.ARN, "error", err)
	}
}

// exceedsRole reports whether STS refused a duration longer than the role's
// MaxSessionDuration.
func exceedsRole(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" &&
		strings.Contains(strings.ToLower(api.ErrorMessage()), "maxsessionduration")
}
