package aws

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

// keyTag is the tag of the import user that names the key saved in the tenant
// and its provisioning job: "KEY/JOB". A key that it does not name was created
// by an interrupted run, and a deleted job took its key along: the secret is
// lost either way, so the key is replaced.
const keyTag = spec.TagKey + "-key"

// maxUserKeys is IAM's limit of access keys of a user.
const maxUserKeys = 2

// keyStep returns the step for the import user's access key, which goes from IAM
// to the tenant in memory and is stored nowhere else.
func (a inAccount) keyStep() engine.Step {
	name := a.spec.Provisioning.User
	arn, title := a.arn("user/"+name), "access key of "+name
	return engine.Step{
		ID: engine.ImportKeyStep(a.account.ID), Group: a.group(), Title: title,
		After: []engine.ID{engine.ImportUserStep(a.account.ID), engine.StepProvisioningJob},
		Why: "Entra's import cannot assume a role, so it needs a long-lived key. o365aws creates it, saves it in " +
			"the tenant and stores it nowhere else.",
		Permissions: allow(arn,
			"iam:GetUser",
			"iam:ListAccessKeys",
			"iam:CreateAccessKey",
			"iam:UpdateAccessKey",
			"iam:DeleteAccessKey",
			"iam:TagUser",
		),
		Check: a.looks(title, arn, a.checkKey),
		Apply: a.does(title, arn, a.applyKey),
		Waits: "IAM to show the key",
		Manual: []string{
			"AWS console, IAM, Users, " + name + ", Security credentials, Create access key.",
			"Entra admin center, the application, Provisioning, Admin Credentials: access key as Client Secret, " +
				"secret key as Secret Token, Test Connection, Save.",
		},
		Command: "aws iam create-access-key --user-name " + name,
	}
}

func keysOf(ctx context.Context, client *iam.Client, user string) ([]types.AccessKeyMetadata, error) {
	list, err := client.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: aws.String(user)})
	if err != nil {
		return nil, err
	}
	return list.AccessKeyMetadata, nil
}

// handed is a key that was saved in the tenant.
type handed struct {
	id  string
	job string // its provisioning job, "" if unknown
}

// handedKey returns the key that the tenant has according to the user's tag.
func (a inAccount) handedKey(ctx context.Context, client *iam.Client) (handed, error) {
	found, err := client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(a.spec.Provisioning.User)})
	if err != nil {
		return handed{}, err
	}
	return handedBy(found.User.Tags), nil
}

func handedBy(tags []types.Tag) handed {
	for _, t := range tags {
		if aws.ToString(t.Key) == keyTag {
			id, job, _ := strings.Cut(aws.ToString(t.Value), "/")
			return handed{id, job}
		}
	}
	return handed{}
}

// lost reports whether the key belongs to a former provisioning job.
func (h handed) lost(w *engine.World) bool { return h.job != "" && h.job != w.Entra().JobID }

func (a inAccount) checkKey(ctx context.Context, w *engine.World, client *iam.Client) (engine.Finding, error) {
	handed, err := a.handedKey(ctx, client)
	if notFound(err) {
		return engine.IsMissing(), nil
	}
	if err != nil {
		return engine.Finding{}, err
	}
	keys, err := keysOf(ctx, client, a.spec.Provisioning.User)
	if err != nil {
		return engine.Finding{}, err
	}
	i := slices.IndexFunc(
		keys, func(k types.AccessKeyMetadata) bool { return aws.ToString(k.AccessKeyId) == handed.id },
	)
	switch {
	case len(keys) == 0:
		return engine.IsMissing(), nil
	case i < 0:
		return engine.Compared([]engine.Change{{Attribute: "access key", Have: "its secret is lost", Want: "saved in the tenant"}}), nil
	case handed.lost(w):
		return engine.Compared([]engine.Change{{Attribute: "access key", Have: "of a deleted provisioning job", Want: "saved in the tenant"}}), nil
	case keys[i].Status != types.StatusTypeActive:
		return engine.Compared([]engine.Change{{Attribute: "access key", Have: "inactive", Want: "active"}}), nil
	case len(keys) > 1:
		return engine.Compared([]engine.Change{{Attribute: "access keys", Have: "2", Want: "1"}}), nil
	}
	return engine.IsDone(), nil
}

func (a inAccount) applyKey(ctx context.Context, w *engine.World, client *iam.Client) error {
	handed, err := a.handedKey(ctx, client)
	if err != nil {
		return err
	}
	keys, err := keysOf(ctx, client, a.spec.Provisioning.User)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if id := aws.ToString(k.AccessKeyId); id == handed.id && !handed.lost(w) && k.Status == types.StatusTypeActive {
			return a.deleteOthers(ctx, client, keys, id)
		}
	}
	return a.replaceKey(ctx, w, client, keys, "")
}

