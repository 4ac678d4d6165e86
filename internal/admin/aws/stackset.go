package aws

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/metadata"
	"github.com/o365aws/o365aws/internal/admin/spec"
	"github.com/o365aws/o365aws/internal/fault"
)

// maxTemplate is the maximum size of a template in a call.
// Source: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxTemplate   = 51_200
	maxTemplateS3 = 1 << 20
)

// stackSetStep returns the step for the set, the template of every account.
func (o inOrganization) stackSetStep() engine.Step {
	name := o.spec.Organization.StackSet
	title := "stack set " + name
	after := []engine.ID{StepTrustedAccess, engine.StepMetadata}
	if o.spec.Organization.ScanRole != "" {
		after = append(after, StepScan)
	}
	step := engine.Step{
		ID: StepStackSet, Group: organization, Title: title, After: after,
		Why: "The stack set holds the template of an account: provider and roles. AWS deploys it to the accounts " +
			"of the units, including accounts that join later, and deletes it from those that leave.",
		Permissions: allow(o.stackARN("stackset"),
			"cloudformation:DescribeStackSet",
			"cloudformation:CreateStackSet",
			"cloudformation:UpdateStackSet",
			"cloudformation:DeleteStackSet",
			"cloudformation:TagResource",
			"cloudformation:DescribeStackSetOperation",
			"cloudformation:ListStackSetOperations",
			"cloudformation:ListStackSetOperationResults",
		),
		Check: o.looks(title, o.checkStackSet),
		Apply: o.does(title, o.applyStackSet),
		Undo:  o.undoStackSet,
		Waits: "CloudFormation to show the stack set",
		Manual: []string{
			"o365aws admin export cloudformation > template.yaml",
			"AWS console of the management account, CloudFormation, StackSets, Create StackSet, service-managed " +
				"permissions, upload the template, name " + name + ".",
			"Automatic deployment: activated. One region only: IAM is global, a second region would collide.",
		},
		Command: "aws cloudformation create-stack-set --stack-set-name " + name + " --permission-model " +
			"SERVICE_MANAGED --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false --capabilities " +
			"CAPABILITY_NAMED_IAM --template-body file://template.yaml",
	}
	if o.spec.Organization.Bucket != "" {
		step.Permissions = append(
			step.Permissions, engine.Permission{Action: "s3:PutObject", Resource: o.objects()}, engine.Permission{Action: "s3:GetObject", Resource: o.objects()},
		)
	}
	return step
}

// objects returns the ARN of the templates in the spec's bucket, which
// CloudFormation reads with the caller's credentials.
func (o inOrganization) objects() string {
	return "arn:" + o.spec.Partition + ":s3:::" + o.spec.Organization.Bucket + "/o365aws/*"
}

func isNoStackSet(err error) bool { return code(err) == "StackSetNotFoundException" }

