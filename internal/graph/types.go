package graph

import "time"

// Objects of Graph with the properties that this program uses. The body of a PATCH
// contains only what is set; a nil pointer leaves a property unchanged.

// Application is an app registration.
type Application struct {
	ID             string   `json:"id"`
	AppID          string   `json:"appId"`
	DisplayName    string   `json:"displayName"`
	TemplateID     string   `json:"applicationTemplateId"`
	IdentifierURIs []string `json:"identifierUris"`
	Tags           []string `json:"tags"`
	Web            struct {
		RedirectURIs []string `json:"redirectUris"`
	} `json:"web"`
}

// ApplicationPatch changes an Application. It has no api and no appRoles: changing
// them would make registration and service principal differ permanently.
type ApplicationPatch struct {
	DisplayName    string    `json:"displayName,omitempty"`
	IdentifierURIs []string  `json:"identifierUris,omitempty"`
	Tags           []string  `json:"tags,omitempty"`
	Web            *WebPatch `json:"web,omitempty"`
}

// WebPatch changes the reply URLs.
type WebPatch struct {
	RedirectURIs []string `json:"redirectUris"`
}

// ServicePrincipal is the enterprise application of a tenant.
type ServicePrincipal struct {
	ID                 string    `json:"id"`
	AppID              string    `json:"appId"`
	DisplayName        string    `json:"displayName"`
	SSOMode            string    `json:"preferredSingleSignOnMode"`
	SigningThumbprint  string    `json:"preferredTokenSigningKeyThumbprint"`
	AssignmentRequired bool      `json:"appRoleAssignmentRequired"`
	NotificationEmails []string  `json:"notificationEmailAddresses"`
	AppRoles           []AppRole `json:"appRoles"`
	KeyCredentials     []Key     `json:"keyCredentials"`
	Passwords          []Key     `json:"passwordCredentials"`
}

// PrincipalPatch changes a ServicePrincipal.
type PrincipalPatch struct {
	SSOMode            string     `json:"preferredSingleSignOnMode,omitempty"`
	SigningThumbprint  string     `json:"preferredTokenSigningKeyThumbprint,omitempty"`
	AssignmentRequired *bool      `json:"appRoleAssignmentRequired,omitempty"`
	NotificationEmails []string   `json:"notificationEmailAddresses,omitempty"`
	AppRoles           []AppRole  `json:"appRoles,omitempty"`
	KeyCredentials     *[]Key     `json:"keyCredentials,omitempty"`
	Passwords          *[]KeyName `json:"passwordCredentials,omitempty"`
}

// AppRole is a role for users and groups. Its value is the ARNs of an AWS role and
// its provider.
type AppRole struct {
	ID          string   `json:"id"`
	MemberTypes []string `json:"allowedMemberTypes"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description"`
	Enabled     bool     `json:"isEnabled"`
	Value       string   `json:"value,omitempty"`
	// Origin is read-only: Application for roles that the principal inherits. It is
	// sent back unchanged.
	Origin string `json:"origin,omitempty"`
}

// Key is one half of a signing certificate, for signing or verifying. Its field Key
// is the public certificate (DER, base64), which only $select returns.
type Key struct {
	KeyID    string     `json:"keyId"`
	CustomID string     `json:"customKeyIdentifier,omitempty"`
	Name     string     `json:"displayName,omitempty"`
	Type     string     `json:"type,omitempty"`
	Usage    string     `json:"usage,omitempty"`
	Key      string     `json:"key,omitempty"`
	Starts   *time.Time `json:"startDateTime,omitempty"`
	Ends     *time.Time `json:"endDateTime,omitempty"`
}

// KeyName identifies the password credential to preserve.
type KeyName struct {
	KeyID    string     `json:"keyId"`
	CustomID string     `json:"customKeyIdentifier,omitempty"`
	Name     string     `json:"displayName,omitempty"`
	Starts   *time.Time `json:"startDateTime,omitempty"`
	Ends     *time.Time `json:"endDateTime,omitempty"`
}

// Certificate is a new signing certificate.
type Certificate struct {
	Thumbprint string    `json:"thumbprint"`
	KeyID      string    `json:"keyId"` // of the signing half
	CustomID   string    `json:"customKeyIdentifier"`
	Key        string    `json:"key"` // DER, base64
	Ends       time.Time `json:"endDateTime"`
}

// Assignment gives a role to a user or a group.
type Assignment struct {
	ID            string `json:"id,omitempty"`
	PrincipalID   string `json:"principalId"`
	PrincipalName string `json:"principalDisplayName,omitempty"`
	PrincipalType string `json:"principalType,omitempty"` // User, Group or ServicePrincipal
	RoleID        string `json:"appRoleId"`
	ResourceID    string `json:"resourceId"`
}

// User is a user of the tenant.
type User struct {
	ID            string `json:"id"`
	PrincipalName string `json:"userPrincipalName"`
	DisplayName   string `json:"displayName"`
	Mail          string `json:"mail"`
	Type          string `json:"userType"` // Member or Guest
}

// Group is a group of the tenant.
type Group struct {
	ID              string `json:"id"`
	DisplayName     string `json:"displayName"`
	SecurityEnabled bool   `json:"securityEnabled"`
}

// Organization is the tenant.
type Organization struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	Domains     []struct {
		Name    string `json:"name"`
		Default bool   `json:"isDefault"`
	} `json:"verifiedDomains"`
}

// ClaimsPolicy defines the claims in the tokens of an application.
type ClaimsPolicy struct {
	ID          string   `json:"id,omitempty"`
	DisplayName string   `json:"displayName,omitempty"`
	Definition  []string `json:"definition,omitempty"`
}

// Job is the provisioning of an application.
type Job struct {
	ID         string `json:"id"`
	TemplateID string `json:"templateId"`
	Schedule   struct {
		State string `json:"state"` // Active, Disabled, Paused
	} `json:"schedule"`
	Status JobStatus `json:"status"`
}

// JobStatus is the status of a job.
type JobStatus struct {
	Code       string        `json:"code"` // NotConfigured, NotRun, Active, Paused, Quarantine
	Last       *JobRun       `json:"lastExecution"`
	Quarantine *Quarantine   `json:"quarantine"`
	Progress   []JobProgress `json:"progress"`
}

// JobRun is one cycle of a job.
type JobRun struct {
	State    string     `json:"state"` // Succeeded, Failed, EntryLevelErrors
	Ended    *time.Time `json:"timeEnded"`
	Imported int64      `json:"countImported"`
	Escrowed int64      `json:"countEscrowed"`
}

// JobProgress is the progress of a running cycle.
type JobProgress struct {
	Units     string `json:"units"`
	Completed int64  `json:"completedUnits"`
	Total     int64  `json:"totalUnits"`
}

// Quarantine is the reason why a job is in quarantine.
type Quarantine struct {
	Reason string     `json:"reason"`
	Next   *time.Time `json:"nextAttempt"`
	Error  *JobError  `json:"error"`
}

// JobError is an error of a cycle.
type JobError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}
