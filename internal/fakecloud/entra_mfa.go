package fakecloud

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// pushNumber is the number to enter for number matching. In the scenario push-digit it
// has one digit, and the app shows 07.
const pushNumber = 42

// approvalPolls is the number of polls until the user approves; slowApprovalPolls is the
// number if a click on the page before may have to be repeated.
const (
	approvalPolls     = 2
	slowApprovalPolls = 8
)

// strongPage serves the MFA page.
func (c *Cloud) strongPage(w http.ResponseWriter, f *flow) {
	var proofs []fields
	asks := c.opts.Scenario == "no-default" || c.opts.Scenario == "push-hangs"
	for _, m := range c.methods(f.user) {
		proofs = append(proofs, fields{
			"authMethodId": m.AuthMethodID, "data": dataOf(m), "display": m.Display,
			"isDefault": m.Default && !asks, "isLocationAware": false,
		})
	}
	begin, first := "/common/SAS/BeginAuth", ""
	switch c.opts.Scenario {
	case "number-unsaid":
		begin = "/common/SAS/Start"
	case "default-fixed":
		first = "PhoneAppNotification"
	}
	c.page(w, f, "ConvergedTFA", fields{
		"arrUserProofs": proofs, "urlBeginAuth": begin, "defaultMethod": first, "urlEndAuth": "/common/SAS/EndAuth", "urlExternal": "https://" + ExternalMFAHost + "/oauth/authorize", "urlPost": "/common/SAS/ProcessAuth",
		"iPollingInterval": 5000, "iTotpOtcLength": 6, "iSAOtcLength": 6, "sTrustedDeviceCheckboxName": "rememberMFA",
		"sAuthMethodInputFieldName": "mfaAuthMethod", "fHideIHaveCodeLink": true,
		"confirmPhone": c.opts.Scenario == "confirm-phone", "numberMoved": c.opts.Scenario == "number-moved",
		"offersToRemember": c.opts.Scenario == "mfa-remembered",
	})
}

// dataOf returns a text that distinguishes two phones of the same kind.
func dataOf(m Method) string {
	if m.AuthMethodID == "OneWaySMS" {
		return m.AuthMethodID + ":" + m.Display[len(m.Display)-2:]
	}
	return m.AuthMethodID
}

// LastTextPhone returns the last digits of the phone that received the last text message.
func (c *Cloud) LastTextPhone() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, digits, _ := strings.Cut(c.entra.texted, ":")
	return digits
}

// methods returns the MFA methods of a user, which depend on the scenario.
func (c *Cloud) methods(u *User) []Method {
	switch c.opts.Scenario {
	case "fido-only":
		return []Method{{"FidoKey", "Passkey", true}}
	case "external-mfa":
		return []Method{{"ExternalMethod", "Another provider", true}}
	case "access-pass-mfa":
		return []Method{{"AccessPass", "Temporary Access Pass", true}}
	case "two-phones":
		return []Method{{"OneWaySMS", "+XX XXXXXXXX42", false}, {"OneWaySMS", "+XX XXXXXXXX77", false}}
	case "outlook":
		return []Method{{"CompanionAppsNotification", "Outlook mobile", true}}
	}
	methods := slices.Clone(u.Methods)
	method := map[string]string{
		"text-message": "OneWaySMS", "confirm-phone": "OneWaySMS", "sms-fails": "OneWaySMS", "phone-call": "TwoWayVoiceMobile",
	}[c.opts.Scenario]
	if method == "" {
		return methods
	}
	if method == "TwoWayVoiceMobile" {
		methods = append(methods, Method{AuthMethodID: method, Display: "+XX XXXXXXXX42"})
	}
	for i := range methods {
		methods[i].Default = methods[i].AuthMethodID == method
	}
	return methods
}

// serveBeginAuth starts a method, for example by sending a push notification or a text
// message.
func (c *Cloud) serveBeginAuth(w http.ResponseWriter, r *http.Request) {
	body := readJSON(r)
	f, ok := c.xhr(w, r, body, "ctx", "flowToken")
	if !ok {
		return
	}
	method := text(body, "AuthMethodId")
	if f.user == nil || !f.proved["password"] ||
		!slices.ContainsFunc(c.methods(f.user), func(m Method) bool { return m.AuthMethodID == method }) {
		writeJSON(w, http.StatusOK, fields{"Success": false, "ResultValue": "ProofDataNotFound", "ErrCode": 500121})
		return
	}
	if c.opts.Scenario == "sms-fails" && method == "OneWaySMS" {
		f.rotate()
		writeJSON(w, http.StatusOK, fields{
			"Success": false, "ResultValue": "SMSAuthFailedProviderCouldntSendSMS", "AuthMethodId": method, "ErrCode": 500121, "Retry": false,
			"FlowToken": f.flowToken, "Ctx": f.ctx, "apiCanary": f.apiCanary,
		})
		return
	}
	number := 0
	if method == "PhoneAppNotification" && c.opts.Scenario != "push-plain" {
		number = pushNumber
		if c.opts.Scenario == "push-digit" {
			number = 7
		}
	}
	c.mu.Lock()
	if method != "PhoneAppOTP" {
		c.entra.begun++
	}
	c.entra.pending = &push{number: number}
	c.entra.texted = text(body, "Data")
	c.mu.Unlock()
	f.rotate()
	f.session = newToken()
	writeJSON(w, http.StatusOK, fields{
		"Success": true, "ResultValue": "Success", "AuthMethodId": method, "ErrCode": 0, "Retry": false, "FlowToken": f.flowToken,
		"Ctx": f.ctx, "SessionId": f.session, "CorrelationId": uuid.NewString(), "Timestamp": c.now().UTC().Format(time.RFC3339), "Entropy": number, "apiCanary": f.apiCanary,
	})
}

