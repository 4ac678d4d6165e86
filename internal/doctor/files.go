package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/o365aws/o365aws/internal/termtext"

	"github.com/o365aws/o365aws/internal/awsconfig"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/securefile"
)

func configFile(_ context.Context, w World) []Finding {
	data, err := awsconfig.ReadFile(w.Paths.Config)
	if err != nil {
		return []Finding{fail(err.Error(), advice(err))}
	}
	found := append(syntax(w.Paths.Config, data), indented(w.Paths.Config, data)...)
	found = append(found, spellings(w.Paths.Config, awsconfig.Sections(data))...)
	for _, section := range awsconfig.Sections(data) {
		found = append(found, oddSettings(w.Paths.Config, section)...)
	}
	if len(found) == 0 {
		return []Finding{readAlike(w.Paths.Config, data)}
	}
	return found
}

func credentialsFile(_ context.Context, w World) []Finding {
	data, err := awsconfig.ReadFile(w.Paths.Credentials)
	if err != nil {
		return []Finding{fail(err.Error(), advice(err))}
	}
	if found := append(syntax(w.Paths.Credentials, data), indented(w.Paths.Credentials, data)...); len(found) > 0 {
		return found
	}
	return []Finding{readAlike(w.Paths.Credentials, data)}
}

// advice returns what an error advises to do.
func advice(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Hints) > 0 {
		return f.Hints[0]
	}
	return "check its owner and permissions"
}

func readAlike(path string, data []byte) Finding {
	if len(data) == 0 {
		return ok(path + " does not exist or is empty")
	}
	return ok(path + " parses with every AWS tool")
}

// syntax returns a finding for each line that makes an AWS tool reject the file.
func syntax(path string, data []byte) []Finding {
	var found []Finding
	for _, problem := range awsconfig.Problems(data) {
		found = append(found, fail(fmt.Sprintf("%s:%d: %s", path, problem.Line, problem.Why),
			"fix that line in an editor: because of it, the AWS CLI rejects the file with all its profiles"))
	}
	return found
}

// indented finds indented settings, which only some AWS tools accept.
func indented(path string, data []byte) []Finding {
	for _, l := range awsconfig.Lines(data) {
		if l.Indented() {
			return []Finding{warn(fmt.Sprintf("%s:%d: indented setting, which the AWS CLI, boto3 and the AWS SDK for "+
				"Go read like any other, and other AWS SDKs (Java, Rust) reject", path, l.Number),
				"remove the spaces at the start of such lines if you use one of these SDKs")}
		}
	}
	return nil
}

// spellings finds sections whose profile name AWS tools read differently.
func spellings(path string, sections []awsconfig.Section) []Finding {
	var found []Finding
	first := map[string]awsconfig.Section{}
	for _, s := range sections {
		name, ok := s.Profile()
		if !ok {
			continue
		}
		where := fmt.Sprintf("%s:%d: ", path, s.Line)
		if other, twice := first[name]; twice && other.Name != s.Name {
			found = append(found, fail(fmt.Sprintf("%s[%s] and [%s] in line %d are one profile: the AWS CLI, boto3 and "+
				"o365aws use the last one, and the AWS SDK for Go [profile %s]", where, s.Name, other.Name, other.Line, name),
				"move the settings to one section"))
		}
		first[name] = s
		base, _ := awsconfig.FindProfile(sections, s.Get("o365aws_base"))
		if region := base.Get("region"); region != "" && s.Get("region") == "" {
			found = append(found, warn(where+"profile "+name+" has no region, and AWS tools do not read that of its "+
				"o365aws_base", "aws configure set region "+region+" --profile "+termtext.ShellWord(name)))
		}
		switch quoted := strings.ContainsAny(s.Name, `"'`); {
		case quoted:
			found = append(found, warn(where+"the AWS SDK for Go (Terraform) does not find profile "+name+
				" by this name, because of the quotes", "to use it there, rename the profile to a name without spaces"))
		case strings.Contains(name, " "):
			found = append(found, warn(where+"the AWS CLI and boto3 ignore this section, because the name has spaces "+
				"and no quotes", "write it as ["+awsconfig.SectionOf(name)+"]"))
		}
	}
	return found
}

// oddSettings finds unknown settings, quoted values that are used literally, and
// comments that the AWS CLI reads as part of a value.
func oddSettings(path string, s awsconfig.Section) []Finding {
	var names []string
	for _, setting := range awsconfig.Settings {
		names = append(names, setting.Key)
	}
	var found []Finding
	for i, kv := range s.KVs {
		where := fmt.Sprintf("%s:%d: ", path, s.At[i])
		ours := awsconfig.IsOwnKey(kv.Key)
		switch {
		case kv.Key == "azure_default_password":
			found = append(found, warn(
				where+"plain-text password, which o365aws does not read",
				"delete that line, or move it to the secret store: "+
					"o365aws configure import aws-azure-login --move-passwords",
			))
		case ours && !slices.Contains(names, awsconfig.Canonical(kv.Key)) && kv.Key != "o365aws_base":
			fix := "delete that line"
			if near := termtext.Nearest(kv.Key, names); near != "" {
				fix = "did you mean " + near + "?"
			}
			found = append(found, warn(where+kv.Key+" is not a setting of o365aws", fix))
		case quoted(kv.Value) && kv.Key == "region":
			found = append(found, warn(where+"the quotes are part of the value of "+kv.Key, "remove the quotes"))
		case !ours && (strings.Contains(kv.Value, " #") || strings.Contains(kv.Value, " ;")):
			found = append(
				found,
				warn(
					where+"text after # or ; in "+kv.Key+" is part of the value for some AWS tools and a "+
						"comment for others",
					"move the comment to its own line",
				),
			)
		}
	}
	return found
}

