package graph

import (
	"context"
	"net/http"
	"net/url"

	"github.com/o365aws/o365aws/internal/secret"
)

var (
	readSync  = Need{"Synchronization.Read.All", "Application.ReadWrite.OwnedBy", ""}
	writeSync = Need{
		"Synchronization.ReadWrite.All", "Application.ReadWrite.OwnedBy",
		"Application Administrator, Cloud Application Administrator, or owner of the service principal",
	}
)

// SyncTemplate is the provisioning template of the AWS application.
const SyncTemplate = "aws"

func syncPath(principalID string, parts ...string) string {
	path := "/servicePrincipals/" + url.PathEscape(principalID) + "/synchronization"
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// Jobs lists the provisioning jobs of a principal: one per template.
func (c *Client) Jobs(ctx context.Context, principalID string) ([]Job, error) {
	return list[Job](ctx, c, call{path: syncPath(principalID, "jobs"), what: "read the provisioning", need: readSync})
}

// Job reads a provisioning job.
func (c *Client) Job(ctx context.Context, principalID, jobID string) (Job, error) {
	var j Job
	err := c.do(
		ctx,
		call{
			method: http.MethodGet, path: syncPath(principalID, "jobs", jobID), out: &j,
			what: "read the provisioning", need: readSync,
		},
	)
	return j, err
}

// CreateJob makes the provisioning job, which does not run yet.
func (c *Client) CreateJob(ctx context.Context, principalID string) (Job, error) {
	var j Job
	err := c.do(
		ctx,
		call{
			method: http.MethodPost, path: syncPath(principalID, "jobs"), creates: true,
			in: map[string]string{"templateId": SyncTemplate}, out: &j, what: "set up provisioning",
			need: writeSync,
		},
	)
	return j, err
}

// AccessKey is what provisioning signs in to AWS with.
type AccessKey struct {
	ID     string
	Secret secret.Text
}

// keyValue is one secret on its way to Microsoft.
type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// values are the secrets under the names that the connector gives them, whose
// case counts.
func (k AccessKey) values() []keyValue {
	return []keyValue{{"ClientSecret", k.ID}, {"SecretToken", k.Secret.Reveal()}}
}

// ValidateKey tests the connection with an access key that is not saved.
func (c *Client) ValidateKey(ctx context.Context, principalID, jobID string, key AccessKey) error {
	in := map[string]any{"credentials": key.values(), "templateId": SyncTemplate, "useSavedCredentials": false}
	return c.secretly(
		c.do(
			ctx,
			call{
				method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "validateCredentials"),
				in: in, what: "test the connection to AWS", need: writeSync,
			},
		),
	)
}

// ValidateSaved tests the connection with the access key that is saved.
func (c *Client) ValidateSaved(ctx context.Context, principalID, jobID string) error {
	in := map[string]any{"templateId": SyncTemplate, "useSavedCredentials": true}
	return c.secretly(
		c.do(
			ctx,
			call{
				method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "validateCredentials"),
				in: in, what: "test the connection to AWS", need: writeSync,
			},
		),
	)
}

// SaveKey saves an access key, and where trouble is to be reported. Every
// value is sent each time, as nothing says that those left out would stay.
func (c *Client) SaveKey(ctx context.Context, principalID string, key AccessKey, notify string) error {
	value := append(key.values(), keyValue{"SyncAll", "false"})
	if notify != "" {
		value = append(value, keyValue{"SyncNotificationSettings", notify})
	}
	return c.secretly(
		c.do(
			ctx,
			call{
				method: http.MethodPut, path: syncPath(principalID, "secrets"),
				in: map[string]any{"value": value}, what: "save the access key", need: writeSync,
			},
		),
	)
}

// secretly takes the message out of an error of a call that carried secrets:
// a service may repeat in it what it was sent.
func (c *Client) secretly(err error) error {
	if e := AsError(err); e != nil {
		e.Message = ""
	}
	return err
}

// StartJob starts a job, or goes on with a paused one. It is not for a job
// that runs.
func (c *Client) StartJob(ctx context.Context, principalID, jobID string) error {
	return c.do(
		ctx,
		call{
			method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "start"),
			what: "start provisioning", need: writeSync,
		},
	)
}

// PauseJob stops a job for a while: the portal's "Off".
func (c *Client) PauseJob(ctx context.Context, principalID, jobID string) error {
	return c.do(
		ctx,
		call{
			method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "pause"),
			what: "pause provisioning", need: writeSync,
		},
	)
}

// RestartJob begins anew and leaves quarantine: the portal's "Restart
// provisioning", whose scope is empty.
func (c *Client) RestartJob(ctx context.Context, principalID, jobID string) error {
	in := map[string]any{"criteria": map[string]string{"resetScope": "QuarantineState, Watermark, Escrows"}}
	return c.do(
		ctx,
		call{
			method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "restart"), in: in,
			what: "restart provisioning", need: writeSync,
		},
	)
}
