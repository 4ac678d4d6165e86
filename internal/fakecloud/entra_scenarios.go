package fakecloud

// methodScenarios lists scenarios that change how the user authenticates.
func methodScenarios() []ScenarioInfo {
	return []ScenarioInfo{
		{"push-plain", "the push has no number to tap"},
		{"push-digit", "the number to tap has one digit"},
		{"push-denied", "the push is denied on the phone"},
		{"push-timeout", "the push is not answered"},
		{"push-waits", "the push waits until Answer is called"},
		{"push-hangs", "the page asks to choose; the push is sent, but the page never gets an answer"},
		{"poll-hangs", "the page's poll for the approval is never answered"},
		{"text-message", "the code comes by text message"},
		{"phone-call", "the phone rings"},
		{"number-moved", "the elements of the push view have other ids"},
		{
			"number-unsaid",
			"the number of a push stands on the page alone: the request that begins it has another address",
		},
		{"default-fixed", "the page begins with the tenant's default, whatever its settings say"},
		{"outlook", "the push goes to Outlook mobile"},
		{"two-phones", "two phones of one kind"},
		{"sms-fails", "text messages cannot be sent"},
		{"totp-used", "the code of this half minute was used up by another sign-in"},
		{"app-renewed", "the authenticator app was set up anew: it has another seed"},
		{"confirm-phone", "the last digits of the phone have to be confirmed"},
		{"access-pass", "a Temporary Access Pass is preferred"},
		{"access-pass-used", "the Temporary Access Pass was used already"},
		{"access-pass-mfa", "a Temporary Access Pass is the second factor"},
		{"fido-only", "a passkey is the only second factor"},
		{"no-default", "no method of MFA is the default: the page asks to choose"},
		{"mfa-twice", "MFA is asked twice"},
		{"mfa-remembered", "MFA is asked twice unless \"Don't ask again\" is ticked"},
	}
}

// pageScenarios lists scenarios that change which pages are shown, or their behavior.
func pageScenarios() []ScenarioInfo {
	list := []ScenarioInfo{
		{"tiles", "the page asks to pick an account"},
		{"tile-signed-in", "the page asks to pick an account that is signed in"},
		{"other-account", "the device signs in another user"},
		{"personal-account", "the address is a personal account"},
		{"account-type", "the address is a work and a personal account"},
		{"throttled", "the lookup of users is throttled"},
		{"lookup-fails-once", "the lookup of users fails the first time"},
		{"lookup-error-once", "the lookup of users answers with an error the first time"},
		{"prefilled", "the user name of the request is taken: the page opens at the password"},
		{"password-twice", "the page asks for the password once more, and does not say why"},
		{"credential-picker", "the page asks how to sign in"},
		{"passkey", "a passkey is preferred, but the browser has none"},
		{"passkey-only", "a passkey is the only way to sign in"},
		{"certificate", "a certificate is preferred"},
		{"certificate-only", "a certificate is the only way to sign in"},
		{"passkey-hidden", "a passkey is preferred, and the page does without it where the browser has no passkeys"},
		{"improve-sign-ins", "a page without a known id asks to improve the sign-in, and has a link that skips it"},
		{"proof-up-returns", "the page that asks for security information comes back after it was skipped"},
		{"external-mfa", "the second factor leaves for the host of another provider"},
		{"app-issuer", "the application appends its ID to the issuer"},
		{"phone-denied", "sign-in by phone is denied there"},
		{"confirm-send", "sign-in by phone; the page asks before it sends"},
		{"phone-sign-in", "sign-in by phone, without password"},
		{"phone-moved", "the elements of the sign-in by phone have other ids"},
		{"phone-unsaid", "the number of the sign-in by phone stands on the page alone"},
		{"desktop-sso", "the page asks Windows for a session first"},
		{"session-pull", "pages that reload themselves, also after the password"},
		{"proof-up", "more security information is wanted, can be put off"},
		{"proof-up-unnamed", "more security information is wanted; the link that puts it off has no id"},
		{"proof-up-forced", "more security information is required now"},
		{"confirm-app", "the page asks whether you try to sign in"},
		{"speed-bump", "the page asks whether you try to sign in, with the code of a federated sign-in"},
		{"account-recovery", "the page asks to recover the account"},
		{"more-info-view", "a view of the sign-in page asks for more information, and has a link that skips it"},
		{"no-kmsi", "no page asks to stay signed in"},
		{"conditional-access", "Conditional Access blocks the sign-in"},
		{"device-policy", "Conditional Access wants a compliant device"},
		{"device-nonce", "a device proves itself by a nonce of the server alone"},
		{"prt-no-mfa", "the device's primary refresh token has no MFA claim"},
		{"prt-revoked", "the device's primary refresh token was revoked"},
		{"prt-ignored", "the device's credential is ignored"},
		{"device-browser", "Conditional Access takes a browser with a window alone"},
		{"device-login", "the device is asked for its certificate on the way"},
		{"terms-of-use", "terms of use wait to be accepted"},
		{"change-password", "the password has expired"},
		{"consent", "the application wants consent"},
		{"disabled", "the account is disabled"},
		{"silent-error", "an error code without a text"},
		{"unknown-page", "a page that no client knows"},
		{"stuck", "a page that stays empty"},
		{"loop", "Stay signed in? comes back repeatedly"},
		{"pull-loop", "a page that reloads itself indefinitely"},
		{"cdn-blocked", "the pages' client script does not load"},
		{"look-alike", "the sign-in leads to a host that looks like Microsoft's"},
		{"framed", "the sign-in page is inside another page"},
		{"plain-http", "AD FS is asked without TLS"},
		{"bad-certificate", "AD FS has an untrusted certificate"},
		{"hangs", "the first page never arrives"},
		{"hangs-midway", "the answer to the password never arrives"},
		{"slow-script", "the pages' client script takes ten seconds, once"},
		{"server-busy", "the server answers that it is busy"},
		{"foreign-host", "the sign-in leads to another host at once"},
		{"branding", "the tenant has its own layout"},
		{"german", "pages in German"},
		{"japanese", "pages in Japanese"},
		{"defender", "Defender for Cloud Apps rewrites AWS's host"},
	}
	for _, code := range errorCodes {
		list = append(list, ScenarioInfo{errorPrefix + code, "the first page is the error page of AADSTS" + code})
	}
	return list
}

const errorPrefix = "error-"

// errorCodes lists the errors that no other scenario causes.
var errorCodes = []string{"16000", "50011", "50020", "50131", "50158", "50196", "75005", "90094", "999999"}
