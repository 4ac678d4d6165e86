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
	maxDocument = 1 << 20 // bytes; STS accepts 100,000 base64 characters
	maxDepth    = 40      // nested elements
	maxTokens   = 50_000  // tags, texts, comments
)

// node is an element with its namespace: an <Assertion> in another namespace is not an
// assertion.
type node struct {
	name     xml.Name
	attrs    map[string]string // attributes without a namespace
	text     []byte
	children []*node
	comment  bool // contains a comment: parsers disagree on the text
}

func (n *node) is(space, local string) bool {
	return n != nil && n.name.Space == space && n.name.Local == local
}

// all returns the children with the given name.
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

// only returns the only child with the given name. It returns nil if there are several,
// because STS might use another one.
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

// value returns the text content, or "" if it contains markup: parsers disagree on the
// text around a comment.
func (n *node) value() string {
	if n == nil || n.comment || len(n.children) > 0 {
		return ""
	}
	return trim(string(n.text))
}

// tree builds a document from tokens.
type tree struct {
	root  *node
	stack []*node
	bare  bool // a token has been read
}

// parseDocument parses a document of bounded size, depth and number of tokens, without a
// DOCTYPE. encoding/xml supports no external entities and accepts only UTF-8.
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
		return nil, errors.New("it is not an XML document")
	}
	return t.root, nil
}

// broken returns a syntax error with its line number, without its text, which quotes
// parts of the document.
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
			return errors.New("it has text outside the document")
		}
	case xml.Comment:
		if len(t.stack) == 0 {
			return errors.New("it has a comment outside the document")
		}
		t.stack[len(t.stack)-1].comment = true
	case xml.Directive:
		return errors.New("it has a DOCTYPE")
	case xml.ProcInst:
		if token.Target != "xml" || started {
			return errors.New("it has a processing instruction")
		}
	}
	return nil
}

// start adds an element. It refuses duplicate attributes, which encoding/xml accepts.
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
		return errors.New("it has more than one document")
	default:
		t.root = n
	}
	t.stack = append(t.stack, n)
	return nil
}
