package fakecloud

import (
	"bytes"
	_ "embed" // for the embedded script and style sheet
	"encoding/json"
	"html/template"
	"maps"
	"net/http"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/google/uuid"
)

//go:embed assets/page.js
var pageScript []byte

//go:embed assets/page.css
var pageStyle []byte

// fields holds settings of a page, or a JSON response.
type fields map[string]any

// pageNumbers maps page IDs to the hpgid and hpgact of recorded pages.
var pageNumbers = map[string][2]int{
	"ConvergedSignIn": {
		1104, 1800,
	}, "ConvergedTFA": {1114, 2202}, "KmsiInterrupt": {1115, 2005}, "ConvergedProofUpRedirect": {1121, 2000},
}

// shell is all the HTML that Microsoft's server sends; the client script builds the rest
// from $Config. The text after "};" and the CDATA marks are part of the real pages.
// html/template would remove them as comments, so this uses text/template. Config is JSON
// in which <, > and & are escaped; all other values are constants of this package.
var shell = texttemplate.Must(texttemplate.New("").Parse(`<!DOCTYPE html>
<html dir="ltr" class="" lang="{{.Lang}}">
<head>
<title>Sign in to your account</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<meta name="PageID" content="{{.PageID}}" />
<meta name="SiteID" content="" />
<meta name="ReqLC" content="1033" />
<meta name="robots" content="none" />
<noscript><meta http-equiv="Refresh" content="0; URL=https://login.microsoftonline.com/jsdisabled" /></noscript>
<link rel="stylesheet" href="https://aadcdn.msauth.net/ests/2.1/content/cdnbundles/converged.v2.login.min.css" crossorigin="anonymous">
<script type="text/javascript">//<![CDATA[
$Config={{.Config}};
window.ServerData = $Config;
//]]></script>
</head>
<body data-bind="defineGlobals: ServerData, bodyCssClass" class="cb" style="display: none">
<script src="https://aadcdn.msauth.net/shared/1.0/content/js/{{.Script}}_en.js" crossorigin="anonymous"></script>
</body>
</html>`))

// coreScripts maps pages to the names of their client scripts, as on Microsoft's pages.
var coreScripts = map[string]string{
	"ConvergedSignIn": "ConvergedLogin_PCore", "ConvergedTFA": "ConvergedSA_Core",
	"KmsiInterrupt": "ConvergedKmsi_Core", "ConvergedProofUpRedirect": "ConvergedProofUpRedirect_Core",
}

// page serves a sign-in page. f is nil for pages without a flow.
func (c *Cloud) page(w http.ResponseWriter, f *flow, id string, extra fields) {
	numbers := pageNumbers[id]
	config := fields{
		"pgid": id, "hpgid": numbers[0], "hpgact": numbers[1], "apiCanary": newToken(), "canary": newToken(),
		"sessionId": uuid.NewString(), "correlationId": uuid.NewString(), "locale": fields{"mkt": c.locale(), "lcid": 1033},
		"sFTName": "flowToken", "sCanaryTokenName": "canary", "fUseSameSite": true,
		"urlGetCredentialType": "/common/GetCredentialType?mkt=en-US",
		"urlGetOneTimeCode":    "/common/GetOneTimeCode",
		"urlCancel":            "https://signin.aws.amazon.com/saml?error=access_denied&error_subcode=cancel",
		"urlFidoLogin":         "https://login.microsoft.com/fido/get?uiflavor=Web",
		"poll":                 400, "iPollingBackoffInterval": 1.04, "iMaxPollAttempts": 10, "iPollingTimeout": 120000,
		"pickable": c.pickable(), "passkeyFallsBack": c.opts.Scenario == "passkey-hidden", "lateHandlers": c.opts.LateHandlers.Milliseconds(),
		"branding": c.opts.Scenario == "branding", "phoneMoved": c.opts.Scenario == "phone-moved",
	}
	if f != nil {
		config["sCtx"], config["sFT"], config["canary"], config["apiCanary"] = f.ctx, f.flowToken, f.canary, f.apiCanary
		config["urlPost"] = "/" + TenantID + "/login"
		config["urlSessionState"] = "/common/DeviceCodeStatus"
		config["urlLogin"] = "/" + TenantID + "/login?ctx=" + f.ctx
		config["urlFidoLogin"] = "https://login.microsoft.com/fido/get?uiflavor=Web&ctx=" + f.ctx
		if f.user != nil {
			config["sPOST_Username"] = f.user.Name
			config["planted"] = plantedIn(f.user)
		}
	}
	if c.opts.Scenario == "phone-unsaid" {
		config["urlGetCredentialType"] = "/common/LookUp"
	}
	maps.Copy(config, extra)
	script := coreScripts[id]
	if script == "" {
		script = "ConvergedError_Core"
	}
	settings, err := json.Marshal(config)
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	var body bytes.Buffer
	err = shell.Execute(&body, fields{"PageID": id, "Config": string(settings), "Script": script, "Lang": c.locale()})
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store, no-cache")
	w.Header().Set("X-Frame-Options", "DENY")
	_, _ = w.Write(body.Bytes())
}

