package main

import (
	"context"
	"errors"

	"github.com/o365aws/o365aws/internal/brokertest"
	"github.com/o365aws/o365aws/internal/keyringtest"
)

// Sign-in with the device's identity broker, which only Linux has, compared with the
// other ways to sign in.
var (
	deviceLogin = measurement{
		name: "device-login", aim: 0.5, prepare: startDevice,
		ours: program("o365aws login by the device", "login", "--force").with(
			"O365AWS_DEVICE=required", "O365AWS_REMEMBER=none",
		),
		floor: program("o365aws login in a headless browser", "login", "--force").with(
			"O365AWS_DEVICE=none", "O365AWS_REMEMBER=none",
		),
	}
	deviceRenewal = measurement{
		name: "device-renewal", aim: 1.5, prepare: startDevice,
		ours: program("o365aws login by the device", "login", "--force").with(
			"O365AWS_DEVICE=required", "O365AWS_REMEMBER=none",
		),
		floor: program("o365aws login by the stored session", "login", "--force").with("O365AWS_DEVICE=none"),
	}
)

// with returns w with additional environment variables.
func (w way) with(environ ...string) way {
	return way{w.what, func(ctx context.Context, b *bench) (sample, error) {
		extended := *b
		extended.env = append(b.env[:len(b.env):len(b.env)], environ...)
		return w.run(ctx, &extended)
	}}
}

// startDevice starts a keyring and an identity broker on a private bus, and signs in once
// to store a session.
func startDevice(ctx context.Context, b *bench) error {
	bus, err := keyringtest.Start(false)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, bus.Stop)
	broker, err := brokertest.Start(bus.Address, brokertest.Options{
		Accounts: []string{user}, Issue: b.cloud.IssueDeviceCredential,
	})
	if err != nil {
		return err
	}
	b.closers = append(b.closers, broker.Stop)
	b.env = append(b.env, "DBUS_SESSION_BUS_ADDRESS="+bus.Address)
	if _, err := program("", "login").with("O365AWS_DEVICE=none").run(ctx, b); err != nil {
		return err
	}
	if problems := broker.Problems(); len(problems) > 0 {
		return errors.New(problems[0])
	}
	return nil
}
