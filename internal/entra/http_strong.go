package entra

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

// openStrong shows the first MFA view. The page starts its default method automatically.
func (p *HTTPPage) openStrong(ctx context.Context) error {
	p.preference.apply(p.config.Proofs)
	for i, proof := range p.config.Proofs {
		if proof.Default && !methodOf(proof.Method).Window {
			return p.begin(ctx, i)
		}
	}
	p.showMethods(false)
	return nil
}

// showMethods lists the methods of the user.
func (p *HTTPPage) showMethods(failed bool) {
	v := httpView{
		id: "2", ids: []string{"idDiv_SAOTCS_Title", "idDiv_SAOTCS_Proofs"},
		clicks: clicks{},
	}
	if failed {
		v.ids = append(v.ids, "idDiv_SAOTCS_Error_OTC")
	}
	for i, proof := range p.config.Proofs {
		selector := "method:" + strconv.Itoa(i)
		v.choices = append(v.choices, Choice{Kind: "method", Value: proof.Method, Label: proof.Display, Select: selector})
		v.clicks[selector] = func(ctx context.Context) error { return p.begin(ctx, i) }
	}
	p.show(v)
}

// sasReply is a response of BeginAuth or EndAuth.
type sasReply struct {
	Success     bool
	ResultValue string
	SessionID   string `json:"SessionId"`
	Entropy     anyText
}

// begin starts a method. It is never retried, because it may notify a phone.
func (p *HTTPPage) begin(ctx context.Context, i int) error {
	proof, c := p.config.Proofs[i], &p.config
	m := methodOf(proof.Method)
	switch {
	case proof.Method == "AccessPass":
		p.method = proof.Method
		p.showPass(func(ctx context.Context) error {
			return p.process(ctx, typeApproval, "accesspass", p.view.typed[passSelector].Reveal())
		})
		return nil
	case m.Window || m.Name == "":
		return p.needsBrowser("the method " + proof.Method)
	}
	p.method, p.verdict = proof.Method, ""
	var reply sasReply
	err := p.call(ctx, c.URLBeginAuth, map[string]any{
		"AuthMethodId": proof.Method, "Method": "BeginAuth", "ctx": c.Ctx, "flowToken": c.FlowToken, "Data": proof.Data,
	}, nil, &reply)
	if err != nil {
		return p.unanswered(err)
	}
	if !reply.Success {
		p.showMethods(true)
		return nil
	}
	p.session = reply.SessionID
	switch {
	case m.Push:
		p.showApproval(i, entropyText(reply.Entropy))
	case m.Name == "call":
		p.showWait(i, httpView{id: "1", ids: []string{"idDiv_SAOTCC_Title", "idDiv_SAOTCC_Description"}})
	default:
		p.showCode(proof, false)
	}
	return nil
}

// errStatus reports an HTTP error status of a background request.
var errStatus = errors.New("unexpected HTTP status")

// unanswered ends the sign-in after a failed request that may have notified a phone.
func (p *HTTPPage) unanswered(err error) error {
	if err != nil && err != errStatus {
		return err
	}
	return fault.New(fault.Network, "Microsoft's sign-in did not confirm the request to your phone",
		"run the command again; the request is not repeated automatically, because it may be on your phone")
}

func (p *HTTPPage) showApproval(i int, number string) {
	v := httpView{
		id: "6", number: number,
		ids: []string{"idDiv_SAOTCAS_Title", "idDiv_SAOTCAS_Description", "idChkBx_SAOTCAS_TD"},
	}
	if number != "" {
		v.ids = append(v.ids, "idRichContext_DisplaySign")
	}
	p.showWait(i, v)
}

// showWait shows a view that waits for the user's phone.
func (p *HTTPPage) showWait(i int, v httpView) {
	v.detail = p.config.Proofs[i].Display
	p.withWayBack(&v, "#idChkBx_SAOTCAS_TD:not(:checked)")
	p.show(v)
	interval := p.config.interval(p.method)
	p.poll(i, 1, 0, interval)
}

// withWayBack adds the link to the list of methods, and the checkbox that skips MFA for
// some days.
func (p *HTTPPage) withWayBack(v *httpView, box string) {
	v.ids = append(v.ids, anotherWayID)
	if v.clicks == nil {
		v.clicks = clicks{}
	}
	v.clicks["#"+anotherWayID] = func(context.Context) error {
		p.begun = Begun{}
		p.showMethods(false)
		return nil
	}
	v.clicks[box] = func(context.Context) error {
		p.view.ticked = true
		return nil
	}
}

