package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/fault"
)

// pollFirst and pollMost are how long to wait between two looks at an
// operation, which takes minutes for many accounts.
const (
	pollFirst = time.Second
	pollMost  = 15 * time.Second
)

// settle waits for an operation that is running already, of a run before this
// one or of somebody else: two at once collide.
func (o inOrganization) settle(ctx context.Context, w *engine.World, step engine.ID, client *cloudformation.Client) error {
	running, err := client.ListStackSetOperations(
		ctx,
		&cloudformation.ListStackSetOperationsInput{
			StackSetName: aws.String(o.spec.Organization.StackSet), CallAs: o.callAs(),
			MaxResults: aws.Int32(20),
		},
	)
	if isNoStackSet(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, operation := range running.Summaries {
		if !operationEnded(operation.Status) {
			if _, err := o.watch(ctx, w, step, client, aws.ToString(operation.OperationId)); err != nil {
				return err
			}
		}
	}
	return nil
}

func operationEnded(status cfn.StackSetOperationStatus) bool {
	return status == cfn.StackSetOperationStatusSucceeded || status == cfn.StackSetOperationStatusFailed ||
		status == cfn.StackSetOperationStatusStopped
}

// await waits for our operation, and explains one that failed account by
// account.
func (o inOrganization) await(ctx context.Context, w *engine.World, step engine.ID, client *cloudformation.Client, id string) error {
	operation, err := o.watch(ctx, w, step, client, id)
	if err != nil || operation.Status == cfn.StackSetOperationStatusSucceeded {
		return err
	}
	results, err := o.results(ctx, client, id)
	if err != nil {
		return err
	}
	failed := 0
	e := fault.Newf(
		fault.Unsatisfied, "the operation on stack set %s has %s", o.spec.Organization.StackSet, operation.Status,
	)
	if reason := aws.ToString(operation.StatusReason); reason != "" {
		e = e.Hint("%s", scrub(reason))
	}
	for _, r := range results {
		if r.Status != cfn.StackSetOperationResultStatusFailed {
			continue
		}
		if failed++; failed <= maxListed {
			e = e.Hint("account %s: %s", aws.ToString(r.Account), scrub(aws.ToString(r.StatusReason)))
		}
	}
	if failed > maxListed {
		e = e.Hint("and %d accounts more", failed-maxListed)
	}
	if failed > 0 {
		e.Msg += fmt.Sprintf(" in %d accounts", failed)
	}
	return e.Hint(
		"what an account has already (EntityAlreadyExists) must be deleted there, or the account be excluded and " +
			"set up under accounts with adopt: true",
	)
}

// watch waits until an operation ended, telling how many accounts are done.
func (o inOrganization) watch(
	ctx context.Context, w *engine.World, step engine.ID, client *cloudformation.Client, id string,
) (*cfn.StackSetOperation, error) {
	pause := pollFirst
	if w.Poll > 0 {
		pause = w.Poll
	}
	for {
		found, err := client.DescribeStackSetOperation(
			ctx,
			&cloudformation.DescribeStackSetOperationInput{
				StackSetName: aws.String(o.spec.Organization.StackSet), OperationId: aws.String(id),
				CallAs: o.callAs(),
			},
		)
		if err != nil {
			return nil, err
		}
		if operationEnded(found.StackSetOperation.Status) {
			return found.StackSetOperation, nil
		}
		results, err := o.results(ctx, client, id)
		if err != nil {
			return nil, err
		}
		w.Say(step, progressOf(found.StackSetOperation.Status, results))
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
		pause = min(pause*2, pollMost)
	}
}

// progressOf counts the accounts of an operation.
func progressOf(status cfn.StackSetOperationStatus, results []cfn.StackSetOperationResultSummary) string {
	done, failed := 0, 0
	for _, r := range results {
		switch r.Status {
		case cfn.StackSetOperationResultStatusSucceeded:
			done++
		case cfn.StackSetOperationResultStatusFailed, cfn.StackSetOperationResultStatusCancelled:
			failed++
		}
	}
	text := fmt.Sprintf("the accounts (%s, %d of %d done", status, done, len(results))
	if failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	}
	return text + ")"
}

func (o inOrganization) results(
	ctx context.Context, client *cloudformation.Client, id string,
) ([]cfn.StackSetOperationResultSummary, error) {
	var all []cfn.StackSetOperationResultSummary
	pages := cloudformation.NewListStackSetOperationResultsPaginator(
		client,
		&cloudformation.ListStackSetOperationResultsInput{
			StackSetName: aws.String(o.spec.Organization.StackSet), OperationId: aws.String(id),
			CallAs: o.callAs(),
		},
	)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Summaries...)
	}
	return all, nil
}