// stackSet returns the set, or nil if it does not exist.
func (o inOrganization) stackSet(ctx context.Context, client *cloudformation.Client) (*cfn.StackSet, error) {
	found, err := client.DescribeStackSet(
		ctx,
		&cloudformation.DescribeStackSetInput{
			StackSetName: aws.String(o.spec.Organization.StackSet), CallAs: o.callAs(),
		},
	)
	if isNoStackSet(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return found.StackSet, nil
}

// template returns the body of the set. The metadata is reduced to what AWS
// reads: the rest, a signature and WS-Federation, is larger and differs in every
// download.
func (o inOrganization) template(m metadata.Metadata) (string, error) {
	m.Document = m.Essence()
	body := spec.CompactJSON(template(o.spec, m, false))
	limit := maxTemplate
	if o.spec.Organization.Bucket != "" {
		limit = maxTemplateS3
	}
	if len(body) > limit {
		return "", fault.Newf(fault.Config, "the template has %d bytes; CloudFormation accepts %d", len(body), limit).
			Hint("shorten inline policies, or replace them by managed policies").
			Hint("set organization.template_bucket to an S3 bucket for templates of up to %d bytes", maxTemplateS3)
	}
	return body, nil
}

func (o inOrganization) checkStackSet(ctx context.Context, w *engine.World, c orgClients) (engine.Finding, error) {
	have, err := o.stackSet(ctx, c.cfn)
	if err != nil {
		return engine.Finding{}, err
	}
	if have != nil && !o.owned(have) {
		return engine.IsForbidden(
			"", "the stack set "+o.spec.Organization.StackSet+" already exists and was not created by this set-up",
			"choose another name: organization.stack_set",
		), nil
	}
	want, unknown, err := metadata.Current(ctx, w)
	if unknown != nil || err != nil {
		return or(unknown), err
	}
	body, err := o.template(want)
	if err != nil {
		return engine.Finding{}, err
	}
	var f engine.Finding
	if have == nil {
		f = engine.IsMissing(
			engine.Change{
				Attribute: "template", Want: fmt.Sprintf("provider %s and %d roles, %d bytes", o.spec.Provider.Name, len(o.spec.Roles), len(body)),
			},
			engine.Change{Attribute: "automatic deployment", Want: onOff(*o.spec.Organization.AutoDeploy)},
		)
	} else {
		f = engine.Compared(o.stackSetChanges(have, body))
	}
	f.Warnings = want.Warnings(w.Now())
	return f, nil
}

func (o inOrganization) owned(have *cfn.StackSet) bool {
	return slices.ContainsFunc(have.Tags, func(t cfn.Tag) bool {
		return aws.ToString(t.Key) == spec.TagKey && aws.ToString(t.Value) == o.spec.Name
	})
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// stackSetChanges returns the differences between an existing set and the spec.
func (o inOrganization) stackSetChanges(have *cfn.StackSet, body string) []engine.Change {
	changes := templateChanges(aws.ToString(have.TemplateBody), body)
	auto, retain := false, false
	if a := have.AutoDeployment; a != nil {
		auto, retain = aws.ToBool(a.Enabled), aws.ToBool(a.RetainStacksOnAccountRemoval)
	}
	want := o.spec.Organization
	if auto != *want.AutoDeploy {
		changes = append(changes, engine.Change{Attribute: "automatic deployment", Have: onOff(auto), Want: onOff(*want.AutoDeploy)})
	}
	if retain != want.Retain && *want.AutoDeploy {
		changes = append(changes, engine.Change{Attribute: "retain on removal", Have: onOff(retain), Want: onOff(want.Retain)})
	}
	return changes
}

// A change of a resource has the name of the resource in the template.
const (
	inTemplate      = "template: "
	ChangedProvider = inTemplate + "Provider"
)

// templateChanges returns the resources of the template that differ.
func templateChanges(have, want string) []engine.Change {
	var was, will struct {
		Resources map[string]any
		Outputs   map[string]any
	}
	if json.Unmarshal([]byte(have), &was) != nil || json.Unmarshal([]byte(want), &will) != nil {
		return []engine.Change{{Attribute: "template", Have: "not written by o365aws", Want: "provider and roles"}}
	}
	var changes []engine.Change
	for _, name := range slices.Sorted(maps.Keys(will.Resources)) {
		switch {
		case was.Resources[name] == nil:
			changes = append(changes, engine.Change{Attribute: inTemplate + name, Want: resourceName(will.Resources[name])})
		case !spec.SamePolicy(spec.CompactJSON(was.Resources[name]), spec.CompactJSON(will.Resources[name])):
			changes = append(
				changes,
				engine.Change{
					Attribute: inTemplate + name, Have: "another " + resourceName(was.Resources[name]),
					Want: resourceName(will.Resources[name]),
				},
			)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was.Resources)) {
		if will.Resources[name] == nil {
			changes = append(changes, engine.Change{Attribute: inTemplate + name, Have: resourceName(was.Resources[name])})
		}
	}
	return changes
}

// resourceName returns the IAM name of a resource of the template.
func resourceName(v any) string {
	r, _ := v.(map[string]any)
	p, _ := r["Properties"].(map[string]any)
	for _, key := range []string{"RoleName", "Name", "UserName"} {
		if name, ok := p[key].(string); ok {
			return strings.TrimPrefix(fmt.Sprint(r["Type"]), "AWS::IAM::") + " " + name
		}
	}
	return fmt.Sprint(r["Type"])
}

func (o inOrganization) applyStackSet(ctx context.Context, w *engine.World, c orgClients) error {
	want, unknown, err := metadata.Current(ctx, w)
	if err != nil {
		return err
	}
	if unknown != nil {
		return engine.NotYet(metadata.ErrNoMetadataYet, "the application's metadata")
	}
	body, err := o.template(want)
	if err != nil {
		return err
	}
	if err := o.settle(ctx, w, StepStackSet, c.cfn); err != nil {
		return err
	}
	have, err := o.stackSet(ctx, c.cfn)
	if err != nil {
		return err
	}
	inline, url, err := o.place(ctx, body)
	if err != nil {
		return err
	}
	auto := &cfn.AutoDeployment{Enabled: o.spec.Organization.AutoDeploy}
	if *o.spec.Organization.AutoDeploy {
		auto.RetainStacksOnAccountRemoval = aws.Bool(o.spec.Organization.Retain)
	}
	if have == nil {
		_, err := c.cfn.CreateStackSet(ctx, &cloudformation.CreateStackSetInput{
			StackSetName: aws.String(
				o.spec.Organization.StackSet,
			), CallAs: o.callAs(), PermissionModel: cfn.PermissionModelsServiceManaged, AutoDeployment: auto,
			Capabilities: capabilities, Description: aws.String("Sign-in with Microsoft Entra, managed by o365aws"), ManagedExecution: &cfn.ManagedExecution{Active: aws.Bool(true)},
			Tags: []cfn.Tag{
				{Key: aws.String(spec.TagKey), Value: aws.String(o.spec.Name)},
			}, TemplateBody: inline, TemplateURL: url,
		})
		return err
	}
	// The update changes every stack of the set.
	made, err := c.cfn.UpdateStackSet(ctx, &cloudformation.UpdateStackSetInput{
		StackSetName: aws.String(
			o.spec.Organization.StackSet,
		), CallAs: o.callAs(), PermissionModel: cfn.PermissionModelsServiceManaged, AutoDeployment: auto,
		Capabilities: capabilities, ManagedExecution: &cfn.ManagedExecution{Active: aws.Bool(true)}, OperationPreferences: o.preferences(),
		Tags: have.Tags, TemplateBody: inline, TemplateURL: url,
	})
	if err != nil {
		return err
	}
	return o.await(ctx, w, StepStackSet, c.cfn, aws.ToString(made.OperationId))
}

var capabilities = []cfn.Capability{cfn.CapabilityCapabilityNamedIam}
