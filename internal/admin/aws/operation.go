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

// pollFirst and pollMost bound the pause between two reads of an operation,
// which takes minutes for many accounts.
const (
	pollFirst = time.Second
	pollMost  = 15 * time.Second
)

// settle waits for running operations, of an earlier run or of another user:
// concurrent ones collide.
func (o inOrganization) settle(ctx context.Context, w *engine.World, step engine.ID, client *cloudformation.Client) error {
	running, err := client.ListStackSetOperations(
		ctx,
		&cloudformation.ListStackSetOperationsInput{
			StackSetName: aws.String(o.org.StackSet), CallAs: o.callAs(),
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

// await waits for an operation, and returns the failures of each account.
func (o inOrganization) await(ctx context.Context, w *engine.World, step engine.ID, client *cloudformation.Client, id string) error {
	operation, err := o.watch(ctx, w, step, client, id)
	if err != nil || operation.Status == cfn.StackSetOperationStatusSucceeded {
		return err
	}
	results, err := o.results(ctx, client, id)
	if err != nil {
		return err
	}
	msg := fmt.Sprintf("the operation on stack set %s has status %s", o.org.StackSet, operation.Status)
	var failures, hints []string
	for _, r := range results {
		if r.Status == cfn.StackSetOperationResultStatusFailed {
			failures = append(failures, "account "+aws.ToString(r.Account)+": "+scrub(aws.ToString(r.StatusReason)))
		}
	}
	if len(failures) > 0 {
		msg += fmt.Sprintf(" in %d accounts", len(failures))
	}
	if reason := aws.ToString(operation.StatusReason); reason != "" {
		hints = append(hints, scrub(reason))
	}
	hints = append(hints, failures[:min(len(failures), maxListed)]...)
	if more := len(failures) - maxListed; more > 0 {
		hints = append(hints, fmt.Sprintf("and %d more accounts", more))
	}
	return fault.New(fault.Unsatisfied, msg, append(hints,
		"EntityAlreadyExists: delete the resource in that account, or exclude the account and set it up under "+
			"accounts with adopt: true")...)
}

// watch waits until an operation has ended and reports its progress.
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
				StackSetName: aws.String(o.org.StackSet), OperationId: aws.String(id),
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

// progressOf returns the progress of an operation in accounts.
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
			StackSetName: aws.String(o.org.StackSet), OperationId: aws.String(id),
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