// replaceKey creates a key, saves it in the tenant and deletes the others. keep
// is a key that must work until the new one does, or "".
func (a inAccount) replaceKey(
	ctx context.Context, w *engine.World, client *iam.Client, keys []types.AccessKeyMetadata, keep string,
) error {
	name := aws.String(a.spec.Provisioning.User)
	if len(keys) >= maxUserKeys {
		i := slices.IndexFunc(keys, func(k types.AccessKeyMetadata) bool { return aws.ToString(k.AccessKeyId) != keep })
		if err := deleteKey(ctx, client, a.spec.Provisioning.User, aws.ToString(keys[i].AccessKeyId)); err != nil {
			return err
		}
	}
	made, err := client.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		return err
	}
	id := aws.ToString(made.AccessKey.AccessKeyId)
	if err := w.Keys.Take(ctx, a.account.ID, engine.KeyPair{ID: id, Secret: secret.New(aws.ToString(made.AccessKey.SecretAccessKey))}); err != nil {
		return err
	}
	if err := a.tagKey(ctx, client, handed{id, w.Entra().JobID}); err != nil {
		return err
	}
	if keep != "" {
		if err := a.retire(ctx, w, client, keep); err != nil {
			return err
		}
	}
	// If a response was lost, the SDK has retried and created another key.
	if keys, err = keysOf(ctx, client, a.spec.Provisioning.User); err != nil {
		return err
	}
	return a.deleteOthers(ctx, client, keys, id)
}

func (a inAccount) tagKey(ctx context.Context, client *iam.Client, h handed) error {
	id := h.id
	if h.job != "" {
		id += "/" + h.job
	}
	_, err := client.TagUser(
		ctx,
		&iam.TagUserInput{
			UserName: aws.String(a.spec.Provisioning.User),
			Tags:     []types.Tag{{Key: aws.String(keyTag), Value: aws.String(id)}},
		},
	)
	return err
}

// retire deactivates an old key and tests the tenant's key; if the test fails,
// it activates the old key again.
func (a inAccount) retire(ctx context.Context, w *engine.World, client *iam.Client, id string) error {
	status := func(s types.StatusType) error {
		_, err := client.UpdateAccessKey(
			ctx,
			&iam.UpdateAccessKeyInput{
				UserName: aws.String(a.spec.Provisioning.User), AccessKeyId: aws.String(id), Status: s,
			},
		)
		return err
	}
	if err := status(types.StatusTypeInactive); err != nil {
		return err
	}
	if err := w.Keys.Works(ctx, a.account.ID); err != nil {
		if again := status(types.StatusTypeActive); again != nil {
			return again
		}
		return err
	}
	return nil
}

func (a inAccount) deleteOthers(
	ctx context.Context, client *iam.Client, keys []types.AccessKeyMetadata, keep string,
) error {
	for _, k := range keys {
		if id := aws.ToString(k.AccessKeyId); id != keep {
			if err := deleteKey(ctx, client, a.spec.Provisioning.User, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func deleteKey(ctx context.Context, client *iam.Client, user, id string) error {
	_, err := client.DeleteAccessKey(
		ctx, &iam.DeleteAccessKeyInput{UserName: aws.String(user), AccessKeyId: aws.String(id)},
	)
	if notFound(err) {
		return nil
	}
	return err
}

// RotateKeys replaces the import key of every account: the new key is created,
// saved and tested before the old one is deactivated, and the old one is deleted
// once the tenant works without it. tell is called with each account.
func RotateKeys(ctx context.Context, w *engine.World, clients *Clients, tell func(string)) error {
	for _, account := range w.Spec.DirectAccounts() {
		a := inAccount{clients: clients, spec: w.Spec, account: account}
		tell(a.group())
		rotate := a.does(
			"access key of "+w.Spec.Provisioning.User, a.arn("user/"+w.Spec.Provisioning.User), a.rotateKey,
		)
		if err := rotate(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

func (a inAccount) rotateKey(ctx context.Context, w *engine.World, client *iam.Client) error {
	found, err := client.GetUser(ctx, &iam.GetUserInput{UserName: aws.String(a.spec.Provisioning.User)})
	if notFound(err) {
		return fault.Newf(fault.Unsatisfied, "import user %s does not exist yet", a.spec.Provisioning.User).
			Hint("create it with o365aws admin apply")
	}
	if err != nil {
		return err
	}
	if !owned(a.spec, found.User.Tags) {
		return engine.Refusal(a.keyStep(), taken("the user "+a.spec.Provisioning.User, "under provisioning"))
	}
	keys, err := keysOf(ctx, client, a.spec.Provisioning.User)
	if err != nil {
		return err
	}
	old := handedBy(found.User.Tags).id
	if !slices.ContainsFunc(keys, func(k types.AccessKeyMetadata) bool { return aws.ToString(k.AccessKeyId) == old }) {
		old = "" // deleted already
	}
	return a.replaceKey(ctx, w, client, keys, old)
}
