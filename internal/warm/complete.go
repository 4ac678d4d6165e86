package warm

import (
	"os"

	"github.com/o365aws/o365aws/internal/completion"
	"github.com/o365aws/o365aws/internal/home"
)

// Complete answers the scripts of completion. False leaves it to the slow way,
// which says the same.
func Complete(args []string, env func(string) string, userHome func() (string, error)) (string, bool) {
	if len(args) < 3 || args[1] != completion.Name {
		return "", false
	}
	return completion.Complete(completion.Kept(), args[2:], func(flag string, chosen map[string]string) ([]completion.Candidate, bool) {
		if flag != "profile" && flag != "role" {
			return nil, true
		}
		folder, err := userHome()
		if err != nil {
			return nil, false
		}
		paths := home.Resolve(env, folder)
		if flag == "profile" {
			return profiles(paths)
		}
		return roles(paths, home.Profile(chosen["profile"], env))
	})
}

func profiles(paths home.Paths) ([]completion.Candidate, bool) {
	config, err := os.ReadFile(paths.Config)
	if err != nil && !os.IsNotExist(err) {
		return nil, false
	}
	return shown(completion.Profiles(config))
}

func roles(paths home.Paths, profile string) ([]completion.Candidate, bool) {
	data, err := os.ReadFile(paths.Offered())
	if os.IsNotExist(err) {
		return nil, true
	}
	offered, ok := readLists(data)
	names, known := accounts(paths)
	if err != nil || !ok || !known {
		return nil, false
	}
	return shown(completion.Roles(offered[profile], names))
}

// shown passes on candidates whose explanations can be shown as they are.
func shown(list []completion.Candidate) ([]completion.Candidate, bool) {
	for _, c := range list {
		if !plain(c.About, completion.MaxAbout) {
			return nil, false
		}
	}
	return list, true
}
