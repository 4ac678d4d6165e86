package cli

import (
	_ "embed"
	"io"

	"github.com/urfave/cli/v2"
)

//go:embed completion/o365aws.bash
var bashCompletion string

//go:embed completion/o365aws.zsh
var zshCompletion string

//go:embed completion/o365aws.fish
var fishCompletion string

//go:embed completion/o365aws.ps1
var powershellCompletion string

func (s *invocation) completionCommand() *cli.Command {
	return &cli.Command{
		Name: "completion", Usage: "print the completion script for a shell",
		Description: "Completes commands, flags, profiles and the roles of the last sign-in. Add the line " +
			"for\nyour shell to its startup file:\n\n" +
			"   bash        source <(o365aws completion bash)\n" +
			"   zsh         source <(o365aws completion zsh)\n" +
			"   fish        o365aws completion fish | source\n" +
			"   powershell  o365aws completion powershell | Out-String | Invoke-Expression\n\n" +
			"Example: o365aws completion bash > /etc/bash_completion.d/o365aws",
		Subcommands: []*cli.Command{
			s.completionOf("bash", bashCompletion),
			s.completionOf("zsh", zshCompletion),
			s.completionOf("fish", fishCompletion),
			s.completionOf("powershell", powershellCompletion),
		},
	}
}

func (s *invocation) completionOf(name, script string) *cli.Command {
	return &cli.Command{
		Name:        name,
		Usage:       "print the completion script for " + name,
		Description: "Example: o365aws completion " + name,
		Action: func(*cli.Context) error {
			_, err := io.WriteString(s.Stdout, script)
			return err
		},
	}
}
