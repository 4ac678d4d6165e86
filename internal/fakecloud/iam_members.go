package fakecloud

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"strings"
	"sync"
)

// members holds the other accounts of the organization by number. The emulator does not
// implement CloudFormation: a test calls Deploy for each stack.
type members struct {
	mu       sync.Mutex
	accounts map[string]*account
}

// accountOf returns the account of an ARN, or the emulator's own for an unknown one.
func (c *Cloud) accountOf(arn string) *account {
	c.members.mu.Lock()
	defer c.members.mu.Unlock()
	if parts := strings.Split(arn, ":"); len(parts) > 4 && c.members.accounts[parts[4]] != nil {
		return c.members.accounts[parts[4]]
	}
	return c.account
}

// Deploy emulates a CloudFormation stack in another account of the organization: it
// creates or updates the SAML provider, validated as in IAM, and the roles that trust it.
func (c *Cloud) Deploy(id, provider, metadata string, roles ...string) error {
	p, err := readProvider(metadata)
	if err != nil {
		return err
	}
	a := newAccount(id, c.opts.Partition)
	arn := a.arn("saml-provider/" + provider)
	a.providers[arn] = p
	trust, err := json.Marshal(map[string]any{"Statement": []any{map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": map[string]any{"Federated": arn},
		"Condition": map[string]any{"StringEquals": map[string]any{"SAML:aud": c.app.replyURLs[0]}},
	}}})
	if err != nil {
		return err
	}
	for _, name := range roles {
		a.roles[name] = &accountRole{name: name, path: "/", trust: string(trust), session: "3600"}
	}
	c.members.mu.Lock()
	defer c.members.mu.Unlock()
	if c.members.accounts == nil {
		c.members.accounts = map[string]*account{}
	}
	c.members.accounts[id] = a
	return nil
}

// Trusted returns the thumbprints of the certificates that the SAML providers of an
// account trust.
func (c *Cloud) Trusted(id string) []string {
	a := c.accountOf("arn:" + c.opts.Partition + ":iam::" + id + ":")
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []string
	for _, p := range a.providers {
		for _, cert := range p.certs {
			sum := sha1.Sum(cert.Raw)
			all = append(all, strings.ToUpper(hex.EncodeToString(sum[:])))
		}
	}
	return all
}
