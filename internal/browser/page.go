package browser

import (
	"context"
	_ "embed" // for the embedded scripts
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/secret"
)

//go:embed fill.js
var fillScript string

//go:embed passkey.js
var passkeyScript string

//go:embed click.js
var clickScript string

// evaluateLimit is the time limit for one evaluation, because a page that is being
// replaced may never respond.
const evaluateLimit = 4 * time.Second

// browserLimit is the time limit for commands to the browser itself, such as for cookies
// or a screenshot. They can be slow on a busy machine and are not retried.
const browserLimit = 10 * time.Second

// page implements entra.Page for a tab.
type page struct {
	tab      context.Context
	log      *slog.Logger
	changed  chan struct{}
	captured chan secret.Text
	gone     chan struct{}
	failure  atomic.Value // net error code of the last failed navigation
	top      top
	answers  answers
	traffic  traffic
	received received

	fingerprint   entra.Fingerprint
	visible       bool
	proxyPassword secret.Text
	header        *Document
	blocked       func(address string) bool
	certificates  Certificates
}

func newPage(tab context.Context, o Options) (*page, error) {
	p := &page{
		tab: tab, log: o.Log, visible: o.Visible, proxyPassword: o.ProxyPassword, header: o.Document, blocked: o.Blocked,
		certificates: o.Certificates,
		changed:      make(chan struct{}, 1), captured: make(chan secret.Text, 1), gone: make(chan struct{}),
	}
	p.top.worlds = map[string]string{}
	if err := p.followTop(); err != nil {
		return nil, err
	}
	if err := p.followTraffic(); err != nil {
		return nil, err
	}
	if err := p.answerChallenges(); err != nil {
		return nil, err
	}
	if err := p.identify(o); err != nil {
		return nil, err
	}
	if err := p.capture(); err != nil {
		return nil, err
	}
	if err := p.dismissDialogs(); err != nil {
		return nil, err
	}
	if err := p.observe(); err != nil {
		return nil, err
	}
	if err := p.listen(); err != nil {
		return nil, err
	}
	detached, err := chromedp.Detached(tab)
	if err != nil {
		return nil, err
	}
	go func() {
		select {
		case <-detached:
		case <-tab.Done():
		}
		close(p.gone)
	}()
	return p, nil
}

// observe makes the page report changes.
func (p *page) observe() error {
	err := chromedp.Listen(p.tab, func(event any) {
		switch event.(type) {
		case *runtime.EventBindingCalled, *cdppage.EventLoadEventFired, *cdppage.EventFrameStoppedLoading:
			p.tell()
		}
	})
	if err != nil {
		return err
	}
	binding := runtime.AddBindingParams{Name: "__o365awsChanged"}
	if _, err := chromedp.Call(p.tab, runtime.AddBinding, binding); err != nil {
		return err
	}
	if err := p.inject(entra.ObserverScript); err != nil || p.visible {
		return err
	}
	return p.inject(passkeyScript)
}

// Prepare implements entra.Page.
func (p *page) Prepare(_ context.Context, preference entra.Preference) error {
	return p.inject(preference.Script())
}

// inject adds a script that runs in every document before the document's own scripts.
func (p *page) inject(script string) error {
	_, err := chromedp.Call(
		p.tab, cdppage.AddScriptToEvaluateOnNewDocument,
		cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script},
	)
	return err
}

func (p *page) tell() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// Navigate implements entra.Page. It ignores errors: the browser also reports one for a
// navigation that the capture has aborted, and a real one is shown as a page.
func (p *page) Navigate(_ context.Context, url string) error {
	go func() {
		result, err := chromedp.Call(p.tab, cdppage.Navigate, cdppage.NavigateParams{URL: url})
		p.failure.Store(strings.TrimPrefix(result.ErrorText, "net::"))
		if err != nil && p.tab.Err() == nil {
			p.log.Debug("navigation ended", "error", err)
		}
		p.tell()
	}()
	return nil
}

