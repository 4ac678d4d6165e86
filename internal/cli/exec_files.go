package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

// copies holds modified copies of the AWS config files for exec --server. SDKs prefer the
// credentials of the default profile to those of the server, so a file with such
// credentials is replaced by a copy without them.
type copies struct {
	dir    string
	unlock func()
	set    []string // variables for the command
}

// copyLock is the name of the file that is locked while a folder of copies is in use.
const copyLock = "lock"

// copyFiles creates the copies that the command needs.
func (s *invocation) copyFiles(ctx context.Context, paths awsconfig.Paths) (c copies, err error) {
	c.unlock = func() {}
	defer func() {
		if err != nil {
			c.remove()
			err = fault.Wrap(fault.Config, err, "cannot prepare the AWS files of the command", "check "+paths.Home)
		}
	}()
	for _, file := range []struct{ variable, path string }{
		{"AWS_CONFIG_FILE", paths.Config}, {"AWS_SHARED_CREDENTIALS_FILE", paths.Credentials},
	} {
		data, err := securefile.Read(file.path)
		if errors.As(err, new(*securefile.UnsafeError)) {
			s.sayAfter("o365aws: note: ", "%s is hidden from the command: %s", s.tilde(file.path), err)
			c.set = append(c.set, file.variable+"="+os.DevNull)
		}
		if err != nil {
			continue // it does not exist, or the SDK cannot read it either
		}
		data, changed := awsconfig.WithoutDefaultCredentials(data)
		if !changed {
			continue
		}
		if err := c.create(ctx, paths); err != nil {
			return c, err
		}
		copied := filepath.Join(c.dir, filepath.Base(file.path))
		if err := os.WriteFile(copied, data, 0o600); err != nil {
			return c, err
		}
		c.set = append(c.set, file.variable+"="+copied)
	}
	return c, nil
}

// create creates the folder for the copies and removes those of killed processes.
func (c *copies) create(ctx context.Context, paths awsconfig.Paths) error {
	if c.dir != "" {
		return nil
	}
	unlock, err := securefile.Lock(ctx, filepath.Join(paths.Locks(), "exec"))
	if err != nil {
		return err
	}
	defer unlock()
	parent := filepath.Join(paths.Home, "exec")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	old, _ := filepath.Glob(filepath.Join(parent, "*")) // the pattern is valid
	for _, dir := range old {
		if lock, err := os.OpenFile(filepath.Join(dir, copyLock), os.O_RDWR, 0); err == nil {
			free, err := securefile.TryLock(lock)
			_ = lock.Close()
			if !free || err != nil {
				continue
			}
		}
		_ = os.RemoveAll(dir) // the next call tries again
	}
	if c.dir, err = os.MkdirTemp(parent, ""); err != nil {
		return err
	}
	release, err := securefile.Lock(ctx, filepath.Join(c.dir, copyLock))
	if err == nil {
		c.unlock = release
	}
	return err
}

// remove deletes the copies.
func (c *copies) remove() {
	c.unlock()
	if c.dir != "" {
		_ = os.RemoveAll(c.dir) // otherwise the next call does
	}
}
