package entra

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// otherHost stands for a host that is not one of Microsoft's or AWS's: its name
// can be that of a company.
const otherHost = "other.invalid"

// scriptHosts serve the scripts of Microsoft's pages.
var scriptHosts = []string{"aadcdn.msauth.net", "aadcdn.msftauth.net", "logincdn.msauth.net"}

var (
	// identifier is the shape of a name in Microsoft's pages: a few digits at most,
	// which is less than a number of a phone or an account has.
	identifier = lazy(`^(name:|form:|type:|link:)?[A-Za-z][A-Za-z_-]*[0-9]{0,4}([A-Za-z_-]+[0-9]?)?$`)
	pageError  = lazy(`^([0-9]{1,7}|ERR_[A-Z_]{1,60})$`)
	viewNumber = lazy(`^[0-9]{1,4}$`)
)

const (
	maxIdentifier = 50
	minSubstring  = 5 // shorter private words count only as a whole word of an identifier
	minPrivate    = 3
	maxRecorded   = 120 // elements of a page
)

// knownIDs are the elements that identify the state of a page. Redaction never
// removes them.
var knownIDs = sync.OnceValue(func() []string {
	return slices.Concat(signInOrder, tfaOrder, []string{
		submitID, anotherWayID, skipLinkID, "form:hiddenform", "type:password", "link:skip", "link:landing",
		"passwordInput", "ContentPlaceHolder1_PasswordTextBox", "userNameInput", "submitButton", "loginForm", "errorText",
		"service_exception_message", "exceptionMessageContainer", "idTD_Error",
	})
})

// Redacted returns the snapshot without what belongs to a user or a company:
// names, numbers, addresses and texts. private holds values of the user, which a
// page may repeat in the name of an element. The result can be published, and is
// still recognised as the same state.
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

// skeletonName is a name of an element, or a value of an attribute.
var skeletonName = lazy(`[#.][A-Za-z][A-Za-z0-9_-]*| \[[a-z-]+=[^\]]*\]`)

// RedactSkeleton removes from the elements of a page, as SkeletonScript lists
// them, the names that may be of the user. host is that of the page, redacted.
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

// redaction decides which names of a page can be published.
type redaction struct {
	words     []string // of the user, in lower case
	published bool     // the page is one of Microsoft's or AWS's
}

// name returns an identifier that Microsoft's script has given, or "".
func (r redaction) name(text string) string {
	if len(text) > maxIdentifier || !identifier().MatchString(text) || r.isPrivate(text) {
		return ""
	}
	return text
}

// code returns the number of an error of Microsoft, or the name of one of the
// browser.
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

// isPrivate reports whether an identifier has a word of the user in it.
func (r redaction) isPrivate(text string) bool {
	lower, own := strings.ToLower(text), words(text)
	return slices.ContainsFunc(r.words, func(w string) bool {
		return slices.Contains(own, w) || len(w) >= minSubstring && strings.Contains(lower, w)
	})
}

// privateWords splits values of a user into the words that identify them.
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

// words splits text into lower-case words, at a change of case and at whatever is
// no letter.
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

// publicHost returns a host if it is one of Microsoft's or AWS's, without the
// part that can name a tenant, and otherHost for any other.
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

// address returns the root of a host.
func address(secure bool, host string) string {
	switch {
	case host == "":
		return ""
	case secure:
		return "https://" + host + "/"
	}
	return "http://" + host + "/"
}

// digits returns the shape of a number: what a masked phone number is made of,
// with 0 for each digit.
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

// lazy compiles an expression at its first use: few runs of the program need it.
func lazy(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