// Snapshot implements entra.Page. Checking for https is sufficient: instead of a page
// with a certificate error, the browser shows its own error page.
func (p *page) Snapshot(ctx context.Context) (entra.Snapshot, error) {
	var snap entra.Snapshot
	before, origin := p.document()
	if err := p.evaluate(ctx, entra.SnapshotScript, &snap); err != nil {
		var now entra.Snapshot
		p.traffic.state(&now)
		return entra.Snapshot{Awaits: now.Awaits}, p.passing(ctx, err)
	}
	if after, _ := p.document(); after != before {
		return entra.Snapshot{}, nil // it may belong to either document
	}
	snap = located(snap, origin)
	begun, verdict := p.answers.get()
	if begun != (entra.Begun{}) {
		snap.Begun = begun
	}
	snap.Verdict = verdict
	p.traffic.state(&snap)
	if code, ok := p.failure.Load().(string); ok && snap.Host == entra.ErrorPageHost && snap.ErrorCode == "" {
		snap.ErrorCode = code
	}
	return snap, nil
}

type outcome struct {
	Done bool   `json:"done"`
	Host string `json:"host"` // set if the page must not receive the text
	Why  string `json:"why"`
}

// Fill implements entra.Page. It checks the page and types in a single evaluation in an
// isolated world, so that nothing can happen in between and no script of the page can
// affect the check.
func (p *page) Fill(ctx context.Context, selector string, text secret.Text, hosts []string) (bool, error) {
	var o outcome
	if err := p.evaluateIsolated(ctx, call(fillScript, selector, text.Reveal(), hosts), &o); err != nil {
		return false, p.passing(ctx, err)
	}
	switch {
	case o.Host != "":
		return false, &entra.WrongHostError{Host: o.Host, Why: o.Why}
	case !o.Done:
		p.log.Debug("nothing typed", "selector", selector, "why", o.Why)
	}
	return o.Done, nil
}

// Click implements entra.Page.
func (p *page) Click(ctx context.Context, selector string, nth int) (bool, error) {
	var o outcome
	if err := p.evaluate(ctx, call(clickScript, selector, nth), &o); err != nil {
		// The click may have started a navigation that ended the evaluation.
		err = p.passing(ctx, err)
		return err == nil, err
	}
	if !o.Done {
		p.log.Debug("nothing clicked", "selector", selector, "why", o.Why)
	}
	return o.Done, nil
}

// call returns JavaScript that calls function with args.
func call(function string, args ...any) string {
	encoded := make([]string, len(args))
	for i, arg := range args {
		data, err := json.Marshal(arg)
		if err != nil {
			panic(fmt.Sprintf("argument of a script: %v", err)) // strings and numbers can always be encoded
		}
		encoded[i] = string(data)
	}
	return "(" + strings.TrimSpace(function) + ")(" + strings.Join(encoded, ",") + ")"
}

func (p *page) evaluate(ctx context.Context, script string, result any, options ...chromedp.EvaluateOption) error {
	limited, cancel := context.WithTimeout(p.tab, evaluateLimit)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	data, err := chromedp.Run(
		limited, chromedp.Evaluate[[]byte](script, append(options, chromedp.EvalAsValue, withGesture)...),
	)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, result)
}

func withGesture(params *runtime.EvaluateParams) {
	yes := true
	params.UserGesture = &yes
}

// passing returns nil for an error of an evaluation that is only due to the replacement
// of the document. chromedp also returns "context canceled" if the browser has crashed.
func (p *page) passing(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case p.tab.Err() != nil || isClosed(p.gone):
		return fault.New(
			fault.Browser, "the browser ended in the middle of the sign-in",
			"run the command again; --debug shows what it did",
		)
	}
	p.log.Debug("page is being replaced", "error", firstLine(err))
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if len(line) > 120 {
		line = line[:120]
	}
	return line
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Changed implements entra.Page.
func (p *page) Changed() <-chan struct{} { return p.changed }

// Captured implements entra.Page.
func (p *page) Captured() <-chan secret.Text { return p.captured }

// Gone implements entra.Page.
func (p *page) Gone() <-chan struct{} { return p.gone }
