package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	maxDocument = 1 << 20 // bytes; STS takes 100,000 base64 characters
	maxDepth    = 40
	maxNodes    = 50_000
)

// node is an element with its namespace, which matters: an attacker's
// <Assertion> of another namespace is no assertion.
type node struct {
	name     xml.Name
	attrs    map[string]string // attributes without a namespace
	text     string
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

// first returns the first child with a name, or nil.
func (n *node) first(space, local string) *node {
	if found := n.all(space, local); len(found) > 0 {
		return found[0]
	}
	return nil
}

func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return n.attrs[name]
}

func (n *node) value() string {
	if n == nil || n.comment {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// parseDocument reads exactly one document, with bounds on its size, depth
// and number of elements, and without any DOCTYPE or entity of its own.
func parseDocument(data []byte) (*node, error) {
	if len(data) > maxDocument {
		return nil, fmt.Errorf("larger than %d bytes", maxDocument)
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	var root *node
	var stack []*node
	for count := 0; ; count++ {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if count > maxNodes {
			return nil, fmt.Errorf("more than %d tokens", maxNodes)
		}
		if root, stack, err = grow(root, stack, token); err != nil {
			return nil, err
		}
	}
	if root == nil || len(stack) > 0 {
		return nil, errors.New("no document")
	}
	return root, nil
}

// grow adds one token to the tree.
func grow(root *node, stack []*node, token xml.Token) (*node, []*node, error) {
	switch t := token.(type) {
	case xml.StartElement:
		n := &node{name: t.Name, attrs: map[string]string{}}
		for _, a := range t.Attr {
			if a.Name.Space == "" {
				n.attrs[a.Name.Local] = a.Value
			}
		}
		switch {
		case len(stack) == 0 && root != nil:
			return nil, nil, errors.New("more than one document")
		case len(stack) == 0:
			root = n
		case len(stack) >= maxDepth:
			return nil, nil, fmt.Errorf("nested deeper than %d", maxDepth)
		default:
			parent := stack[len(stack)-1]
			parent.children = append(parent.children, n)
		}
		return root, append(stack, n), nil
	case xml.EndElement:
		return root, stack[:len(stack)-1], nil
	case xml.CharData:
		if len(stack) > 0 {
			stack[len(stack)-1].text += string(t)
		} else if strings.TrimSpace(string(t)) != "" {
			return nil, nil, errors.New("text outside of the document")
		}
	case xml.Comment:
		if len(stack) > 0 {
			stack[len(stack)-1].comment = true
		}
	case xml.Directive:
		return nil, nil, errors.New("it holds a DOCTYPE")
	case xml.ProcInst:
		if t.Target != "xml" || root != nil {
			return nil, nil, errors.New("it holds a processing instruction")
		}
	}
	return root, stack, nil
}
