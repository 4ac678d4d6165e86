package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/o365aws/o365aws/internal/browser"
	"github.com/o365aws/o365aws/internal/testenv"
	"github.com/rogpeppe/go-internal/testscript"
)

// fullBrowserScripts also run with a full browser, as most users have. They cover the
// greatest differences: pages, prompts, errors and termination.
var fullBrowserScripts = []string{
	"access_pass", "cdn_blocked", "code", "device_mfa", "interrupts", "interrupts_more", "late_2026",
	"late_handlers", "login", "methods", "other_user", "pages", "passkey", "password", "phone_sign_in",
	"process_browser", "push", "push_other_method", "refusals", "stuck", "totp", "two_phones", "unattended",
}

// TestScriptsInFullBrowser runs some scripts of TestScripts with Chromium or Chrome
// instead of the headless shell.
func TestScriptsInFullBrowser(t *testing.T) {
	t.Parallel()
	testenv.Needs(t, "Chromium")
	path, err := browser.Find("", true, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	params := scriptParams()
	for _, name := range fullBrowserScripts {
		params.Files = append(params.Files, filepath.Join("testdata", "script", name+".txtar"))
	}
	params.Setup = func(env *testscript.Env) error {
		if err := setUpScript(env); err != nil {
			return err
		}
		env.Setenv("O365AWS_BROWSER_PATH", path)
		return nil
	}
	testscript.Run(t, params)
}
