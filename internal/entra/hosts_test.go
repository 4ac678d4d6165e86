package entra

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/o365aws/o365aws/internal/fault"
)

// Only these hosts may receive a password or a code.
func TestSecretHosts(t *testing.T) {
	want := map[string][]string{
		"global": {"login.microsoftonline.com"},
		"usgov":  {"login.microsoftonline.us"},
		"china":  {"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"},
	}
	for _, c := range Clouds() {
		if !slices.Equal(c.SecretHosts, want[c.Name]) || c.LoginHost != c.SecretHosts[0] {
			t.Errorf("%s: %q, beginning at %s", c.Name, c.SecretHosts, c.LoginHost)
		}
		for _, host := range c.PassHosts {
			if slices.Contains(c.SecretHosts, host) {
				t.Errorf("%s: %s is passed through, and gets secrets", c.Name, host)
			}
		}
		if got, ok := CloudByName(c.Name); !ok || got.LoginHost != c.LoginHost {
			t.Errorf("%s by its name: %+v", c.Name, got)
		}
		if got, ok := cloudByHost(strings.ToUpper(c.LoginHost)); !ok || got.Name != c.Name {
			t.Errorf("%s by its host: %+v", c.Name, got)
		}
		delete(want, c.Name)
	}
	if c, ok := CloudByName(""); !ok || c.Name != "global" || len(want) > 0 {
		t.Errorf("without a name: %+v; missing %v", c, want)
	}
	if c, ok := CloudByName("globa"); ok {
		t.Errorf("an unknown cloud: %+v", c)
	}
}

// On a host that imitates Microsoft's, or without TLS, nothing is typed or clicked,
// regardless of the page.
func TestNoActionOnForeignHosts(t *testing.T) {
	for _, host := range []string{
		"login.microsoftonline.com.evil.example", "evil-login.microsoftonline.com", "microsoftonline.com", "login.microsoft.com.evil.example", "x.login.windows.net",
		"fs.contoso.example.evil.example", "LOGIN.MICROSOFTONLINE.COM", "login.microsoftonline.com:8443", "insecure",
	} {
		for _, state := range []string{"keep-signed-in", "password", "mfa-code", "confirm-app", "federated-form"} {
			page := saved[state]
			page.Host = host
			p := newScript(page)
			if host == "insecure" {
				p.pages[0].Host, p.pages[0].Secure = "login.microsoftonline.com", false
			}
			who := &fakeUser{passwords: []string{"x"}, codes: []string{"123456"}}
			_, err := drive(t, p, who, func(d *Driver) { d.LoginHosts = []string{"fs.contoso.example"} })
			if fault.KindOf(err) != fault.Auth || len(p.typed)+len(p.clicked)+len(who.asked) > 0 {
				t.Errorf("%s, %s: typed %q, clicked %q, %v", host, state, p.typed, p.clicked, err)
			}
		}
	}
}

// A Microsoft host that only redirects receives no secret either.
func TestNoSecretsOnRedirectHosts(t *testing.T) {
	page := saved["password"]
	page.Host = "login.windows.net"
	p := newScript(page)
	_, err := drive(t, p, &fakeUser{passwords: []string{"x"}}, nil)
	if fault.KindOf(err) != fault.Auth || !strings.Contains(err.Error(), "login.windows.net") ||
		len(p.typed)+len(p.clicked) > 0 {
		t.Errorf("typed %q, clicked %q, %v", p.typed, p.clicked, err)
	}
}

// A federated form receives the password only on a host that the profile allows. Versions
// of AD FS have different fields.
func TestFederatedHost(t *testing.T) {
	_, err := drive(t, newScript(saved["federated-form"]), &fakeUser{passwords: []string{"x"}}, nil)
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Auth ||
		!strings.Contains(strings.Join(f.Hints, " "), "o365aws_login_hosts = fs.contoso.example") {
		t.Errorf("not allowed: %v", err)
	}
	allow := func(d *Driver) { d.LoginHosts = []string{"fs.contoso.example"} }
	old := saved["federated-form"]
	old.IDs = []string{"ContentPlaceHolder1_PasswordTextBox"}
	for _, c := range []struct {
		page           Snapshot
		typed, clicked []string
	}{
		{saved["federated-form"], []string{"#userNameInput=ada@contoso.example", "#passwordInput=x"}, []string{"#submitButton"}},
		{
			old,
			[]string{"#ContentPlaceHolder1_UsernameTextBox=ada@contoso.example", "#ContentPlaceHolder1_PasswordTextBox=x"},
			[]string{"#ContentPlaceHolder1_SubmitButton"},
		},
	} {
		p := newScript(c.page)
		got, err := drive(t, p, &fakeUser{passwords: []string{"x"}}, allow)
		if err != nil || got != "assertion" || !slices.Equal(p.typed, c.typed) || !slices.Equal(p.clicked, c.clicked) {
			t.Errorf("allowed: %q, typed %q, clicked %q, %v", got, p.typed, p.clicked, err)
		}
	}
}

// On every page, at most three passwords are submitted, so that the account is not
// locked.
func TestAtMostThreePasswords(t *testing.T) {
	federated := saved["federated-form"]
	federated.ErrorText = "x"
	wrong := saved["password"]
	wrong.ErrorCode = "50126"
	for _, page := range []Snapshot{wrong, federated, saved["access-pass"], saved["mfa-access-pass"], saved["mfa-code"]} {
		p := newScript(slices.Repeat([]Snapshot{page}, 6)...)
		many := strings.Fields("a b c d e f")
		_, err := drive(
			t, p, &fakeUser{passwords: slices.Clone(many), codes: slices.Clone(many)},
			func(d *Driver) { d.LoginHosts = []string{"fs.contoso.example"} },
		)
		tries := 0
		for _, text := range p.typed {
			if !strings.Contains(text, "ada@") {
				tries++
			}
		}
		if fault.KindOf(err) != fault.Auth || tries != 3 {
			t.Errorf("%s: %d tries, %v", page.where(), tries, err)
		}
	}
}
