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
	found := syntax(w.Paths.Config, data)
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
	if found := syntax(w.Paths.Credentials, data); len(found) > 0 {
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
		return ok(path + " is not there, or empty")
	}
	return ok(path + " is read alike by all AWS tools")
}

// syntax lists every line for which some AWS tool would reject the file.
func syntax(path string, data []byte) []Finding {
	var found []Finding
	for _, problem := range awsconfig.Problems(data) {
		found = append(found, fail(fmt.Sprintf("%s:%d: %s", path, problem.Line, problem.Why),
			"mend that line in an editor: the AWS CLI rejects the whole file for it, and every profile in it is lost"))
	}
	return found
}

// oddSettings finds settings of ours that nobody reads, and notes that the
// AWS CLI takes for a part of a value.
func oddSettings(path string, s awsconfig.Section) []Finding {
	var names []string
	for _, setting := range awsconfig.Settings {
		names = append(names, setting.Key)
	}
	var found []Finding
	for i, kv := range s.KVs {
		where := fmt.Sprintf("%s:%d: ", path, s.At[i])
		ours := strings.HasPrefix(kv.Key, "o365aws_") || strings.HasPrefix(kv.Key, "azure_")
		switch {
		case kv.Key == "azure_default_password":
			found = append(found, warn(
				where+"a password in clear, which o365aws does not read",
				"delete that line, or have o365aws configure import aws-azure-login --move-passwords put it into the keychain",
			))
		case ours && !slices.Contains(names, kv.Key) && kv.Key != "o365aws_base":
			mend := "delete that line"
			if near := termtext.Nearest(kv.Key, names); near != "" {
				mend = "did you mean " + near + "?"
			}
			found = append(found, warn(where+kv.Key+" is not a setting of o365aws", mend))
		case strings.Contains(kv.Value, " #") || strings.Contains(kv.Value, " ;"):
			found = append(
				found,
				warn(
					where+"what follows # or ; in "+kv.Key+" is a part of the value to some AWS tools and a note to others",
					"put the note on a line of its own",
				),
			)
		}
	}
	return found
}

func profiles(_ context.Context, w World) []Finding {
	if w.Unread != nil {
		return []Finding{fail(strings.TrimSpace(w.Unread.Error()), "mend the config file, then look again")}
	}
	if len(w.Profiles) == 0 {
		return []Finding{
			fail("no profile of o365aws is in "+w.Paths.Config, "o365aws configure makes one from your e-mail address"),
		}
	}
	var found []Finding
	for _, l := range w.Profiles {
		if l.Err != nil {
			found = append(found, fail("profile "+l.Profile.Name+": "+l.Err.Error(), "correct that setting"))
		}
	}
	if len(found) == 0 {
		found = append(found, ok(fmt.Sprintf("%d of o365aws", len(w.Profiles))))
	}
	return found
}

// shadowing finds keys that the AWS tools take instead of asking o365aws.
func shadowing(_ context.Context, w World) []Finding {
	data, err := awsconfig.ReadFile(w.Paths.Credentials)
	if err != nil {
		return []Finding{skip(err.Error())}
	}
	var found []Finding
	for _, s := range awsconfig.Sections(data) {
		for _, l := range w.Profiles {
			if l.Profile.Name == s.Name && l.Profile.CredentialProcess != "" && s.Get("aws_access_key_id") != "" {
				found = append(found, fail(
					fmt.Sprintf(

						"%s:%d: keys of profile %s, which the AWS tools take instead of its credential_process, even when they have run out",
						w.Paths.Credentials, s.Line, s.Name,
					),
					"delete that section, or take credential_process out of the profile",
				))
			}
		}
	}
	if len(found) == 0 {
		found = append(found, ok("no keys stand in the way of a credential_process"))
	}
	return found
}

// modes finds files of ours, or with keys, that others may read, and whether
// they may write where we read.
func modes(_ context.Context, w World) []Finding {
	var found []Finding
	var others *securefile.UnsafeError
	if errors.As(securefile.Home(w.Paths.Home), &others) {
		found = append(
			found,
			fail(
				others.Problem+", who could put credentials of their own there",
				cmp.Or(others.Fix, "name a folder of your own by O365AWS_HOME"),
			),
		)
	}
	if w.GOOS == "windows" {
		return append(found, skip("Windows keeps access lists instead of modes"))
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
		found = append(
			found,
			warn(
				fmt.Sprintf("%s has mode %o: other users of this machine may read it", path, info.Mode().Perm()),
				"chmod "+mode+" "+path,
			),
		)
	}
	look(w.Paths.Credentials, false)
	look(w.Paths.Home, true)
	files, _ := filepath.Glob(filepath.Join(w.Paths.Home, "cache", "*"))
	for _, path := range append(files, w.Paths.Accounts()) {
		look(path, false)
	}
	if len(found) == 0 {
		found = append(found, ok("only you may read what holds keys"))
	}
	return found
}

// environment finds variables that win over the profile.
func environment(_ context.Context, w World) []Finding {
	var found []Finding
	if w.Env("AWS_ACCESS_KEY_ID") != "" && w.Env("O365AWS_PROFILE") == "" {
		found = append(
			found,
			warn(
				"AWS_ACCESS_KEY_ID is set: AWS tools take it and not the profile",
				"unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
			),
		)
	}
	if name := w.Env("AWS_PROFILE"); name != "" && name != "default" && w.Unread == nil && !known(w, name) {
		found = append(
			found,
			fail(
				"AWS_PROFILE is "+name+", which is a profile of neither file",
				"unset AWS_PROFILE, or o365aws configure --profile "+name,
			),
		)
	}
	for _, setting := range awsconfig.Settings {
		for _, name := range setting.Env {
			if w.Env(name) != "" && strings.HasPrefix(strings.ToLower(name), "azure_") {
				found = append(
					found,
					warn(
						name+" is set: it wins over "+setting.Key+" of every profile",
						"unset "+name+", unless you mean it",
					),
				)
			}
		}
	}
	if len(found) == 0 {
		found = append(found, ok("no variable stands in the way"))
	}
	return found
}

// known reports whether the AWS tools find a profile of a name.
func known(w World, name string) bool {
	config, _ := awsconfig.ReadFile(w.Paths.Config) // that it cannot be read is found elsewhere
	credentials, _ := awsconfig.ReadFile(w.Paths.Credentials)
	return slices.ContainsFunc(
		awsconfig.Sections(config), func(s awsconfig.Section) bool { return s.Name == awsconfig.SectionOf(name) },
	) ||
		slices.ContainsFunc(awsconfig.Sections(credentials), func(s awsconfig.Section) bool { return s.Name == name })
}
