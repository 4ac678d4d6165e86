package awsfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// This file emulates parts of service-managed stack sets that moto lacks: the trust of
// the organization and automatic deployment.

// Trust sets whether the organization trusts StackSets.
func (g *Gate) Trust(enabled bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trusted = enabled
}

// moveByUnits corrects moto's stacks after a call that names organizational units. moto
// creates a stack in the management account, which StackSets never deploys to, and
// deletes only stacks of accounts that are named.
func moveByUnits(c Call, r *http.Request, moto http.Handler) {
	switch c.Name() {
	case "cloudformation:CreateStackInstances":
		deleteStacks(c, r, moto, []string{Account})
	case "cloudformation:DeleteStackInstances":
		if c.Params.Get("DeploymentTargets.AccountFilterType") == "INTERSECTION" {
			var accounts []string
			for i := 1; c.Params.Has("DeploymentTargets.Accounts.member." + strconv.Itoa(i)); i++ {
				accounts = append(accounts, c.Params.Get("DeploymentTargets.Accounts.member."+strconv.Itoa(i)))
			}
			deleteStacks(c, r, moto, accounts)
			return
		}
		listed := ask(c, r, moto, url.Values{"Action": {"ListStackInstances"}})
		var accounts []string
		for _, found := range stackAccount.FindAllStringSubmatch(listed, -1) {
			accounts = append(accounts, found[1])
		}
		if len(accounts) > 0 {
			deleteStacks(c, r, moto, accounts)
		}
	}
}

var stackAccount = regexp.MustCompile(`<Account>(\d+)</Account>`)

func deleteStacks(c Call, r *http.Request, moto http.Handler, accounts []string) {
	form := url.Values{
		"Action": {"DeleteStackInstances"}, "RetainStacks": {"false"},
		"Regions.member.1": {c.Params.Get("Regions.member.1")},
	}
	for i, account := range accounts {
		form.Set("Accounts.member."+strconv.Itoa(i+1), account)
	}
	ask(c, r, moto, form)
}

// ask calls moto about the stack set of a call and returns the response body.
func ask(c Call, r *http.Request, moto http.Handler, form url.Values) string {
	form.Set("Version", c.Params.Get("Version"))
	form.Set("StackSetName", c.Params.Get("StackSetName"))
	body := form.Encode()
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	answer := httptest.NewRecorder()
	moto.ServeHTTP(answer, again)
	return answer.Body.String()
}

// stackSets answers the calls that read or change trusted access.
func (g *Gate) stackSets(c Call, w *httptest.ResponseRecorder) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch c.Name() {
	case "cloudformation:DescribeOrganizationsAccess":
		status := "DISABLED"
		if g.trusted {
			status = "ENABLED"
		}
		answer(w, c, "<Status>"+status+"</Status>")
	case "cloudformation:ActivateOrganizationsAccess":
		g.trusted = true
		answer(w, c, "")
	case "cloudformation:CreateStackSet", "cloudformation:CreateStackInstances":
		if g.trusted {
			return false
		}
		refuse(
			w,
			c,
			Refusal{
				http.StatusBadRequest, "ValidationError",
				"You must enable organizations access to operate a service managed stack set",
			},
		)
	default:
		return false
	}
	return true
}

// played answers a call with the function set by Play and reports whether it did.
func (g *Gate) played(c Call, w *httptest.ResponseRecorder) bool {
	g.mu.Lock()
	play := g.play
	g.mu.Unlock()
	if play == nil || c.Service != "cloudformation" {
		return false
	}
	result, ok := play(c)
	if ok {
		answer(w, c, result)
	}
	return ok
}

// answer writes a CloudFormation response.
func answer(w http.ResponseWriter, c Call, result string) {
	_, _ = fmt.Fprintf(
		w,
		`<%[1]sResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></%[1]sResponse>`,
		c.Action, result,
	)
}

// learnStackSet stores the automatic deployment of a stack set and adds it to responses.
func (g *Gate) learnStackSet(c Call, recorded *httptest.ResponseRecorder) {
	name := c.Params.Get("StackSetName")
	if body := c.Params.Get("TemplateBody"); body != "" {
		g.roles[name] = rolesOf(body)
	}
	switch c.Name() {
	case "cloudformation:CreateStackSet", "cloudformation:UpdateStackSet":
		if !c.Params.Has("AutoDeployment.Enabled") {
			return
		}
		g.auto[name] = "<AutoDeployment><Enabled>" + c.Params.Get("AutoDeployment.Enabled") + "</Enabled>"
		if retain := c.Params.Get("AutoDeployment.RetainStacksOnAccountRemoval"); retain != "" {
			g.auto[name] += "<RetainStacksOnAccountRemoval>" + retain + "</RetainStacksOnAccountRemoval>"
		}
		g.auto[name] += "</AutoDeployment></StackSet>"
	case "cloudformation:DeleteStackSet":
		delete(g.roles, name)
	case "cloudformation:DescribeStackSet":
		if auto := g.auto[name]; auto != "" {
			recorded.Body = bytes.NewBuffer(
				bytes.Replace(recorded.Body.Bytes(), []byte("</StackSet>"), []byte(auto), 1),
			)
		}
	}
}

// role is a role resource of a template.
type role struct {
	Type       string
	Properties struct{ RoleName, Path string }
}

// rolesOf returns the roles of a template by logical ID.
func rolesOf(body string) map[string]role {
	var template struct{ Resources map[string]role }
	_ = json.Unmarshal([]byte(body), &template)
	maps.DeleteFunc(template.Resources, func(_ string, r role) bool { return r.Type != "AWS::IAM::Role" })
	return template.Resources
}

// renamed refuses an update that creates a role under a name that another resource of the
// stack has: after a changed logical ID, a changed path, or a change of case.
// CloudFormation creates before it deletes, so in AWS the operation fails in every
// account; moto accepts the update.
func (g *Gate) renamed(c Call) *Refusal {
	g.mu.Lock()
	deployed := g.roles[c.Params.Get("StackSetName")]
	g.mu.Unlock()
	for id, want := range rolesOf(c.Params.Get("TemplateBody")) {
		for other, have := range deployed {
			if strings.EqualFold(have.Properties.RoleName, want.Properties.RoleName) && (id != other || have != want) {
				return &Refusal{
					http.StatusBadRequest, "AlreadyExistsException",
					want.Properties.RoleName + " already exists in stack as " + other,
				}
			}
		}
	}
	return nil
}
