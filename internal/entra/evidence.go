package entra

// Evidence names a kind of source and the rows of States that are based on it. The
// documentation lists it. A row that is not listed was added from a report.
type Evidence struct {
	Basis  string
	States []string // names
}

// Evidences lists the evidence for the rows, strongest first.
var Evidences = []Evidence{
	{"recorded pages and responses of Microsoft", []string{
		"username", "federated-form", "handing-over", "password", "mfa-choose", "mfa-push", "mfa-code",
		"keep-signed-in", "more-information",
	}},
	{"Microsoft's client scripts and documentation", []string{
		"pick-account", "account-type", "session-probe", "redirecting", "refused", "pick-credential", "one-time-code",
		"confirm-send", "phone-sign-in", "mfa-code-hidden", "own-answer",
	}},
	{"several public tools, which agree", []string{
		"session-pull", "access-pass", "passkey", "passkey-declined", "mfa-confirm-phone", "mfa-access-pass",
		"mfa-call", "mfa-denied", "mfa-timeout", "confirm-app", "change-password", "consent", "blocked", "error",
	}},
	{"a single log, or only an error number", []string{"nudge", "terms-of-use"}},
	{"the browser itself", []string{"network-error"}},
}