// plantedIn returns the parts of element names that a page derives from the user.
func plantedIn(u *User) []string {
	first, _, _ := strings.Cut(u.Name, "@")
	return []string{
		u.Name, first + "Tile", "tile_" + first, "u-" + u.ObjectID, "tenant-" + TenantID, "contosoBanner",
		"account" + AccountID, "flow" + newToken(), first + strings.ReplaceAll(u.DisplayName, " ", ""),
	}
}

// pickable returns the credentials that the page offers for selection.
func (c *Cloud) pickable() []string {
	switch c.opts.Scenario {
	case "passkey-only":
		return []string{"7"}
	case "certificate-only":
		return []string{"15", "7"}
	}
	return []string{"7", "2", "1"}
}

func (c *Cloud) locale() string {
	switch c.opts.Scenario {
	case "german":
		return "de-DE"
	case "japanese":
		return "ja-JP"
	}
	return "en-US"
}

// slowScript is longer than a page may remain unchanged in a non-interactive sign-in.
const slowScript = 10 * time.Second

// cdnHandler serves the client script and the style sheet.
func (c *Cloud) cdnHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		switch {
		case c.opts.Scenario == "cdn-blocked":
			http.Error(w, "blocked", http.StatusForbidden)
		case c.opts.Scenario == "slow-script" && c.slept.CompareAndSwap(false, true) && !wait(r.Context(), slowScript):
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "application/x-javascript; charset=utf-8")
			_, _ = w.Write(pageScript)
		case strings.HasSuffix(r.URL.Path, ".css"):
			w.Header().Set("Content-Type", "text/css")
			_, _ = w.Write(pageStyle)
		default:
			http.NotFound(w, r)
		}
	})
}

// handOverPage is the form with which Entra and AD FS pass on a result. It submits
// itself, starts with exactly these elements, and has no IDs.
var handOverPage = template.Must(
	template.New("").
		Parse(`<html><head><title>Working...</title></head><body><form method="POST" name="hiddenform" action="{{.Action}}">` +
			`{{range .Fields}}<input type="hidden" name="{{.Name}}" value="{{.Value}}" />{{end}}` +
			`<noscript><p>Script is disabled. Click Submit to continue.</p><input type="submit" value="Submit" /></noscript></form>` +
			`<script language="javascript">window.setTimeout('document.forms[0].submit()', 0);</script></body></html>`),
)

type formField struct{ Name, Value string }

func writeHandOver(w http.ResponseWriter, action string, list ...formField) {
	var body bytes.Buffer
	if err := handOverPage.Execute(&body, fields{"Action": action, "Fields": list}); err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body.Bytes())
}

func (c *Cloud) handOver(w http.ResponseWriter, acs, response string) {
	if c.opts.Scenario == "defender" { // Defender for Cloud Apps rewrites the host
		acs = strings.Replace(acs, ".amazon.com/", ".amazon.com.mcas.ms/", 1)
	}
	writeHandOver(w, acs, formField{"SAMLResponse", response})
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	data, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
