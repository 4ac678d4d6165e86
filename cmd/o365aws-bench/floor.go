package main

import (
	"context"
	"crypto/rand"
	_ "embed" // for the embedded script
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/fakecloud"
	"github.com/o365aws/o365aws/internal/saml"
)

//go:embed floor.js
var floorScript string

// browserAlone starts the browser, lets the pages answer themselves, and closes it when
// they post the assertion.
func browserAlone(ctx context.Context, b *bench) (sample, error) {
	request, err := saml.NewAuthnRequest(
		"https://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/saml", time.Now(), rand.Reader,
	)
	if err != nil {
		return sample{}, err
	}
	address, err := request.URL("login.microsoftonline.com", fakecloud.TenantID, user)
	if err != nil {
		return sample{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	began := time.Now()
	err = b.answerItself(ctx, address)
	return sample{took: time.Since(began)}, err
}

func (b *bench) answerItself(ctx context.Context, address string) error {
	profile, err := os.MkdirTemp(b.home, "floor-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(profile) }()
	args := append(
		browserArgs(), "--headless=new", "--disable-gpu", "--mute-audio", "--user-data-dir="+profile,
		"--proxy-server="+b.cloud.ProxyURL(), "--ignore-certificate-errors-spki-list="+b.cloud.SPKI(),
		"--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-breakpad",
		"--disable-dev-shm-usage", "--password-store=basic", "about:blank",
	)
	p, err := startPiped(exec.CommandContext(ctx, b.browser, args...))
	if err != nil {
		return err
	}
	defer p.end()
	script := strings.NewReplacer("USERNAME", inScript(user), "PASSWORD", inScript(fakecloud.Password)).
		Replace(floorScript)
	return p.drive(address, script)
}

// inScript escapes text for a string literal in a script.
func inScript(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("a constant string: %v", err))
	}
	return string(quoted[1 : len(quoted)-1])
}
