package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/o365aws/o365aws/internal/fakecloud"
	fakegraph "github.com/o365aws/o365aws/internal/fakecloud/graph"
	"github.com/o365aws/o365aws/internal/keyringtest"
)

// TestDocumentsAreRun runs every command line of a document in order, on a terminal with
// a separate home, against the emulator. The lines of a block run in one shell.
// documents_table_linux_test.go lists lines that cannot run here, with reasons, and
// replacements for example names.
func TestDocumentsAreRun(t *testing.T) {
	t.Parallel()
	var clouds [personas]*fakecloud.Cloud
	var replies []string
	for range len(readers) * 2 {
		reply, err := replyURL()
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, reply)
	}
	clouds[engineer] = startedWith(t, fakecloud.Options{ReplyURLs: replies})
	used := map[string]bool{}
	t.Run("read", func(t *testing.T) {
		for name, lines := range moved(shownLines(t), elsewhere) {
			for d, lines := range byPersona(t, name, lines, used) {
				if len(lines) == 0 {
					continue
				}
				cloud, reply := clouds[d], replies[0]
				replies = replies[1:]
				t.Run(fmt.Sprintf("%s/%s", strings.TrimSuffix(name, ".md"), persona(d)), func(t *testing.T) {
					parallelOnCPU(t)
					if cloud == nil { // each administrator sets up a separate tenant
						cloud = startedWith(t, fakecloud.Options{Empty: true})
					}
					newDocumentUser(t, readers[name], persona(d), cloud, reply).reads(readers[name].first, lines)
				})
			}
		}
	})
	for _, row := range excused {
		if !used[row.line.String()] {
			t.Errorf("no document shows %s: remove it from the table", row.line)
		}
	}
}

// byPersona sorts lines by persona, without those that cannot run.
func byPersona(t *testing.T, document string, lines []shownLine, used map[string]bool) (sorted [personas][]shownLine) {
	for _, line := range lines {
		if i := slices.IndexFunc(excused, func(e excuse) bool { return e.line.MatchString(line.text) }); i >= 0 {
			t.Logf("not run: %s: %s", line.text, excused[i].why)
			used[excused[i].line.String()] = true
			continue
		}
		d := personaOf(document, line.text)
		sorted[d] = append(sorted[d], line)
	}
	return sorted
}

// documentUser is a simulated user who follows a document, with a home and a terminal.
type documentUser struct {
	t     *testing.T
	home  string
	names *strings.Replacer
	env   []string
}

// newDocumentUser creates a home with the files that a document assumes.
func newDocumentUser(t *testing.T, r reader, d persona, cloud *fakecloud.Cloud, reply string) *documentUser {
	t.Helper()
	home := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range standIns {
		write("bin/"+name, text, 0o700)
	}
	for name, text := range r.files {
		write(name, text, 0o600)
	}
	_, metadata := metadataOf()
	write("metadata.xml", strings.TrimPrefix(string(metadata), "\ufeff"), 0o600) // as instructed by the document
	write("ca.pem", string(cloud.CAPEM()), 0o600)
	bus, err := keyringtest.Start(false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bus.Stop)
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	p := &documentUser{t: t, home: home, names: strings.NewReplacer(append(
		slices.Clone(examples), "http://proxy.contoso.com:8080", cloud.ProxyURL(), "/etc/ssl/contoso-ca.pem",
		filepath.Join(home, "ca.pem"), "make ", "make -n -C "+root+" ",
	)...)}
	p.env = []string{
		"PATH=" + filepath.Join(home, "bin") + ":" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm", "LANG=C.UTF-8", "TZ=UTC", "AWS_PAGER=",
		"HTTPS_PROXY=" + cloud.ProxyURL(), "AWS_CA_BUNDLE=" + filepath.Join(home, "ca.pem"), "AWS_EC2_METADATA_DISABLED=true",
		"O365AWS_BROWSER_PATH=" + os.Getenv("O365AWS_BROWSER_PATH"), "O365AWS_BROWSER_ARGS=" + browserArgs(),
		"DBUS_SESSION_BUS_ADDRESS=" + bus.Address, "O365AWS_REPLY_URL=" + reply, "BROWSER=own-browser",
		"PASSWORD=" + fakecloud.Password, "GORACE=" + detector(home),
	}
	t.Cleanup(func() {
		for _, race := range races(home) {
			t.Error(race)
		}
	})
	if d != engineer {
		p.env = append(
			p.env, "AZURE_TENANT_ID="+fakecloud.TenantID, "AZURE_CLIENT_ID="+fakegraph.ProgramID,
			"AZURE_CLIENT_SECRET="+fakegraph.ProgramSecret, "AWS_ACCESS_KEY_ID="+fakecloud.AdminKeyID,
			"AWS_SECRET_ACCESS_KEY="+fakecloud.AdminSecret, "AWS_REGION=us-east-1",
		)
	}
	return p
}

