package awsconfig

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/o365aws/o365aws/internal/testenv"
)

// profileValues maps profiles to their settings, as read by a tool. If the tool rejects
// the files, there is a profile "error".
type profileValues map[string]any

// readByPython returns the settings that the AWS CLI ("aws") and boto3 read in each
// folder. One process reads all folders.
func readByPython(t *testing.T, folders ...string) map[string]map[string]profileValues {
	t.Helper()
	return runPython(t, folders)
}

// runPython runs read_profiles.py.
func runPython(t *testing.T, folders []string, arguments ...string) map[string]map[string]profileValues {
	t.Helper()
	testenv.Needs(t, "aws", "boto3")
	cmd := exec.Command("python3", append([]string{filepath.Join("testdata", "read_profiles.py")}, arguments...)...)
	cmd.Stdin = strings.NewReader(strings.Join(folders, "\n"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3 with awscli and boto3: %v (make test installs them)", err)
	}
	var result map[string]map[string]profileValues
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// readByGo returns the settings of a profile that the AWS SDK for Go reads, or the error.
func readByGo(t *testing.T, folder, profile string) any {
	t.Helper()
	read, err := config.LoadSharedConfigProfile(t.Context(), profile, func(o *config.LoadSharedConfigOptions) {
		o.ConfigFiles = []string{filepath.Join(folder, "config")}
		o.CredentialsFiles = []string{filepath.Join(folder, "credentials")}
	})
	if err != nil {
		return strings.ReplaceAll(err.Error(), folder, "FOLDER")
	}
	return read
}

// folderWith returns a folder with a config and a credentials file.
func folderWith(t *testing.T, config, credentials []byte) string {
	t.Helper()
	folder := t.TempDir()
	for name, data := range map[string][]byte{"config": config, "credentials": credentials} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
