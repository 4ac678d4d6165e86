package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	maxDocument = 1 << 20 // bytes; STS takes 100,000 base64 characters
	maxDepth    = 40      // elements inside each other
	maxTokens   = 50_000  // of XML: tags, texts, comments
)

// node is an element with its namespace, which matters: an attacker's
// <Assertion> of another namespace is no assertion.
type node struct {
	name     xml.Name
	attrs    map[string]string // attributes without a namespace
	text     []byte
	children []*node
	comment  bool // a comment stands inside: the text cannot be trusted
}

func (n *node) is(space, local string) bool {
	return n != nil && n.name.Space == space && n.name.Local == local
}

// all returns the children with a name.
func (n *node) all(space, local string) []*node {
	var found []*node
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.is(space, local) {
			found = append(found, c)
		}
	}
	return found
}

// only returns the one child with a name; nil when there is none, or when
// there are several and nobody can tell which one STS would read.
func (n *node) only(space, local string) *node {
	if found := n.all(space, local); len(found) == 1 {
		return found[0]
	}
	return nil
}

// attr returns an attribute without a namespace, or "".
func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return n.attrs[name]
}

// value returns the text inside, or "" when markup stands in it: parsers
// differ on what a comment does to the text around it.
func (n *node) value() string {
	if n == nil || n.comment || len(n.children) > 0 {
		return ""
	}
	return trim(string(n.text))
}

// tree grows a document from tokens.
type tree struct {
	root  *node
	stack []*node
	bare  bool // something other than white space has been read
}

// parseDocument reads exactly one document, with bounds on its size, depth
// and number of tokens, and without any DOCTYPE or entity of its own.
// encoding/xml knows no external entities and takes UTF-8 only.
func parseDocument(data []byte) (*node, error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("it is larger than %d bytes", maxDocument)
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	var t tree
	for count := 0; ; count++ {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		if count > maxTokens {
			return nil, fmt.Errorf("it has more than %d tokens", maxTokens)
		}
		if err := t.grow(token); err != nil {
			return nil, err
		}
	}
	if t.root == nil || len(t.stack) > 0 {
		return nil, errors.New("it is no XML document")
	}
	return t.root, nil
}

// broken keeps the line of a syntax error and leaves out its words, which
// repeat pieces of the document.
func broken(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("it is broken XML at line %d", syntax.Line)
	}
	return errors.New("it is broken XML")
}

// grow adds one token to the tree.
func (t *tree) grow(token xml.Token) error {
	started := t.bare
	t.bare = true
	switch token := token.(type) {
	case xml.StartElement:
		return t.start(token)
	case xml.EndElement:
		t.stack = t.stack[:len(t.stack)-1]
	case xml.CharData:
		if len(t.stack) > 0 {
			top := t.stack[len(t.stack)-1]
			top.text = append(top.text, token...)
		} else if trim(string(token)) != "" {
			return errors.New("it has text outside of the document")
		}
	case xml.Comment:
		if len(t.stack) == 0 {
			return errors.New("it has a comment outside of the document")
		}
		t.stack[len(t.stack)-1].comment = true
	case xml.Directive:
		return errors.New("it holds a DOCTYPE")
	case xml.ProcInst:
		if token.Target != "xml" || started {
			return errors.New("it holds a processing instruction")
		}
	}
	return nil
}

// start adds an element. A repeated attribute is not well-formed XML, but
// encoding/xml lets it pass.
func (t *tree) start(token xml.StartElement) error {
	n := &node{name: token.Name, attrs: map[string]string{}}
	for _, a := range token.Attr {
		if a.Name.Space != "" {
			continue
		}
		if _, twice := n.attrs[a.Name.Local]; twice {
			return errors.New("it repeats an attribute")
		}
		n.attrs[a.Name.Local] = a.Value
	}
	switch {
	case len(t.stack) >= maxDepth:
		return fmt.Errorf("it is nested deeper than %d", maxDepth)
	case len(t.stack) > 0:
		parent := t.stack[len(t.stack)-1]
		parent.children = append(parent.children, n)
	case t.root != nil:
		return errors.New("it holds more than one document")
	default:
		t.root = n
	}
	t.stack = append(t.stack, n)
	return nil
}