// servePoll responds to a poll for a push or a call.
func (c *Cloud) servePoll(w http.ResponseWriter, r *http.Request) {
	f, ok := c.xhr(w, r, nil, r.Header.Get("x-ms-ctx"), r.Header.Get("x-ms-flowToken"))
	if !ok {
		return
	}
	if f.session == "" || r.Header.Get("x-ms-sessionId") != f.session {
		writeJSON(w, http.StatusOK, fields{"Success": false, "ResultValue": "InvalidSession", "Retry": false})
		return
	}
	c.mu.Lock()
	answer := c.pollLocked()
	c.mu.Unlock()
	f.rotate()
	result := map[string]string{"": "AuthenticationPending", "approved": "Success", "denied": "PhoneAppDenied", "timeout": "PhoneAppNoResponse"}[answer]
	f.proved["method"] = answer == "approved"
	writeJSON(w, http.StatusOK, fields{
		"Success": answer == "approved", "ResultValue": result, "Retry": answer == "", "FlowToken": f.flowToken, "Ctx": f.ctx, "SessionId": f.session, "apiCanary": f.apiCanary,
	})
}

// pollLocked returns the state of the pending request. In most scenarios, the user
// approves it after some polls. The caller must hold c.mu.
func (c *Cloud) pollLocked() string {
	p := c.entra.pending
	if p == nil {
		return "timeout"
	}
	if p.answer != "" {
		return p.answer
	}
	polls := approvalPolls
	if c.opts.Scenario == "default-fixed" || c.opts.LateHandlers > 0 {
		polls = slowApprovalPolls
	}
	if p.polls++; p.polls < polls || c.opts.Scenario == "push-waits" {
		return ""
	}
	switch c.opts.Scenario {
	case "push-denied", "phone-denied":
		return "denied"
	case "push-timeout":
		return "timeout"
	}
	return "approved"
}

// Phone returns the pending request in the app: the number that the page shows, or 0 for
// none, and whether there is a request.
func (c *Cloud) Phone() (number int, waiting bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.entra.pending
	if p == nil || p.answer != "" {
		return 0, false
	}
	return p.number, true
}

// Answer answers the pending push with a number, 0 without number matching, and
// reports whether there was one. A wrong number denies the request.
func (c *Cloud) Answer(number int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.entra.pending
	if p == nil || p.answer != "" {
		return false
	}
	p.answer = "denied"
	if number == p.number {
		p.answer = "approved"
	}
	return true
}

// PhonePrompts returns the number of pushes, text messages and calls so far.
func (c *Cloud) PhonePrompts() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entra.begun
}

// smsCode is the code in the text message.
const smsCode = "314159"

// serveCode validates a one-time code.
func (c *Cloud) serveCode(w http.ResponseWriter, r *http.Request) {
	body := readJSON(r)
	f, ok := c.xhr(w, r, body, "Ctx", "FlowToken")
	if !ok {
		return
	}
	f.rotate()
	code, good := text(body, "AdditionalAuthData"), []string{smsCode}
	wrong := "SMSAuthFailedWrongCodeEntered"
	if text(body, "AuthMethodId") == "PhoneAppOTP" {
		good, wrong = c.totpNow(), "OathCodeIncorrect"
	}
	if text(body, "AuthMethodId") == "PhoneAppOTP" && c.codeUsed() {
		good, wrong = nil, "OathCodeDuplicate"
	}
	success := f.session != "" && text(body, "SessionId") == f.session && slices.Contains(good, code)
	f.proved["method"] = success
	result := wrong
	if success {
		result = "Success"
	}
	writeJSON(
		w,
		http.StatusOK,
		fields{
			"Success": success, "ResultValue": result, "Retry": !success, "FlowToken": f.flowToken,
			"Ctx": f.ctx, "SessionId": f.session, "apiCanary": f.apiCanary,
		},
	)
}

// codeUsed reports whether another sign-in has already used the code of the current time
// window, which is the first one in which a code was sent.
func (c *Cloud) codeUsed() bool {
	if c.opts.Scenario != "totp-used" {
		return false
	}
	window := c.now().Unix() / int64(totpStep/time.Second)
	if c.entra.usedWindow == 0 {
		c.entra.usedWindow = window
	}
	return c.entra.usedWindow == window
}

// SMSCode returns the code in text messages.
func SMSCode() string { return smsCode }

// serveProcessAuth continues after the second factor. It may request the factor again.
func (c *Cloud) serveProcessAuth(w http.ResponseWriter, r *http.Request, f *flow) {
	if r.PostForm.Has("accesspass") {
		if c.judgePass(r.PostForm.Get("accesspass")) != "" {
			c.strongPage(w, f)
			return
		}
		f.proved["method"] = true
	}
	if !f.proved["method"] || r.PostForm.Get("mfaAuthMethod") == "" {
		c.errorPage(w, refuse("500121", "Authentication failed during strong authentication request."))
		return
	}
	f.mfaRuns++
	again := c.opts.Scenario == "mfa-twice" ||
		c.opts.Scenario == "mfa-remembered" && r.PostForm.Get("rememberMFA") != "true"
	if again && f.mfaRuns == 1 {
		f.proved["method"] = false
		c.strongPage(w, f)
		return
	}
	f.proved["mfa"] = true
	c.advance(w, r, f)
}
