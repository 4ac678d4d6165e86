package entra

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// otherHost replaces hosts other than Microsoft's and AWS's, because they may contain the
// name of a company.
const otherHost = "other.invalid"

// scriptHosts lists hosts that serve the scripts of Microsoft's pages.
var scriptHosts = []string{"aadcdn.msauth.net", "aadcdn.msftauth.net", "logincdn.msauth.net"}

var (
	// identifier matches names in Microsoft's pages: they contain few digits, fewer than
	// a phone or account number.
	identifier = lazy(`^(name:|form:|type:|link:)?[A-Za-z][A-Za-z_-]*[0-9]{0,4}([A-Za-z_-]+[0-9]?)?$`)
	pageError  = lazy(`^([0-9]{1,7}|ERR_[A-Z_]{1,60})$`)
	viewNumber = lazy(`^[0-9]{1,4}$`)
)

const (
	maxIdentifier = 50
	minSubstring  = 5 // shorter private words match only whole words of an identifier
	minPrivate    = 3
	maxRecorded   = 120 // maximum number of elements of a page
)

// knownIDs lists the elements that identify the state of a page. Redaction never removes
// them.
var knownIDs = sync.OnceValue(func() []string {
	return slices.Concat(signInOrder, tfaOrder, []string{
		submitID, anotherWayID, skipLinkID, "form:hiddenform", "type:password", "link:skip", "link:landing",
		"passwordInput", "ContentPlaceHolder1_PasswordTextBox", "userNameInput", "submitButton", "loginForm", "errorText",
		"service_exception_message", "exceptionMessageContainer", "idTD_Error",
	})
})

// Redacted returns the snapshot without data of a user or a company: names, numbers,
// addresses and texts. private holds values of the user that a page may repeat in element
// names. The result is safe to publish and is recognized as the same state.
func (s Snapshot) Redacted(private ...string) Snapshot {
	private = append(slices.Clone(private), s.Account)
	for _, c := range s.Choices {
		if c.Kind == "account" && c.Value != "otherTile" {
			private = append(private, c.Value)
		}
	}
	r := redaction{words: privateWords(private), published: publicHost(s.Host) != otherHost}
	s.Host, s.Awaits, s.Missing = publicHost(s.Host), publicHost(s.Awaits), publicHost(s.Missing)
	s.URL = address(s.Secure, s.Host)
	if s.Skip != "" {
		s.Skip = address(true, s.Host)
	}
	s.Account, s.Detail, s.ErrorText, s.Trace, s.Document = "", "", "", "", 0
	s.ErrorCode, s.View = r.code(s.ErrorCode), matching(viewNumber, s.View)
	s.PageID, s.Verdict, s.Number = r.pageID(s.PageID), r.name(s.Verdict), digits(s.Number)
	s.Begun = Begun{
		Method: r.name(s.Begun.Method), Number: digits(s.Begun.Number),
		Result: cmp.Or(r.name(s.Begun.Result), r.code(s.Begun.Result)),
	}
	s.IDs = r.ids(s.IDs)
	s.Choices = slices.Clone(s.Choices)
	for i, c := range s.Choices {
		s.Choices[i] = r.choice(c)
	}
	s.Proofs = slices.Clone(s.Proofs)
	for i, p := range s.Proofs {
		s.Proofs[i] = Proof{Method: r.name(p.Method), Label: digits(p.Label), Default: p.Default}
	}
	return s
}

// skeletonName matches an element name or an attribute value.
var skeletonName = lazy(`[#.][A-Za-z][A-Za-z0-9_-]*| \[[a-z-]+=[^\]]*\]`)

// RedactSkeleton redacts names that may come from the user in the elements listed by
// SkeletonScript. host is the redacted host of the page.
func RedactSkeleton(text, host string, private ...string) string {
	r := redaction{words: privateWords(private), published: host != "" && host != otherHost}
	return skeletonName().ReplaceAllStringFunc(text, func(found string) string {
		_, name, isAttribute := strings.Cut(strings.TrimSuffix(found, "]"), "=")
		if !isAttribute {
			name = found[1:]
		}
		if slices.Contains(knownIDs(), name) || r.published && (r.name(name) != "" || viewNumber().MatchString(name)) {
			return found
		}
		return ""
	})
}

