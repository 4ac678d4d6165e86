package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/configure"
	"github.com/o365aws/o365aws/internal/console"
	"github.com/o365aws/o365aws/internal/saml"
	"github.com/o365aws/o365aws/internal/shell"
)

// completeName is the command that the scripts of completion call with the
// words of a command line, the last being the one at the cursor. It answers
// with one candidate a line, and after a tab what it is.
const completeName = "__complete"

// newWord stands before the words when the one at the cursor is empty, for
// shells that cannot pass an empty argument.
const newWord = "--new"

// candidate is one way to go on.
type candidate struct{ value, about string }

func (s *session) complete(words []string) error {
	if len(words) > 0 && words[0] == newWord {
		words = append(words[1:], "")
	}
	if len(words) == 0 {
		words = []string{""}
	}
	var b strings.Builder
	for _, c := range s.candidates(words[:len(words)-1], words[len(words)-1]) {
		b.WriteString(c.value)
		if c.about != "" {
			b.WriteString("\t" + strings.ReplaceAll(c.about, "\n", " "))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(s.Stdout, b.String())
	return err
}

// candidates are what may stand at the cursor after the words before it.
func (s *session) candidates(before []string, current string) []candidate {
	if slices.Contains(before, "--") {
		return nil // the command of exec: the shell knows better
	}
	commands, flags := s.commands(), commonFlags()
	path := []string{}
	chosen := map[string]string{} // flags with their values
	var open string               // the flag whose value comes next
	for _, word := range before {
		name, value, joined := strings.Cut(strings.TrimLeft(word, "-"), "=")
		switch {
		case open != "":
			chosen[open], open = word, ""
		case strings.HasPrefix(word, "-"):
			f := flagNamed(flags, name)
			if f != nil && !joined && wantsValue(f) {
				open = f.Names()[0]
			} else if f != nil {
				chosen[f.Names()[0]] = value
			}
		default:
			i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.Name == word })
			if i < 0 {
				return nil
			}
			path = append(path, word)
			flags, commands = append(commonFlags(), commands[i].Flags...), commands[i].Subcommands
		}
	}
	flag, part, joined := strings.Cut(current, "=")
	switch {
	case open != "":
		return fitting(s.values(open, chosen), "", current)
	case joined && strings.HasPrefix(flag, "-"):
		f := flagNamed(flags, strings.TrimLeft(flag, "-"))
		if f == nil {
			return nil
		}
		return fitting(s.values(f.Names()[0], chosen), flag+"=", part)
	case strings.HasPrefix(current, "-"):
		return fitting(flagCandidates(flags, chosen), "", current)
	}
	var list []candidate
	for _, c := range commands {
		list = append(list, candidate{c.Name, c.Usage})
	}
	if len(list) == 0 && current == "" && len(path) > 0 {
		list = flagCandidates(flags, chosen)
	}
	return fitting(list, "", current)
}

func flagNamed(flags []cli.Flag, name string) cli.Flag {
	i := slices.IndexFunc(flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
	if i < 0 {
		return nil
	}
	return flags[i]
}

func wantsValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return ok && d.TakesValue()
}

func flagCandidates(flags []cli.Flag, chosen map[string]string) []candidate {
	list := []candidate{{"--help", "show help"}}
	for _, f := range flags {
		name := f.Names()[0]
		if _, given := chosen[name]; given {
			continue
		}
		usage := ""
		if d, ok := f.(cli.DocGenerationFlag); ok {
			usage = d.GetUsage()
		}
		list = append(list, candidate{"--" + name, usage})
	}
	return list
}

// fitting are the candidates that begin with what is typed, or, when none do,
// that hold it: roles are remembered by their name and written by account.
func fitting(list []candidate, prefix, typed string) []candidate {
	var begin, hold []candidate
	for _, c := range list {
		whole := candidate{prefix + c.value, c.about}
		switch {
		case strings.HasPrefix(c.value, typed):
			begin = append(begin, whole)
		case strings.Contains(strings.ToLower(c.value), strings.ToLower(typed)):
			hold = append(hold, whole)
		}
	}
	if len(begin) > 0 {
		return begin
	}
	return hold
}

// values are what may follow a flag.
func (s *session) values(flag string, chosen map[string]string) []candidate {
	fixed := map[string][]string{
		"output": {"text", "json"}, "color": {"auto", "always", "never"}, "browser": {"headless", "visible", "system"},
		"shell": shell.Names(), "style": {string(configure.Process), string(configure.File)}, "cloud": {"global", "usgov", "china"},
		"service": console.Services(), "duration": {"1h", "2h", "4h", "8h", "12h"}, "min-ttl": {"15m", "30m", "1h"},
		"region": regions, "name-template": {configure.DefaultTemplate, "{alias}-{role}"},
	}
	var list []candidate
	for _, value := range fixed[flag] {
		list = append(list, candidate{value, ""})
	}
	paths, err := s.paths()
	if err != nil {
		return list
	}
	switch flag {
	case "profile":
		return profileCandidates(paths)
	case "role":
		return roleCandidates(paths, first(chosen["profile"], s.Getenv(varProfile), s.Getenv("AWS_PROFILE"), "default"))
	}
	return list
}

// profileCandidates reads the file line by line: completion must not wait for
// all of it to be understood.
func profileCandidates(paths awsconfig.Paths) []candidate {
	config, err := awsconfig.ReadFile(paths.Config)
	if err != nil {
		return nil
	}
	var list []candidate
	for _, section := range awsconfig.Sections(config) {
		if name, ok := section.Profile(); ok {
			list = append(list, candidate{name, saml.Printable(section.Get("azure_default_role_arn"), maxCell)})
		}
	}
	return list
}

func roleCandidates(paths awsconfig.Paths, profile string) []candidate {
	names := awsconfig.AccountNames(paths)
	var list []candidate
	for _, arn := range awsconfig.Offered(paths, profile) {
		r := saml.Role{ARN: arn}
		if r.Name() != "" {
			list = append(list, candidate{fmt.Sprintf("%s/%s", r.Account(), r.Name()), saml.Printable(names[r.Account()], maxCell)})
		}
	}
	return list
}

// regions are AWS's most used, and one of each other partition.
var regions = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
	"eu-west-1", "eu-west-2", "eu-west-3", "ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "af-south-1",
	"me-central-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1",
}
