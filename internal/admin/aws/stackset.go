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
	name := o.org.StackSet
	title := "stack set " + name
	after := []engine.ID{StepTrustedAccess, engine.StepMetadata}
	if o.org.ScanRole != "" {
		after = append(after, o.id(StepScan))
	}
	step := engine.Step{
		ID: StackSetStep(o.org), Group: organization, Title: title, After: after,
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
		Check:    o.looks(title, o.checkStackSet),
		Apply:    o.does(title, o.applyStackSet),
		Undo:     o.undoStackSet,
		Obsolete: o.obsoleteRoles,
		Waits:    "CloudFormation to show the stack set",
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
	if o.org.Bucket != "" {
		step.Permissions = append(
			step.Permissions, engine.Permission{Action: "s3:PutObject", Resource: o.objects()}, engine.Permission{Action: "s3:GetObject", Resource: o.objects()},
		)
	}
	return step
}

// objects returns the ARN of the templates in the spec's bucket, which
// CloudFormation reads with the caller's credentials.
func (o inOrganization) objects() string {
	return "arn:" + o.spec.Partition + ":s3:::" + o.org.Bucket + "/o365aws/*"
}

func isNoStackSet(err error) bool { return code(err) == "StackSetNotFoundException" }

// stackSet returns the set, or nil if it does not exist.
func (o inOrganization) stackSet(ctx context.Context, client *cloudformation.Client) (*cfn.StackSet, error) {
	found, err := client.DescribeStackSet(
		ctx,
		&cloudformation.DescribeStackSetInput{
			StackSetName: aws.String(o.org.StackSet), CallAs: o.callAs(),
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
//
// Roles of an existing set stay at their logical ids, and in the template after
// the spec no longer names them, unless prune is set.
func (o inOrganization) template(m metadata.Metadata, have *cfn.StackSet, prune bool) (string, error) {
	deployed, err := o.deployed(have)
	if err != nil {
		return "", err
	}
	ids := map[string]string{}
	for id, role := range deployed {
		ids[strings.ToLower(role.Properties.RoleName)] = id
	}
	m.Document = m.Essence()
	set := template(o.spec, o.roles(), m, false, ids)
	if resources := set["Resources"].(map[string]any); !prune {
		for id, role := range deployed {
			if !o.names(role.Properties.RoleName) {
				resources[id] = role.body
			}
		}
	}
	body := spec.CompactJSON(set)
	limit := maxTemplate
	if o.org.Bucket != "" {
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
			"", "the stack set "+o.org.StackSet+" already exists and was not created by this setup",
			"choose another name: organization.stack_set",
		), nil
	}
	if have == nil {
		if f, err := o.replaces(ctx, w, c); f != nil || err != nil {
			return or(f), err
		}
	}
	want, unknown, err := metadata.Current(ctx, w)
	if unknown != nil || err != nil {
		return or(unknown), err
	}
	body, err := o.template(want, have, false)
	if err != nil {
		return engine.Finding{}, err
	}
	var f engine.Finding
	if have == nil {
		f = engine.IsMissing(
			engine.Change{
				Attribute: "template", Want: fmt.Sprintf("provider %s and %d roles, %d bytes", o.spec.Provider.Name, len(o.roles()), len(body)),
			},
			engine.Change{Attribute: "automatic deployment", Want: onOff(*o.org.AutoDeploy)},
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
	want := o.org
	if auto != *want.AutoDeploy {
		changes = append(changes, engine.Change{Attribute: "automatic deployment", Have: onOff(auto), Want: onOff(*want.AutoDeploy)})
	}
	if retain != want.Retain && *want.AutoDeploy {
		changes = append(changes, engine.Change{Attribute: "retain on removal", Have: onOff(retain), Want: onOff(want.Retain)})
	}
	return changes
}

// A change of the template names the resource.
const (
	inTemplate      = "template: "
	ChangedProvider = inTemplate + "SAML provider"
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
	for _, id := range slices.Sorted(maps.Keys(will.Resources)) {
		attribute, name := resourceName(will.Resources[id])
		if was.Resources[id] == nil {
			changes = append(changes, engine.Change{Attribute: attribute, Want: name})
		} else if differ := differences(was.Resources[id], will.Resources[id]); len(differ) > 0 {
			changes = append(changes, engine.Change{
				Attribute: attribute, Have: "another " + strings.Join(differ, ", "), Want: "as in the spec",
			})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was.Resources)) {
		if will.Resources[id] == nil {
			attribute, name := resourceName(was.Resources[id])
			changes = append(changes, engine.Change{Attribute: attribute, Have: name})
		}
	}
	return changes
}

// differences returns the properties in which two versions of a resource differ.
func differences(was, will any) []string {
	have, want := propertiesOf(was), propertiesOf(will)
	all := maps.Clone(have)
	maps.Copy(all, want)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(key string) bool {
		return spec.SamePolicy(spec.CompactJSON(have[key]), spec.CompactJSON(want[key]))
	})
}

func propertiesOf(resource any) map[string]any {
	r, _ := resource.(map[string]any)
	p, _ := r["Properties"].(map[string]any)
	if p == nil {
		return map[string]any{}
	}
	return p
}

// resourceName returns the attribute of a change and the name of a resource.
func resourceName(resource any) (attribute, name string) {
	r, _ := resource.(map[string]any)
	p := propertiesOf(resource)
	switch kind := fmt.Sprint(r["Type"]); kind {
	case "AWS::IAM::SAMLProvider":
		return ChangedProvider, fmt.Sprint(p["Name"])
	case "AWS::IAM::Role":
		return inTemplate + "role " + fmt.Sprint(p["RoleName"]), fmt.Sprint(p["Path"], p["RoleName"])
	default:
		return inTemplate + kind, kind
	}
}

func (o inOrganization) applyStackSet(ctx context.Context, w *engine.World, c orgClients) error {
	return o.updateStackSet(ctx, w, c, false)
}

// updateStackSet creates or updates the set, without the roles that the spec no
// longer names if prune is set.
func (o inOrganization) updateStackSet(ctx context.Context, w *engine.World, c orgClients, prune bool) error {
	want, unknown, err := metadata.Current(ctx, w)
	if err != nil {
		return err
	}
	if unknown != nil {
		return engine.NotYet(metadata.ErrNoMetadataYet, "the application's metadata")
	}
	if err := o.settle(ctx, w, StackSetStep(o.org), c.cfn); err != nil {
		return err
	}
	have, err := o.stackSet(ctx, c.cfn)
	if err != nil {
		return err
	}
	body, err := o.template(want, have, prune)
	if err != nil {
		return err
	}
	inline, url, err := o.place(ctx, body)
	if err != nil {
		return err
	}
	auto := &cfn.AutoDeployment{Enabled: o.org.AutoDeploy}
	if *o.org.AutoDeploy {
		auto.RetainStacksOnAccountRemoval = aws.Bool(o.org.Retain)
	}
	if have == nil {
		_, err := c.cfn.CreateStackSet(ctx, &cloudformation.CreateStackSetInput{
			StackSetName: aws.String(
				o.org.StackSet,
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
			o.org.StackSet,
		), CallAs: o.callAs(), PermissionModel: cfn.PermissionModelsServiceManaged, AutoDeployment: auto,
		Capabilities: capabilities, ManagedExecution: &cfn.ManagedExecution{Active: aws.Bool(true)}, OperationPreferences: o.preferences(),
		Tags: have.Tags, TemplateBody: inline, TemplateURL: url,
	})
	if err != nil {
		return err
	}
	return o.await(ctx, w, StackSetStep(o.org), c.cfn, aws.ToString(made.OperationId))
}

var capabilities = []cfn.Capability{cfn.CapabilityCapabilityNamedIam}