// redaction determines which names of a page are safe to publish.
type redaction struct {
	words     []string // of the user, in lower case
	published bool     // the page belongs to Microsoft or AWS
}

// name returns text if it is an identifier assigned by Microsoft's script, or else "".
func (r redaction) name(text string) string {
	if len(text) > maxIdentifier || !identifier().MatchString(text) || r.isPrivate(text) {
		return ""
	}
	return text
}

// code returns text if it is a Microsoft error number or the name of a browser error.
func (r redaction) code(text string) string {
	if r.isPrivate(text) {
		return ""
	}
	return matching(pageError, text)
}

func (r redaction) pageID(id string) string {
	if slices.Contains(pageIDs, id) {
		return id
	}
	if !r.published {
		return ""
	}
	return r.name(id)
}

func (r redaction) ids(all []string) []string {
	var left []string
	for _, id := range all {
		if slices.Contains(knownIDs(), id) || r.published && r.name(id) != "" && len(left) < maxRecorded {
			left = append(left, id)
		}
	}
	return left
}

func (r redaction) choice(c Choice) Choice {
	clean := Choice{Kind: r.name(c.Kind), Nth: c.Nth}
	switch {
	case c.Kind == "account" && c.Value != "otherTile":
		clean.Value = "user"
	case viewNumber().MatchString(c.Value) || r.published && r.name(c.Value) != "":
		clean.Value = c.Value
		if _, attribute, ok := strings.Cut(c.Select, "["); ok && strings.HasSuffix(attribute, `="`+c.Value+`"]`) {
			clean.Select = "[" + attribute
		}
	}
	return clean
}

// isPrivate reports whether an identifier contains a word of the user.
func (r redaction) isPrivate(text string) bool {
	lower, own := strings.ToLower(text), words(text)
	return slices.ContainsFunc(r.words, func(w string) bool {
		return slices.Contains(own, w) || len(w) >= minSubstring && strings.Contains(lower, w)
	})
}

// privateWords splits user values into identifying words.
func privateWords(values []string) []string {
	var all []string
	for _, value := range values {
		for _, w := range append(words(value), strings.ToLower(value)) {
			if len(w) >= minPrivate {
				all = append(all, w)
			}
		}
	}
	return all
}

// words splits text into lower-case words at case changes and at non-letters.
func words(text string) []string {
	var all []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
		}
		word = nil
	}
	for _, c := range text {
		if !unicode.IsLetter(c) || unicode.IsUpper(c) && len(word) > 0 && !unicode.IsUpper(word[len(word)-1]) {
			end()
		}
		if unicode.IsLetter(c) {
			word = append(word, c)
		}
	}
	end()
	return all
}

// publicHost returns a host of Microsoft or AWS without the part that may name a tenant,
// or otherHost for any other.
func publicHost(host string) string {
	if host == "" || host == ErrorPageHost || slices.Contains(scriptHosts, host) {
		return host
	}
	for _, c := range clouds {
		switch {
		case slices.Contains(slices.Concat([]string{c.LoginHost}, c.SecretHosts, c.PassHosts), host):
			return host
		case c.isCertAuth(host):
			return "certauth." + c.LoginHost
		}
	}
	for _, known := range knownHosts {
		if known.host == host || known.host[0] == '.' && strings.HasSuffix(host, known.host) {
			return strings.TrimPrefix(known.host, ".")
		}
	}
	return otherHost
}

// address returns the root URL of a host.
func address(secure bool, host string) string {
	switch {
	case host == "":
		return ""
	case secure:
		return "https://" + host + "/"
	}
	return "http://" + host + "/"
}

// digits returns the pattern of a masked phone number, with 0 for each digit.
func digits(text string) string {
	shape := strings.Map(func(c rune) rune {
		switch {
		case '0' <= c && c <= '9':
			return '0'
		case strings.ContainsRune("+-X* ", c):
			return c
		}
		return -1
	}, text)
	return strings.TrimSpace(shape[:min(len(shape), 20)])
}

func matching(shape func() *regexp.Regexp, text string) string {
	if shape().MatchString(text) {
		return text
	}
	return ""
}

// lazy compiles a regular expression on first use, because most runs do not need it.
func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