func quoted(value string) bool {
	return len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0]
}

func profiles(_ context.Context, w World) []Finding {
	if w.Unread != nil {
		return []Finding{
			fail(strings.TrimSpace(w.Unread.Error()), "fix the config file, then run o365aws doctor again"),
		}
	}
	if len(w.Profiles) == 0 {
		return []Finding{
			fail("no o365aws profile in "+w.Paths.Config, "create one: o365aws configure"),
		}
	}
	var found []Finding
	for _, l := range w.Profiles {
		if l.Err != nil {
			found = append(found, fail("profile "+l.Profile.Name+": "+l.Err.Error(), "correct that setting"))
		}
	}
	if len(found) == 0 {
		text := "1 o365aws profile"
		if n := len(w.Profiles); n > 1 {
			text = fmt.Sprintf("%d o365aws profiles", n)
		}
		found = append(found, ok(text))
	}
	return found
}

// shadowing finds settings that the AWS tools use instead of the credentials of o365aws.
func shadowing(_ context.Context, w World) []Finding {
	config, err := awsconfig.ReadFile(w.Paths.Config)
	if err != nil {
		return []Finding{skip(err.Error())}
	}
	credentials, err := awsconfig.ReadFile(w.Paths.Credentials)
	if err != nil {
		return []Finding{skip(err.Error())}
	}
	var found []Finding
	for _, l := range w.Profiles {
		for _, s := range awsconfig.Shadows(w.Paths, config, credentials, l.Profile.Name) {
			found = append(found, fail(s.String(),
				"delete that line from profile "+l.Profile.Name+", or use another profile for o365aws"))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("no setting of a profile shadows its o365aws credentials"))
	}
	return found
}

// modes finds files with secrets that other users can read, and folders that they
// can write to.
func modes(_ context.Context, w World) []Finding {
	var found []Finding
	var others *securefile.UnsafeError
	if errors.As(securefile.Home(w.Paths.Home), &others) {
		found = append(found, fail(others.Problem+", who could store credentials there",
			cmp.Or(others.Fix, "set O365AWS_HOME to a folder of your own")))
	}
	if w.GOOS == "windows" {
		return append(found, skip("Windows uses access control lists instead of modes"))
	}
	look := func(path string, folder bool) {
		info, err := os.Stat(path)
		if err != nil || securefile.Others(info, path) == 0 {
			return
		}
		mode := "600"
		if folder {
			mode = "700"
		}
		found = append(found, warn(
			fmt.Sprintf("%s has mode %o: other users of this machine can read it", path, info.Mode().Perm()),
			"chmod "+mode+" "+path,
		))
	}
	look(w.Paths.Credentials, false)
	look(w.Paths.Home, true)
	files, _ := filepath.Glob(filepath.Join(w.Paths.Home, "cache", "*"))
	for _, path := range append(files, w.Paths.Accounts()) {
		look(path, false)
	}
	if len(found) == 0 {
		found = append(found, ok("only you can read files with keys"))
	}
	return found
}

// environment finds variables that override the profile.
func environment(_ context.Context, w World) []Finding {
	var found []Finding
	if w.Env("AWS_ACCESS_KEY_ID") != "" && w.Env("O365AWS_PROFILE") == "" {
		found = append(found, warn("AWS_ACCESS_KEY_ID is set: AWS tools use it instead of the profile",
			"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"))
	}
	if name := w.Env("AWS_PROFILE"); name != "" && name != "default" && w.Unread == nil && !known(w, name) {
		found = append(found, fail("AWS_PROFILE is "+name+", which is in neither file",
			"unset AWS_PROFILE, or create the profile: o365aws configure --profile "+termtext.ShellWord(name)))
	}
	if old, name := w.Env("AWS_DEFAULT_PROFILE"), w.Env("AWS_PROFILE"); old != "" && name != "" && old != name {
		found = append(found, warn("AWS_DEFAULT_PROFILE is "+old+" and AWS_PROFILE is "+name+": the AWS CLI and boto3 "+
			"use the first, o365aws and the AWS SDK for Go the second", "unset AWS_DEFAULT_PROFILE"))
	}
	for _, setting := range awsconfig.Settings {
		for _, name := range setting.Env {
			if w.Env(name) != "" && strings.HasPrefix(strings.ToLower(name), "azure_") {
				found = append(found, warn(name+" is set and overrides "+setting.Key+" of every profile",
					"unset "+name+" unless this is intended"))
			}
		}
	}
	if len(found) == 0 {
		found = append(found, ok("no conflicting variables"))
	}
	return found
}

// known reports whether the AWS tools find a profile with this name.
func known(w World, name string) bool {
	config, _ := awsconfig.ReadFile(w.Paths.Config) // another check reports an error
	credentials, _ := awsconfig.ReadFile(w.Paths.Credentials)
	_, found := awsconfig.FindProfile(awsconfig.Sections(config), name)
	return found ||
		slices.ContainsFunc(awsconfig.Sections(credentials), func(s awsconfig.Section) bool { return s.Name == name })
}
