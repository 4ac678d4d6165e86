package browser

import (
	"context"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/o365aws/o365aws/internal/entra"
)

// Skeleton returns the elements of the page without texts and values.
func (b *Browser) Skeleton(ctx context.Context) (string, error) {
	var text string
	err := b.page.evaluate(ctx, entra.SkeletonScript, &text)
	return text, err
}

// Screenshot returns a screenshot of the page as PNG. Unlike all other diagnostics, it
// shows the content of the page, including the user's name.
func (b *Browser) Screenshot(ctx context.Context) ([]byte, error) {
	limited, cancel := context.WithTimeout(b.page.tab, browserLimit)
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	result, err := chromedp.Call(limited, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{})
	return result.Data, err
}
