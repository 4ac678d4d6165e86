package main

import "context"

// httpLogin compares a sign-in over HTTP with one in a headless browser.
var httpLogin = measurement{
	name: "http-login", aim: 0.5, peakAim: 40e6,
	ours:  program("o365aws login over HTTP", "login", "--force", "--browser", "none"),
	floor: program("o365aws login in a headless browser", "login", "--force"),
}

// coldLogin compares a complete sign-in without a second factor with the browser alone:
// the same browser and flags load the same pages, in which a script answers as soon as
// possible.
var coldLogin = measurement{
	name: "cold-login", aim: 1.5, peakAim: 40e6,
	ours: way{"o365aws login", func(ctx context.Context, b *bench) (sample, error) {
		return b.command(ctx, b.program, "login", "--force")
	}},
	floor: way{"the browser alone", browserAlone},
}
