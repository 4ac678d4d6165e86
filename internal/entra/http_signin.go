package entra

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kinds of credentials, as named by GetCredentialType.
// Source: client script of the sign-in page.
const (
	prefersNone       = 0
	prefersPassword   = 1
	prefersPhone      = 2
	prefersFederation = 4
	prefersCloud      = 5
	prefersPasskey    = 7
	prefersPass       = 13
	prefersPicker     = 1000
)

// lookup is a response of GetCredentialType.
type lookup struct {
	IfExistsResult int
	Credentials    struct {
		PrefCredential                                                 int
		HasPassword, HasRemoteNGC, HasFido, HasAccessPass, HasCertAuth bool
		RemoteNgcParams                                                *phoneRequest
		FederationRedirectURL                                          string `json:"FederationRedirectUrl"`
	}
	Error *struct{ Code anyText }
}

// phoneRequest is a request for a phone sign-in.
type phoneRequest struct {
	SessionIdentifier string
	Entropy           anyText
	DefaultType       anyText
}

// answer shows the first view of a Microsoft page, selected by its ID.
func (p *HTTPPage) answer(ctx context.Context) error {
	c := &p.config
	posts := slices.Contains([]string{pageSignIn, pageTFA, pageKeepSignedIn, pageConfirmApp}, c.PageID)
	switch {
	case posts && c.URLPost == "":
		return p.needsBrowser("a page without an address to post to")
	case c.PageID == pageTFA && (c.URLBeginAuth == "" || c.URLEndAuth == ""):
		return p.needsBrowser("a page without an address for its requests")
	}
	switch c.PageID {
	case pageSignIn:
		return p.openSignIn(ctx)
	case pageTFA:
		return p.openStrong(ctx)
	case pageSessionPull:
		next, err := p.http.answerPage(p.url, *c)
		if err != nil {
			return p.needsBrowser("a page that reloads itself")
		}
		p.show(httpView{then: func(ctx context.Context) error { return p.load(ctx, next) }})
	case pageKeepSignedIn:
		answer := func(yes bool) func(context.Context) error {
			return func(ctx context.Context) error { return p.submit(ctx, c.keepSignedIn(yes)) }
		}
		p.show(httpView{
			id: "20", ids: []string{"KmsiDescription", submitID, "idBtn_Back"},
			clicks: clicks{submitSelector: answer(true), "#idBtn_Back": answer(false)},
		})
	case pageConfirmApp:
		p.show(httpView{
			id: "43", ids: []string{"appConfirmTitle", submitID},
			clicks: clicks{submitSelector: func(ctx context.Context) error { return p.submit(ctx, c.confirmApp()) }},
		})
	case pageProofUp:
		p.show(httpView{id: "32", ids: []string{"idSubmit_ProofUp_Redirect", "moreInfoLink"}})
	case pageException:
		p.show(httpView{id: "26", ids: []string{"service_exception_message"}})
	case pageChangePassword, pageConsent, pageTerms, pageBlocked:
		p.show(httpView{}) // the driver stops at these pages by their IDs
	default:
		if c.URLSkip == "" {
			return p.needsBrowser("page " + c.PageID)
		}
		p.show(httpView{}) // any such page can be skipped
	}
	return nil
}

// openSignIn shows the first view of the sign-in page.
func (p *HTTPPage) openSignIn(ctx context.Context) error {
	c := &p.config
	code := c.code()
	switch {
	case len(c.Sessions) > 0:
		p.showTiles()
	case code != "" && code != "50058":
		if c.Lookup != nil && c.Lookup.Credentials.PrefCredential == prefersPass {
			p.showAccessPass()
		} else {
			p.showPassword()
		}
	case p.submitted: // for example account recovery or a request for security information
		return p.needsBrowser("another view of the sign-in page")
	case c.Lookup != nil:
		return p.decide(ctx, *c.Lookup, false)
	case c.URLLookup == "":
		return p.needsBrowser("a sign-in page without a lookup")
	default:
		p.showUsername(false)
	}
	return nil
}

func (p *HTTPPage) showTiles() {
	v := httpView{
		id: "12", ids: []string{"tilesHolder", "otherTile"},
		clicks: clicks{"#otherTile": func(context.Context) error {
			p.showUsername(false)
			return nil
		}},
	}
	for i, tile := range p.config.Sessions {
		selector := "tile:" + strconv.Itoa(i)
		v.choices = append(v.choices, Choice{
			Kind: "account", Value: tile.name(), Label: tile.name(), Select: selector,
		})
		v.clicks[selector] = func(ctx context.Context) error {
			p.config.Username = tile.name()
			target, err := p.url.Parse(p.config.URLLogin)
			switch {
			case !tile.SignedIn:
				p.showPassword()
				return nil
			case err != nil || p.config.URLLogin == "":
				return p.needsBrowser("an account tile without an address")
			}
			query := target.Query()
			query.Set("sessionid", tile.ID.String())
			target.RawQuery = query.Encode()
			return p.load(ctx, step{address: target, from: p.url})
		}
	}
	p.show(v)
}

