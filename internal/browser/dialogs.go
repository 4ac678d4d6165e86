package browser

import (
	cdpbrowser "github.com/chromedp/cdproto/browser"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// dismissDialogs denies downloads, and makes a headless browser dismiss every dialog of
// the page and close other windows: a page does not respond to commands while it, or a
// window that it opened, has an open dialog. See also answerChallenges and the flag
// deny-permission-prompts.
func (p *page) dismissDialogs() error {
	deny := cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorDeny}
	if _, err := chromedp.CallBrowser(p.tab, cdpbrowser.SetDownloadBehavior, deny); err != nil || p.visible {
		return err
	}
	err := chromedp.Listen(p.tab, func(event any) {
		if e, ok := event.(*cdppage.EventJavascriptDialogOpening); ok {
			go p.dismiss(e.Type)
		}
	})
	if err != nil {
		return err
	}
	own := chromedp.FromContext(p.tab).Target.TargetID
	err = chromedp.ListenBrowser(p.tab, func(event any) {
		if e, ok := event.(*target.EventTargetCreated); ok && e.TargetInfo.Type == "page" && e.TargetInfo.TargetID != own {
			go p.closeWindow(e.TargetInfo.TargetID)
		}
	})
	if err != nil {
		return err
	}
	yes := true
	_, err = chromedp.Call(
		p.tab, cdppage.SetInterceptFileChooserDialog,
		cdppage.SetInterceptFileChooserDialogParams{Enabled: true, Cancel: &yes},
	)
	return err
}

func (p *page) closeWindow(id target.ID) {
	p.log.Debug("window of the page closed")
	_, err := chromedp.CallBrowser(p.tab, target.CloseTarget, target.CloseTargetParams{TargetID: id})
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("window of the page not closed", "error", firstLine(err))
	}
}

// dismiss cancels a dialog, except beforeunload, which it confirms to leave the page.
func (p *page) dismiss(kind cdppage.DialogType) {
	p.log.Debug("dialog dismissed", "type", kind)
	_, err := chromedp.Call(
		p.tab, cdppage.HandleJavaScriptDialog,
		cdppage.HandleJavaScriptDialogParams{Accept: kind == cdppage.DialogTypeBeforeunload},
	)
	if err != nil && p.tab.Err() == nil {
		p.log.Debug("dialog not dismissed", "error", firstLine(err))
	}
}
