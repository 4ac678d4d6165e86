package graph

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// syncJob is the provisioning of an application.
type syncJob struct {
	id      string
	state   string // of the schedule: Disabled, Active, Paused
	polls   int    // since the start
	paused  bool   // was paused and started
	reset   bool   // was restarted
	late    int    // reads of the principal until imported roles appear
	waiting []appRole
	ended   *time.Time
	skipped int64
}

func (d *Directory) listSyncTemplates(r *request) (*response, error) {
	if d.principalBy(r.PathValue("id")) == nil {
		return nil, notFound(r.PathValue("id"))
	}
	return d.paged(
		r,
		[]fields{
			{"id": "aws", "factoryTag": "aws", "default": true, "applicationId": uuid.NewString(), "metadata": []fields{}},
		},
	)
}

// never is the time of an event that has not happened.
const never = "0001-01-01T00:00:00Z"

func (d *Directory) jobView(j *syncJob) fields {
	status := fields{
		"code": "NotRun", "countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "lastExecution": nil,
		"quarantine": nil,
		"progress":   []fields{}, "steadyStateFirstAchievedTime": never, "steadyStateLastAchievedTime": never,
		"synchronizedEntryCountByType": []fields{}, "troubleshootingUrl": "",
	}
	interval := "PT40M"
	switch {
	case j.state == "Disabled":
		status["code"], interval = "NotConfigured", "P10675199DT2H48M5.4775807S"
	case j.state == "Paused":
		status["code"] = "Paused"
	case d.quarantined(j):
		status["code"], status["countSuccessiveCompleteFailures"] = "Quarantine", 3
		status["quarantine"] = fields{
			"reason": "EncounteredQuarantineException", "currentBegan": d.stamp(0),
			"nextAttempt": d.stamp(6 * time.Hour), "seriesBegan": d.stamp(0), "seriesCount": 1,
			"error": fields{
				"code":             "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable",
				"message":          "The security token included in the request is invalid.",
				"tenantActionable": true,
			},
		}
	case j.polls > 0:
		status["code"] = "Active"
		status["progress"] = []fields{
			{
				"progressObservationDateTime": d.stamp(0), "units": "Imported",
				"completedUnits": min(int64(j.polls), 4), "totalUnits": 4,
			},
		}
	}
	if j.ended != nil {
		status["code"] = "Active"
		at := j.ended.UTC().Format(time.RFC3339)
		status["lastExecution"] = fields{
			"activityIdentifier": uuid.NewString(),
			"state":              map[bool]string{true: "EntryLevelErrors", false: "Succeeded"}[j.skipped > 0],
			"timeBegan":          at, "timeEnded": at, "countImported": 2, "countEscrowed": j.skipped, "countExported": 0,
			"error": nil,
		}
		status["steadyStateFirstAchievedTime"], status["steadyStateLastAchievedTime"] = at, at
	}
	return fields{
		"id": j.id, "templateId": "aws",
		"schedule": fields{"state": j.state, "interval": interval, "expiration": nil},
		"status":   status, "synchronizationJobSettings": []fields{},
	}
}

func (d *Directory) stamp(after time.Duration) string {
	return d.tenant.Now().Add(after).UTC().Format(time.RFC3339)
}

// quarantined reports whether the job is in quarantine.
func (d *Directory) quarantined(j *syncJob) bool {
	return j.polls > 1 && (d.faults["quarantine"] || d.faults["quarantine-once"] && !j.reset)
}

func (d *Directory) withJob(r *request) (*application, *syncJob, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil || a.job == nil || a.job.id != r.PathValue("job") {
		return nil, nil, notFound(r.PathValue("job"))
	}
	return a, a.job, nil
}

func (d *Directory) listJobs(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	views := []fields{}
	if a.job != nil {
		d.tick(a)
		views = append(views, d.jobView(a.job))
	}
	return d.paged(r, views)
}