func (p *HTTPPage) showUsername(failed bool) {
	v := httpView{
		id: "1", ids: []string{usernameID, submitID}, inputs: []string{"#" + usernameID},
		clicks: clicks{submitSelector: p.lookUp},
	}
	if failed {
		v.ids = append(v.ids, "usernameError")
	}
	p.show(v)
}

// lookUp asks Microsoft how the user signs in. Like the page, it does not repeat the
// request for a name that does not exist.
func (p *HTTPPage) lookUp(ctx context.Context) error {
	c, name := &p.config, strings.TrimSpace(p.view.typed["#"+usernameID].Reveal())
	if name == "" || name == p.lookedUp {
		p.showUsername(true)
		return nil
	}
	var found lookup
	err := p.call(ctx, c.URLLookup, map[string]any{
		"username": name, "isOtherIdpSupported": true, "checkPhones": false, "isRemoteNGCSupported": true,
		"isCookieBannerShown": false, "isFidoSupported": false, "originalRequest": c.Ctx, "forceotclogin": false,
		"isExternalFederationDisallowed": false, "isRemoteConnectSupported": false, "federationFlags": 0,
		"isSignup": false, "flowToken": c.FlowToken, "isAccessPassSupported": true,
	}, nil, &found)
	if err != nil && err != errStatus {
		return err
	}
	if err != nil || found.Error != nil {
		p.showUsername(true)
		return nil
	}
	c.Username = name
	return p.decide(ctx, found, false)
}

// decide shows the view that the client script would show for the user.
func (p *HTTPPage) decide(ctx context.Context, found lookup, work bool) error {
	c := found.Credentials
	switch {
	case found.IfExistsResult == 1:
		p.lookedUp = p.config.Username
		p.showUsername(true)
		return nil
	case found.IfExistsResult == 5:
		p.open(document{url: &url.URL{Scheme: "https", Host: "login.live.com", Path: "/"}})
		p.notify()
		return nil
	case found.IfExistsResult == 6 && !work:
		p.show(httpView{
			id: "7", ids: []string{"aadTile", "msaTile"},
			clicks: clicks{"#aadTile": func(ctx context.Context) error {
				return p.decide(ctx, found, true)
			}},
		})
		return nil
	}
	switch c.PrefCredential {
	case prefersPhone:
		if c.RemoteNgcParams != nil && c.RemoteNgcParams.SessionIdentifier != "" {
			p.showPhone(*c.RemoteNgcParams)
		} else {
			p.showConfirmSend()
		}
	case prefersFederation, prefersCloud:
		return p.showRedirect(c.FederationRedirectURL)
	case prefersPass:
		p.showAccessPass()
	case prefersPicker:
		p.showPicker(found)
	case prefersPasskey:
		switch {
		case c.RemoteNgcParams != nil && c.RemoteNgcParams.SessionIdentifier != "":
			p.showPhone(*c.RemoteNgcParams)
		case p.NoBrowser && c.HasPassword: // as some pages do if the browser has no passkeys
			p.showPassword()
		default:
			return p.needsBrowser("a sign-in by passkey")
		}
	case prefersPassword, prefersNone:
		p.showPassword()
	default:
		return p.needsBrowser("a sign-in by credential type " + strconv.Itoa(c.PrefCredential))
	}
	return nil
}

// showRedirect opens the company's own sign-in server, after the view that announces it.
func (p *HTTPPage) showRedirect(address string) error {
	target, err := p.url.Parse(address)
	if err != nil || address == "" {
		return p.needsBrowser("a federated sign-in without an address")
	}
	p.show(httpView{id: "8", ids: []string{"aadRedirectCancel"}, then: func(ctx context.Context) error {
		return p.load(ctx, step{address: target, from: p.url})
	}})
	return nil
}

func (p *HTTPPage) showPassword() {
	p.show(httpView{
		id: "2", ids: []string{passwordID, "name:passwd", submitID, "displayName"}, inputs: []string{passwordSelector},
		clicks: clicks{submitSelector: func(ctx context.Context) error {
			return p.submit(ctx, p.credentialForm(
				"type", typePassword, "LoginOptions", "3", "ps", "2", "passwd", p.view.typed[passwordSelector].Reveal(),
			))
		}},
	})
}

