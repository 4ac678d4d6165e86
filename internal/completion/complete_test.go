package completion

import (
	"slices"
	"strings"
	"testing"
)

var table = Command{
	Name:  "o365aws",
	Flags: []Flag{{Names: []string{"profile", "p"}, TakesValue: true, Usage: "a  profile"}, {Names: []string{"debug"}}},
	Commands: []Command{
		{
			Name: "login", Usage: "sign in",
			Flags: []Flag{{Names: []string{"role"}, TakesValue: true}, {Names: []string{"force"}, Usage: "anyway"}},
		},
		{Name: "logout"},
		{Name: "env", Flags: []Flag{{Names: []string{"shell"}, TakesValue: true, Values: []string{"sh", "fish"}}}},
		{
			Name:     "admin",
			Commands: []Command{{Name: "plan"}, {Name: "apply", Flags: []Flag{{Names: []string{"yes", "y"}}}}},
		},
	},
}

func TestComplete(t *testing.T) {
	values := func(flag string, chosen map[string]string) []Candidate {
		if flag != "role" {
			return nil
		}
		return []Candidate{{Value: flag + "-of-" + chosen["profile"], Alias: "prod/admin"}}
	}
	for line, want := range map[string]string{
		"lo":                     "login logout",
		"--new":                  "login logout env admin help",
		"--new admin":            "plan apply",
		"admin apply --y":        "--yes",
		"login --f":              "--force",
		"--new login --force":    "--help --profile --debug --role",
		"--profile dev login --": "--help --debug --role --force",
		"-p dev login --role r":  "role-of-dev",
		"login --role Prod/a":    "role-of-",
		"login --role prod/b":    "",
		"login --role=ro":        "--role=role-of-",
		"login --profile d":      "",
		"exec -- l":              "",
		"-- l":                   "",
		"login -- --f":           "",
		"":                       "login logout env admin help",
		"a=b":                    "",
		"--nope=b":               "",
		"--new --nope login":     "--help --profile --debug --role --force",
		"--new -p=x admin":       "plan apply",
		"--new admin --nope":     "plan apply",
		"login help":             "",
		"--profile= login --f":   "--force",
		"--new nothing":          "",
		"ut":                     "logout",
		"login --shell ":         "",
		"env --shell fi":         "fish",
		"--new env --shell":      "sh fish",
		"env --shell=":           "--shell=sh --shell=fish",
		"he":                     "help",
		"--new help":             "login logout env admin",
		"--new help admin":       "plan apply",
		"--new help login":       "",
		"help --":                "",
		"--new login help":       "",
	} {
		t.Run(line, func(t *testing.T) {
			text := Complete(table, strings.Fields(line), values)
			var got []string
			for _, candidate := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				value, _, _ := strings.Cut(candidate, "\t")
				got = append(got, value)
			}
			if have := strings.Join(got, " "); have != want {
				t.Errorf("got %q, want %q", have, want)
			}
		})
	}
}

// Each line contains a candidate, a tab and its description.
func TestDescriptions(t *testing.T) {
	values := func(string, map[string]string) []Candidate {
		return []Candidate{{Value: "x", About: "a\nb"}, {Value: "xy"}}
	}
	if got, want := Complete(table, []string{"login", "--role", "x"}, values), "x\ta b\nxy\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProfiles(t *testing.T) {
	got := Profiles([]byte("[default]\nazure_default_role_arn = arn:x\n[profile dev]\n[services y]\n"))
	if want := []Candidate{{Value: "default", About: "arn:x"}, {Value: "dev"}}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRoles(t *testing.T) {
	arns := []string{"arn:aws:iam::111122223333:role/azure/admin", "broken", "arn:aws:iam::444455556666:role/reader"}
	got := Roles(arns, map[string]string{"111122223333": "prod"})
	want := []Candidate{
		{Value: "111122223333/admin", About: "prod", Alias: "prod/admin"},
		{Value: "444455556666/reader", Alias: "/reader"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