// ended matches the output of a line between its markers, and its exit status.
var ended = regexp.MustCompile(`\x1e(\d+) begins\x1e\n([^\x1e]*)(?:\x1e ends (\d+)\x1e)?`)

// reads runs the lines and checks their exit statuses and output.
func (p *documentUser) reads(first string, lines []shownLine) {
	p.t.Helper()
	screen := p.types(first + "\n" + p.script(lines))
	if name := secretIn(screen); name != "" {
		p.t.Errorf("the terminal shows %s", name)
	}
	results := map[int][]string{}
	for _, found := range ended.FindAllStringSubmatch(screen, -1) {
		n, _ := strconv.Atoi(found[1])
		results[n] = found
	}
	for i, line := range lines {
		result, ran := results[i]
		want := strconv.Itoa(endings[line.text])
		switch {
		case !ran:
			p.t.Errorf("%s: not reached", line.text)
		case result[3] != want:
			p.t.Errorf("%s: got exit status %q, want %s:\n%.2000s", line.text, result[3], want, result[2])
		default:
			p.compare(line, result[2])
		}
	}
}

// script returns the shell script for the lines, with a subshell for each block. A login
// always signs in, even after an earlier one; other commands use the cached credentials.
func (p *documentUser) script(lines []shownLine) string {
	var b strings.Builder
	for i, line := range lines {
		if i == 0 || lines[i-1].block != line.block {
			b.WriteString("(\n")
		}
		text := p.names.Replace(line.text)
		for _, row := range instead {
			if row.line == line.text {
				text = p.names.Replace(row.types)
			}
		}
		force := "unset O365AWS_FORCE"
		if strings.Contains(text, "o365aws login") {
			force = "export O365AWS_FORCE=1"
		}
		fmt.Fprintf(&b, "%s\necho $'\\x1e%d begins\\x1e'\n%s\necho $'\\x1e ends '$?$'\\x1e'\n", force, i, text)
		b.WriteString(between[line.text] + "\n")
		if i == len(lines)-1 || lines[i+1].block != line.block {
			b.WriteString(")\n")
		}
	}
	return b.String()
}

// types runs a script in a shell on a terminal, answers the prompts, and returns the
// screen content.
func (p *documentUser) types(script string) string {
	p.t.Helper()
	file := filepath.Join(p.home, "typed.txt")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command("bash", "--noprofile", "--norc", file)
	cmd.Dir, cmd.Env = p.home, p.env
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: 200})
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = tty.Close() }()
	timer := time.AfterFunc(4*patience, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer timer.Stop()
	var seen []byte
	answered := 0
	for chunk := make([]byte, 4096); ; {
		n, err := tty.Read(chunk)
		seen = append(seen, chunk[:n]...)
		if keys, upTo := answer(seen, answered); keys != "" {
			answered = upTo
			if _, err := tty.WriteString(keys); err != nil {
				p.t.Fatal(err)
			}
		}
		if err != nil { // EIO after the last program has exited
			break
		}
	}
	_ = cmd.Wait() // each line has its own exit status
	return strings.ReplaceAll(string(seen), "\r\n", "\n")
}

// answer returns the keystrokes for the first unanswered prompt.
func answer(seen []byte, answered int) (keys string, upTo int) {
	for _, row := range answers {
		at := row.question.FindIndex(seen[answered:])
		if at != nil {
			return row.keys, answered + at[1]
		}
	}
	return "", answered
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]|\r")

// compare checks that the output contains, in order, the lines shown in the document.
func (p *documentUser) compare(line shownLine, got string) {
	p.t.Helper()
	plain := func(text string) string {
		text = strings.NewReplacer(p.home, "/home/ada").Replace(escapes.ReplaceAllString(text, "\n"))
		return strings.Join(strings.Fields(varies.ReplaceAllString(text, "…")), " ")
	}
	got = plain(got)
	for _, want := range line.output {
		want = plain(want)
		before, after, found := strings.Cut(got, want)
		if !found {
			p.t.Errorf("%s: got no %q (as in the document) in the rest of the output:\n%s", line.text, want, before)
			return
		}
		got = after
	}
}
