package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/credserver"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/subprocess"
	"github.com/o365aws/o365aws/internal/termtext"
)

func (s *invocation) sshCommand() *cli.Command {
	return &cli.Command{
		Name: "ssh", Usage: "connect to another machine, where AWS tools get your credentials", ArgsUsage: "-- SSH-ARGUMENT...",
		Description: "Runs ssh and forwards a port to a local credential server, which renews the credentials. AWS\n" +
			"tools on the other machine use this server while the connection lasts. They get a token for it, not keys.\n" +
			"The token is in a file with mode 0600 that is removed when the connection ends. The SSH server must\n" +
			"allow port forwarding, which is its default.\n\n" +
			"Example: o365aws ssh --profile work --read-only -- ada@build.example.com",
		Flags:  credentialFlags(),
		Action: s.ssh,
	}
}

func (s *invocation) ssh(c *cli.Context) error {
	args := c.Args().Slice()
	dashes := slices.Index(s.args, "--")
	switch {
	case runtime.GOOS == "windows":
		return usage("ssh is not supported on Windows, whose OpenSSH cannot share a connection").Hint("use it in WSL")
	case len(args) == 0 || dashes < 0 || len(s.args)-dashes-1 != len(args):
		return usage("ssh requires the arguments of ssh after --").Hint("e.g. o365aws ssh -- ada@build.example.com")
	}
	line, err := parseSSH(args)
	if err != nil {
		return err
	}
	assumed, err := s.credentials(c)
	if err != nil {
		return err
	}
	fetch := s.fetcher(assumed)
	serving, cancel := context.WithCancel(context.WithoutCancel(c.Context))
	defer cancel()
	server, err := credserver.Start(
		serving, credserver.Options{Fetch: fetch, Now: s.Now, Random: s.Random, Log: assumed.env.Log},
	)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	connection, err := s.connectSSH(c.Context, line)
	if err != nil {
		return err
	}
	defer connection.close()
	set, err := connection.offer(server)
	if err != nil {
		return err
	}
	return subprocess.Run(subprocess.Command{
		Args: connection.command(slices.Concat(set, entries(assumed.about()))), Env: connection.env,
		Stdin: s.Stdin, Stdout: s.Stdout, Stderr: s.Stderr,
	})
}

// sshLine is an ssh command line, split into parts.
type sshLine struct {
	connect []string // options for the connection
	run     []string // all options, for the command or shell
	host    string
	command []string
}

// sshValues lists the ssh options that have a value. sshOnce lists the options that only
// the user's own session may have: forwardings, and how the command runs.
// Source: man.openbsd.org/ssh
const (
	sshValues = "BbcDEeFIiJLlmOoPpQRSWw"
	sshOnce   = "DLRWwNfTtnXxYAaqsGVOQ"
)

// parseSSH splits the arguments of ssh.
func parseSSH(args []string) (sshLine, error) {
	var line sshLine
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if len(arg) < 2 || arg[0] != '-' {
			line.host, line.command = arg, args[i+1:]
			return line, nil
		}
		option := []string{arg}
		if at := strings.IndexAny(arg[1:], sshValues); at >= 0 && at == len(arg)-2 && i+1 < len(args) {
			i++
			option = append(option, args[i])
		}
		if strings.ContainsAny(arg[1:2], "MOSfN") {
			return sshLine{}, usage("o365aws ssh cannot be combined with ssh %s", termtext.Printable(arg, 20))
		}
		line.run = append(line.run, option...)
		if !strings.ContainsAny(arg[1:2], sshOnce) {
			line.connect = append(line.connect, option...)
		}
	}
	return sshLine{}, usage("ssh requires a host").Hint("e.g. o365aws ssh -- ada@build.example.com")
}

// sshConnection is an SSH connection shared by several sessions.
type sshConnection struct {
	sshLine
	ctx    context.Context
	folder string // contains the control socket
	env    []string
	holder *exec.Cmd // removes the token file when its input is closed
	input  io.Closer
	stderr io.Writer
}

// connectSSH opens the connection. ssh may prompt for a password or a passphrase.
func (s *invocation) connectSSH(ctx context.Context, line sshLine) (*sshConnection, error) {
	if _, err := exec.LookPath("ssh"); err != nil {
		return nil, fault.New(fault.Config, "ssh is not installed", "install OpenSSH")
	}
	folder, err := os.MkdirTemp("", "o365ssh")
	if err != nil {
		return nil, err
	}
	c := &sshConnection{
		sshLine: line, ctx: ctx, folder: folder, stderr: s.Stderr,
		env: subprocess.Environ(s.Environ(), nil, slices.Concat(written, subprocess.Private)),
	}
	cmd := c.ssh(slices.Concat([]string{"-M", "-N", "-f", "-o", "ControlPersist=no"}, line.connect), "")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stderr, s.Stderr
	if err := cmd.Run(); err != nil {
		_ = os.RemoveAll(folder)
		host := termtext.Printable(line.host, 100)
		return nil, fault.Wrap(fault.Network, err, "cannot connect to "+host, "see the messages of ssh above")
	}
	return c, nil
}