func (d *Directory) createJob(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in struct {
		TemplateID string `json:"templateId"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.TemplateID != "aws" {
		return nil, badRequest("Template %s does not exist.", in.TemplateID)
	}
	if a.job != nil {
		return nil, refuse(http.StatusConflict, "Conflict", "A job of this template exists.")
	}
	a.job = &syncJob{id: "aws." + strings.ReplaceAll(d.tenant.ID, "-", "") + "." + uuid.NewString(), state: "Disabled"}
	return created(d.jobView(a.job))
}

func (d *Directory) getJob(r *request) (*response, error) {
	a, j, err := d.withJob(r)
	if err != nil {
		return nil, err
	}
	d.tick(a)
	return okay(d.jobView(j))
}

func (d *Directory) deleteJob(r *request) (*response, error) {
	a, _, err := d.withJob(r)
	if err == nil {
		err = d.mayRun(r, a)
	}
	if err == nil {
		a.job = nil
	}
	return nil, err
}

// importPolls is how many reads of a job its first cycle takes.
const importPolls = 2

// tick advances a running job. Its cycle ends after some reads.
func (d *Directory) tick(a *application) {
	j := a.job
	if j.state != "Active" {
		return
	}
	j.polls++
	if j.polls < importPolls || d.quarantined(j) || d.faults["stuck-import"] && !j.paused {
		return
	}
	roles, skipped, ok := d.imported(a)
	if !ok {
		return
	}
	now := d.tenant.Now()
	j.ended, j.skipped = &now, skipped
	j.waiting = roles
	if d.faults["roles-late"] && j.late == 0 {
		j.late = 3
	}
}

// readRoles adds imported roles to the principal, immediately or late.
func (d *Directory) readRoles(a *application) {
	j := a.job
	if j == nil || j.waiting == nil {
		return
	}
	if j.late > 0 {
		if j.late--; j.late > 0 {
			return
		}
	}
	a.own, j.waiting = j.waiting, nil
}

// maxPair is the length that the ARNs of role and provider must stay below.
const maxPair = 240

// imported returns the roles in AWS with exactly one SAML provider and short enough
// ARNs. Existing roles keep their ids.
func (d *Directory) imported(a *application) (roles []appRole, skipped int64, ok bool) {
	found, err := d.listRoles(a.secrets["ClientSecret"], a.secrets["SecretToken"])
	if err != nil {
		return nil, 0, false
	}
	roles = []appRole{}
	for _, role := range found {
		if len(role.Providers) == 0 {
			continue
		}
		value := role.ARN + "," + role.Providers[0]
		if len(role.Providers) != 1 || len(value) >= maxPair {
			skipped++
			continue
		}
		name := role.ARN[strings.LastIndex(role.ARN, "/")+1:] + "," + value[strings.LastIndex(value, "/")+1:]
		entry := appRole{
			ID: uuid.NewString(), MemberTypes: []string{"User"}, DisplayName: name, Description: value,
			Enabled: true, Value: &value, Origin: "ServicePrincipal",
		}
		for _, old := range a.own {
			if old.Value != nil && *old.Value == value {
				entry.ID = old.ID
			}
		}
		roles = append(roles, entry)
	}
	return roles, skipped, true
}

func (d *Directory) listRoles(accessKey, secretKey string) ([]ImportedRole, error) {
	return d.options.ListRoles(accessKey, secretKey)
}

// secretKeys lists the case-sensitive names of secrets.
// Source: the enumeration synchronizationSecret of Microsoft Graph.
var secretKeys = []string{
	"ClientSecret", "SecretToken", "SyncNotificationSettings", "SyncAll", "BaseAddress", "UserName", "Password",
}

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

func checkSecrets(list []keyValue) error {
	for _, entry := range list {
		if !slices.Contains(secretKeys, entry.Key) {
			return refuse(
				http.StatusInternalServerError, "InternalError", "Requested value '%s' was not found.", entry.Key,
			)
		}
	}
	return nil
}

func (d *Directory) jobAction(r *request) (*response, error) {
	a, j, err := d.withJob(r)
	if err != nil {
		return nil, err
	}
	if err := d.mayRun(r, a); err != nil {
		return nil, err
	}
	switch r.PathValue("action") {
	case "validateCredentials":
		return nil, d.validate(r, a)
	case "start":
		if a.secrets["ClientSecret"] == "" {
			return nil, badRequest("The job cannot be started before its credentials are saved.")
		}
		j.paused = j.paused || j.state == "Paused"
		j.state, j.polls = "Active", 0
	case "pause":
		j.state = "Paused"
	case "restart":
		return nil, d.restart(r, j)
	default:
		return nil, notFound(r.PathValue("action"))
	}
	return nil, nil
}

// mayRun returns an error for a user who may not start, pause or restart
// provisioning.
func (d *Directory) mayRun(r *request, a *application) error {
	if r.token.user == nil || r.PathValue("action") == "validateCredentials" {
		return nil
	}
	owner := slices.Contains(a.owners, r.token.user.ID)
	if d.faults["owner-fails"] || d.faults["owner-stays"] || d.faults["needs-owner"] && !owner {
		return refuse(http.StatusForbidden, "UnknownError", "")
	}
	return nil
}

var resetScope = regexp.MustCompile(
	`^(Escrows|Watermark|QuarantineState|Full|ForceDeletes)(, ?(Escrows|Watermark|QuarantineState|Full|ForceDeletes))*$`,
)

func (d *Directory) restart(r *request, j *syncJob) error {
	var in struct {
		Criteria struct {
			ResetScope string `json:"resetScope"`
		} `json:"criteria"`
	}
	if err := r.decode(&in); err != nil {
		return err
	}
	if in.Criteria.ResetScope != "" && !resetScope.MatchString(in.Criteria.ResetScope) {
		return badRequest("Invalid resetScope %q.", in.Criteria.ResetScope)
	}
	j.state, j.polls, j.reset, j.paused = "Active", 0, true, true
	return nil
}

func (d *Directory) validate(r *request, a *application) error {
	var in struct {
		Application string     `json:"applicationIdentifier"`
		TemplateID  string     `json:"templateId"`
		Saved       bool       `json:"useSavedCredentials"`
		Credentials []keyValue `json:"credentials"`
	}
	if err := r.decode(&in); err != nil {
		return err
	}
	if err := checkSecrets(in.Credentials); err != nil {
		return err
	}
	values := map[string]string{}
	if in.Saved {
		values = a.secrets
	}
	for _, entry := range in.Credentials {
		values[entry.Key] = entry.Value
	}
	if _, err := d.listRoles(values["ClientSecret"], values["SecretToken"]); err != nil ||
		d.faults["quarantine"] && in.Saved ||
		d.once("slow-validate", 2) {
		return refuse(
			http.StatusBadRequest, "CredentialValidationUnavailable",
			"We received this unexpected response from your application: the security token included in the request "+
				"is invalid (%s).",
			values["SecretToken"],
		)
	}
	return nil
}

func (d *Directory) getSecrets(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	views := []fields{}
	for _, key := range secretKeys {
		if value := a.secrets[key]; value != "" {
			if key != "SyncNotificationSettings" {
				value = "*"
			}
			views = append(views, fields{"key": key, "value": value})
		}
	}
	return okay(fields{"value": views})
}

// putSecrets replaces the whole set.
func (d *Directory) putSecrets(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in struct {
		Value []keyValue `json:"value"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkSecrets(in.Value); err != nil {
		return nil, err
	}
	a.secrets = map[string]string{}
	for _, entry := range in.Value {
		a.secrets[entry.Key] = entry.Value
	}
	return nil, nil
}
