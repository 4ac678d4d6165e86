package browser

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// Scripts of a page can replace every function of their JavaScript world. Therefore the
// host of the page comes from the browser, not from a script, and secrets are typed from
// an isolated world, which shares the elements of the page but not its scripts.

// top is the current document, as reported by the browser.
type top struct {
	mu     sync.Mutex
	loader string // changes with the document
	origin *url.URL
	worlds map[string]string // unique IDs of contexts by name
	made   int
}

func (p *page) followTop() error {
	return chromedp.Listen(p.tab, func(event any) {
		p.top.mu.Lock()
		defer p.top.mu.Unlock()
		switch e := event.(type) {
		case *cdppage.EventFrameNavigated:
			if e.Frame.ParentID != "" {
				return
			}
			p.top.loader = string(e.Frame.LoaderID)
			if origin, err := url.Parse(e.Frame.URL); err == nil {
				p.top.origin = origin
			} else {
				p.top.origin = &url.URL{}
			}
		case *runtime.EventExecutionContextCreated:
			if strings.HasPrefix(e.Context.Name, worldName) {
				p.top.worlds[e.Context.Name] = e.Context.UniqueID
			}
		}
	})
}

func (p *page) document() (loader string, origin *url.URL) {
	p.top.mu.Lock()
	defer p.top.mu.Unlock()
	return p.top.loader, p.top.origin
}

// located returns the snapshot with the host that the browser reports, because a script
// of the page may have forged the host in snap.
func located(snap entra.Snapshot, origin *url.URL) entra.Snapshot {
	if origin == nil { // only the empty document
		return snap
	}
	host := strings.ToLower(origin.Host)
	if snap.Host != host {
		snap.Host, snap.URL = host, origin.Scheme+"://"+host
	}
	snap.Secure = origin.Scheme == "https"
	return snap
}

const worldName = "o365aws-"

// evaluateIsolated evaluates a script in a new isolated world of the current document.
// The world ends with the document, so that a script for one page never runs in the next.
func (p *page) evaluateIsolated(ctx context.Context, script string, result any) error {
	limited, cancel := context.WithTimeout(p.tab, evaluateLimit)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	tree, err := chromedp.Call(limited, cdppage.GetFrameTree, cdp.Empty{})
	if err != nil {
		return err
	}
	p.top.mu.Lock()
	p.top.made++
	name := fmt.Sprintf("%s%d", worldName, p.top.made)
	p.top.mu.Unlock()
	_, err = chromedp.Call(
		limited, cdppage.CreateIsolatedWorld,
		cdppage.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: name},
	)
	if err != nil {
		return err
	}
	p.top.mu.Lock()
	world := p.top.worlds[name] // the event precedes the response
	delete(p.top.worlds, name)
	p.top.mu.Unlock()
	if world == "" {
		return errors.New("no isolated world in the page")
	}
	return p.evaluate(ctx, script, result, func(params *runtime.EvaluateParams) { params.UniqueContextID = world })
}