// credentialForm returns the fields that every first factor posts, and the additional
// ones in more.
func (p *HTTPPage) credentialForm(more ...string) url.Values {
	c := &p.config
	values := c.form(more...)
	for name, value := range map[string]string{
		"login": c.Username, "loginfmt": c.Username, "i13": "0", "psRNGCDefaultType": "", "PPSX": "", "NewUser": "1",
		"FoundMSAs": "", "fspost": "0", "i21": "0", "CookieDisclosure": "0", "IsFidoSupported": "0", "isSignupPost": "0",
	} {
		if !values.Has(name) {
			values.Set(name, value)
		}
	}
	return values
}

const passSelector = "input[name=accesspass]:not(.moveOffScreen)"

// showAccessPass shows the view for a Temporary Access Pass as the first factor.
func (p *HTTPPage) showAccessPass() {
	p.showPass(func(ctx context.Context) error {
		pass := p.view.typed[passSelector].Reveal()
		return p.submit(ctx, p.credentialForm("type", typePassword, "ps", "56", "accesspass", pass))
	})
}

func (p *HTTPPage) showPass(submit func(context.Context) error) {
	p.show(httpView{
		id: "56", ids: []string{passName, submitID}, inputs: []string{passSelector},
		clicks: clicks{submitSelector + ", " + submitCode: submit},
	})
}

// showPicker lists the sign-in options that do not need a browser.
func (p *HTTPPage) showPicker(found lookup) {
	c := found.Credentials
	v := httpView{id: "24", ids: []string{"credentialList"}, clicks: clicks{}}
	for _, way := range []struct {
		value   string
		offered bool
		show    func()
	}{
		{tilePassword, c.HasPassword, p.showPassword},
		{tilePhone, c.HasRemoteNGC, p.showConfirmSend},
		{tilePass, c.HasAccessPass, p.showAccessPass},
	} {
		if !way.offered {
			continue
		}
		selector := "credential:" + way.value
		v.choices = append(v.choices, Choice{Kind: "credential", Value: way.value, Select: selector})
		v.clicks[selector] = func(context.Context) error {
			way.show()
			return nil
		}
	}
	p.show(v)
}

func (p *HTTPPage) showConfirmSend() {
	p.show(httpView{
		id: viewConfirmSend, ids: []string{submitID, switchToPasswordID},
		clicks: clicks{
			"#" + switchToPasswordID: p.leaveForPassword,
			submitSelector: func(ctx context.Context) error {
				var sent struct{ RemoteNgcParams *phoneRequest }
				err := p.call(ctx, p.config.URLOneTimeCode, map[string]any{
					"OriginalRequest": p.config.Ctx, "FlowToken": p.config.FlowToken, "Channel": "Authenticator",
					"OldDeviceCode": "",
				}, nil, &sent)
				if err != nil || sent.RemoteNgcParams == nil {
					return p.unanswered(err)
				}
				p.showPhone(*sent.RemoteNgcParams)
				return nil
			},
		},
	})
}

func (p *HTTPPage) leaveForPassword(context.Context) error {
	p.begun = Begun{}
	p.showPassword()
	return nil
}

// showPhone waits for the approval of a phone sign-in.
func (p *HTTPPage) showPhone(request phoneRequest) {
	number := entropyText(request.Entropy)
	p.begun = Begun{Method: phoneSignIn, Number: number}
	v := httpView{
		id: "4", ids: []string{"idDiv_RemoteNGC_PollingDescription", switchToPasswordID}, number: number,
		clicks: clicks{"#" + switchToPasswordID: p.leaveForPassword},
	}
	if number != "" {
		v.ids = append(v.ids, "idRemoteNGC_DisplaySign")
	}
	p.show(v)
	p.pollPhone(request, p.http.Now().Add(p.config.interval("")), 0)
}

const maxPollErrors = 5

// pollPhone schedules a request, at the given time, for whether the user has approved the
// sign-in.
func (p *HTTPPage) pollPhone(request phoneRequest, at time.Time, failures int) {
	p.view.at, p.view.then = at, func(ctx context.Context) error {
		var state struct{ AuthorizationState int }
		address := p.config.URLSessionState + "?code=" + url.QueryEscape(request.SessionIdentifier)
		err := p.call(ctx, address, map[string]any{"DeviceCode": request.SessionIdentifier}, nil, &state)
		switch {
		case err != nil && failures >= maxPollErrors:
			return p.unanswered(err)
		case err == nil && state.AuthorizationState == 1:
			return p.leaveForPassword(ctx)
		case err == nil && state.AuthorizationState == 2:
			return p.submit(ctx, p.credentialForm(
				"type", typePhone, "ps", "4", "code", request.SessionIdentifier, "psRNGCSLK", request.SessionIdentifier,
				"psRNGCDefaultType", request.DefaultType.String(), "psRNGCEntropy", request.Entropy.String(),
			))
		case err != nil:
			failures++
		}
		p.pollPhone(request, p.http.Now().Add(p.config.interval("")), failures)
		return nil
	}
}