// ssh returns an ssh command that uses the connection.
func (c *sshConnection) ssh(options []string, command string) *exec.Cmd {
	args := slices.Concat([]string{"-S", filepath.Join(c.folder, "s")}, options, []string{c.host})
	if command != "" {
		args = append(args, command)
	}
	cmd := exec.CommandContext(c.ctx, "ssh", args...)
	cmd.Env, cmd.Stderr = c.env, c.stderr
	return cmd
}

// tokenScript reads a token, stores it in a file that only the user can read, prints the
// path, and removes the file when the connection ends.
const tokenScript = `exec sh -c 'umask 077; f=$(mktemp) || exit; trap "rm -f \"$f\"" EXIT; trap "exit" HUP INT TERM; ` +
	`IFS= read -r token; printf %s "$token" >"$f"; echo "$f"; cat >/dev/null'`

// tokenPatience is the time limit for the remote machine to store the token.
const tokenPatience = 30 * time.Second

// offer forwards a port to the server and returns the variables through which AWS SDKs on
// the remote machine find it.
func (c *sshConnection) offer(server *credserver.Server) ([]string, error) {
	var port, why bytes.Buffer
	forward := c.ssh([]string{"-O", "forward", "-R", "127.0.0.1:0:127.0.0.1:" + server.Port()}, "")
	forward.Stdout, forward.Stderr = &port, &why
	number := func() string { return strings.TrimSpace(port.String()) }
	if err := forward.Run(); err != nil || number() == "" {
		return nil, fault.New(
			fault.Config, "the SSH server does not forward ports: "+termtext.Printable(strings.TrimSpace(why.String()), 200),
			"its sshd_config must have AllowTcpForwarding yes (or remote), and no PermitListen or DisableForwarding that "+
				"excludes it",
		)
	}
	host := "127.0.0.1:" + number()
	server.Allow(host)
	c.holder = c.ssh([]string{"-T"}, tokenScript)
	input, err := c.holder.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := c.holder.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.holder.Start(); err != nil {
		return nil, err
	}
	c.input = input
	late := time.AfterFunc(tokenPatience, func() { _ = c.holder.Process.Kill() })
	defer late.Stop()
	if _, err := io.WriteString(input, server.Token().Reveal()+"\n"); err != nil {
		return nil, fault.Wrap(fault.Network, err, "cannot store the token on the other machine")
	}
	file, err := bufio.NewReader(output).ReadString('\n')
	file = strings.TrimSpace(file)
	if err != nil || !filepath.IsAbs(file) {
		return nil, fault.Wrap(fault.Network, err, "cannot store the token on the other machine", "it needs sh and mktemp")
	}
	return []string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI=http://" + host + "/credentials", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=" + file,
	}, nil
}

// command returns the command line of the user's session.
func (c *sshConnection) command(set []string) []string {
	var script strings.Builder
	script.WriteString("exec env")
	for _, name := range slices.Concat(stale, []string{varKeyID, varSecretKey, varToken}) {
		script.WriteString(" -u " + name)
	}
	for _, entry := range set {
		script.WriteString(" " + termtext.ShellWord(entry))
	}
	options := c.run
	if len(c.sshLine.command) == 0 {
		script.WriteString(` "$SHELL" -l`)
		options = append([]string{"-t"}, options...)
	} else {
		script.WriteString(` "$SHELL" -c ` + termtext.ShellWord(strings.Join(c.sshLine.command, " ")))
	}
	return append([]string{"ssh"}, c.ssh(options, script.String()).Args[1:]...)
}

// close removes the token and closes the connection.
func (c *sshConnection) close() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), killAfter)
	defer cancel()
	c.ctx = ctx
	if c.input != nil {
		_ = c.input.Close()
		_ = c.holder.Wait()
	}
	exit := c.ssh([]string{"-O", "exit"}, "")
	exit.Stderr = nil // suppresses the exit message
	if err := exit.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		_, _ = fmt.Fprintln(c.stderr, err)
	}
	_ = os.RemoveAll(c.folder)
}
