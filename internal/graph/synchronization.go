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
	err := c.do(ctx, call{
		method: http.MethodGet, path: syncPath(principalID, "jobs", jobID), out: &j, what: "read the provisioning",
		need: readSync,
	})
	return j, err
}

// CreateJob creates the provisioning job, which is not started.
func (c *Client) CreateJob(ctx context.Context, principalID string) (Job, error) {
	var j Job
	err := c.do(ctx, call{
		method: http.MethodPost, path: syncPath(principalID, "jobs"), creates: true,
		in: map[string]string{"templateId": SyncTemplate}, out: &j, what: "set up provisioning", need: writeSync,
	})
	return j, err
}

// AccessKey is the credential of provisioning for AWS.
type AccessKey struct {
	ID     string
	Secret secret.Text
}

// keyValue is a secret in a request.
type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// values returns the secrets under the connector's names, which are case-sensitive.
func (k AccessKey) values() []keyValue {
	return []keyValue{{"ClientSecret", k.ID}, {"SecretToken", k.Secret.Reveal()}}
}

// ValidateKey tests the connection with an access key that is not saved.
func (c *Client) ValidateKey(ctx context.Context, principalID, jobID string, key AccessKey) error {
	in := map[string]any{"credentials": key.values(), "templateId": SyncTemplate, "useSavedCredentials": false}
	return c.secretly(
		c.do(ctx, call{
			method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "validateCredentials"), in: in,
			what: "test the connection to AWS", need: writeSync,
		}),
	)
}

// ValidateSaved tests the connection with the access key that is saved.
func (c *Client) ValidateSaved(ctx context.Context, principalID, jobID string) error {
	in := map[string]any{"templateId": SyncTemplate, "useSavedCredentials": true}
	return c.secretly(
		c.do(ctx, call{
			method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "validateCredentials"), in: in,
			what: "test the connection to AWS", need: writeSync,
		}),
	)
}

// SaveKey saves an access key and the notification settings. It sends every value,
// because it is not documented whether the service preserves omitted ones.
func (c *Client) SaveKey(ctx context.Context, principalID string, key AccessKey, notify string) error {
	value := append(key.values(), keyValue{"SyncAll", "false"})
	if notify != "" {
		value = append(value, keyValue{"SyncNotificationSettings", notify})
	}
	return c.secretly(
		c.do(ctx, call{
			method: http.MethodPut, path: syncPath(principalID, "secrets"), in: map[string]any{"value": value},
			what: "save the access key", need: writeSync,
		}),
	)
}

// secretly removes the message from the error of a call with secrets, which the
// service may repeat.
func (c *Client) secretly(err error) error {
	if e := AsError(err); e != nil {
		e.Message = ""
	}
	return err
}

// StartJob starts or resumes a job that is not running.
func (c *Client) StartJob(ctx context.Context, principalID, jobID string) error {
	return c.do(ctx, call{
		method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "start"), what: "start provisioning",
		need: writeSync,
	})
}

// PauseJob pauses a job, like "Off" in the portal.
func (c *Client) PauseJob(ctx context.Context, principalID, jobID string) error {
	return c.do(ctx, call{
		method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "pause"), what: "pause provisioning",
		need: writeSync,
	})
}

// DeleteJob deletes a job with its state. A missing job is not an error.
func (c *Client) DeleteJob(ctx context.Context, principalID, jobID string) error {
	err := c.do(ctx, call{
		method: http.MethodDelete, path: syncPath(principalID, "jobs", jobID), what: "delete provisioning",
		need: writeSync,
	})
	if IsNotFound(err) {
		return nil
	}
	return err
}

// RestartJob starts a full cycle and ends quarantine, like "Restart provisioning"
// in the portal.
func (c *Client) RestartJob(ctx context.Context, principalID, jobID string) error {
	in := map[string]any{"criteria": map[string]string{"resetScope": "QuarantineState, Watermark, Escrows"}}
	return c.do(ctx, call{
		method: http.MethodPost, path: syncPath(principalID, "jobs", jobID, "restart"), in: in,
		what: "restart provisioning", need: writeSync,
	})
}
