package fakecloud

import "slices"

// ScenarioInfo describes a scenario of the emulator.
type ScenarioInfo struct {
	Name  string // for Options.Scenario
	Title string // one-line description
}

// awsScenarios lists scenarios that change the claims of the application or the responses
// of STS.
func awsScenarios() []ScenarioInfo {
	return []ScenarioInfo{
		{"one-role", "one role only"},
		{"no-roles", "the application claims no role"},
		{"fifty-roles", "one role in each of 50 accounts"},
		{"many-roles", "250 roles in 40 accounts"},
		{"odd-roles", "role values with spaces, duplicates, malformed pairs and control characters"},
		{"session-duration", "the application claims a SessionDuration of 30 minutes"},
		{"session-ends", "the identity provider ends the session (SessionNotOnOrAfter) in 20 minutes"},
		{"proxy-password", "the company's proxy wants a user name and a password"},
		{"response-replayed", "the response answers another request"},
		{"response-other-tenant", "the response comes from another tenant"},
		{"response-expired", "the response is two hours old"},
		{"response-two-assertions", "the response holds two assertions"},
		{"response-junk", "the response is one megabyte of junk"},
		{"response-failed", "the response's status is not Success"},
		{"sts-throttled-twice", "STS throttles the first two calls"},
		{"sts-denied", "STS refuses the role"},
		{"sts-denied-one", "STS refuses one role of several"},
		{"sts-duration", "roles allow one hour at most"},
		{"encrypted-assertion", "assertions are encrypted for AWS"},
		{"regional-reply-urls", "the application has only the regional reply URLs of AWS"},
		{"sts-short", "sessions end after ten seconds, whatever was asked for"},
		{"sts-wrong-arn", "STS answers with credentials of another role"},
		{"sts-old-metadata", "AWS holds an older signing certificate of Entra"},
	}
}

// SignInScenarios lists the scenarios of Microsoft's pages except the default, which has
// no name.
func SignInScenarios() []ScenarioInfo { return slices.Concat(methodScenarios(), pageScenarios()) }

// Scenarios lists all scenarios except the default, which has no name.
func Scenarios() []ScenarioInfo { return append(SignInScenarios(), awsScenarios()...) }

func knownScenario(name string) bool {
	return name == "" || slices.ContainsFunc(Scenarios(), func(s ScenarioInfo) bool { return s.Name == name })
}