// poll schedules a request, after an interval, for whether the user has approved on the
// phone. The intervals grow.
func (p *HTTPPage) poll(i, count, failures int, interval time.Duration) {
	p.view.at, p.view.then = p.http.Now().Add(interval), func(ctx context.Context) error {
		c, sent := &p.config, strconv.FormatInt(p.http.Now().UnixMilli(), 10)
		query := url.Values{
			"authMethodId": {p.method}, "pollCount": {strconv.Itoa(count)}, "lastPollStart": {sent}, "lastPollEnd": {sent},
		}
		var reply sasReply
		err := p.call(ctx, c.URLEndAuth+"?"+query.Encode(), nil, map[string]string{
			"x-ms-sessionId": p.session, "x-ms-flowToken": c.FlowToken, "x-ms-ctx": c.Ctx,
		}, &reply)
		switch {
		case errors.As(err, new(*NeedsBrowser)), err != nil && failures >= maxPollErrors:
			return p.unanswered(err)
		case err != nil:
			p.poll(i, count+1, failures+1, interval)
		case reply.Success:
			return p.process(ctx, typeApproval)
		case reply.ResultValue == "AuthenticationPending":
			p.poll(i, count+1, 0, time.Duration(float64(interval)*c.backoff()))
		default:
			p.showRefusal(i, reply.ResultValue)
		}
		return nil
	}
}

// showRefusal shows that the request on the phone was denied or not answered.
func (p *HTTPPage) showRefusal(i int, result string) {
	stem := "SAASTO"
	if result == "PhoneAppDenied" || result == "PhoneAppEntropyIncorrect" || result == "PhoneAppFraudReported" {
		stem = "SAASDS"
	}
	p.begun = Begun{}
	resend := "idA_" + stem + "_Resend"
	v := httpView{id: "6", ids: []string{"idDiv_" + stem + "_Title", "idDiv_" + stem + "_Description", resend}}
	p.withWayBack(&v, "")
	v.clicks["#"+resend] = func(ctx context.Context) error { return p.begin(ctx, i) }
	p.show(v)
}

// showCode shows the view for a code from an app or a text message.
func (p *HTTPPage) showCode(proof proof, failed bool) {
	v := httpView{
		id: "1", ids: []string{"idDiv_SAOTCC_Title", "idDiv_SAOTCC_Description", codeID, "idChkBx_SAOTCC_TD"},
		inputs: []string{"#" + codeID}, detail: proof.Display, ticked: p.view.ticked,
		clicks: clicks{submitCode: func(ctx context.Context) error {
			return p.checkCode(ctx, proof)
		}},
	}
	if proof.Method == totpMethod {
		v.detail = ""
	}
	if failed {
		v.ids = append(v.ids, "idSpan_SAOTCC_Error_OTC")
	}
	p.withWayBack(&v, "#idChkBx_SAOTCC_TD:not(:checked)")
	p.show(v)
}

// checkCode submits a code. A wrong code changes only the error.
func (p *HTTPPage) checkCode(ctx context.Context, proof proof) error {
	c := &p.config
	var reply sasReply
	err := p.call(ctx, c.URLEndAuth, map[string]any{
		"AuthMethodId": proof.Method, "Method": "EndAuth", "SessionId": p.session, "FlowToken": c.FlowToken,
		"Ctx": c.Ctx, "AdditionalAuthData": p.view.typed["#"+codeID].Reveal(), "PollCount": 1,
	}, nil, &reply)
	switch {
	case errors.As(err, new(*NeedsBrowser)): // in a browser, the user would have to enter it again
		return fault.New(fault.Page, "Microsoft's response to the one-time code is unknown", "run the command again")
	case err != nil && err != errStatus:
		return err
	case err != nil || !reply.Success:
		p.showCode(proof, true)
		return nil
	}
	return p.process(ctx, typeCode)
}

// process posts the result of MFA.
func (p *HTTPPage) process(ctx context.Context, kind string, more ...string) error {
	c, now := &p.config, strconv.FormatInt(p.http.Now().UnixMilli(), 10)
	values := url.Values{
		"type": {kind}, "request": {c.Ctx}, "mfaLastPollStart": {now}, "mfaLastPollEnd": {now},
		"mfaAuthMethod": {p.method}, "login": {c.Username}, "flowToken": {c.FlowToken}, "hpgrequestid": {c.SessionID},
		"sacxt": {""}, "hideSmsInMfaProofs": {"false"}, "canary": {c.Canary}, "i19": {"2000"},
	}
	if p.view.ticked && c.RememberName != "" {
		values.Set(c.RememberName, "true")
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return p.submit(ctx, values)
}

// entropyText returns the number to enter in the app, or "" for none.
func entropyText(number anyText) string {
	if n, err := strconv.Atoi(number.text); err != nil || n <= 0 {
		return ""
	}
	return fmt.Sprint(number.text)
}
