package awsfake

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sort"
	"strconv"
)

// moto stores neither tags nor IDs of SAML providers, so the gate does.

func (g *Gate) provider(arn string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.providers[arn]
	return ok
}

func (g *Gate) arnOf(c Call, name string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	account := g.accounts[c.Key]
	if account == "" {
		account = Account
	}
	return "arn:aws:iam::" + account + ":saml-provider/" + name
}

// tagging answers the tagging calls that moto does not support.
func (g *Gate) tagging(c Call, w *httptest.ResponseRecorder) bool {
	if c.Name() != "iam:TagSAMLProvider" && c.Name() != "iam:UntagSAMLProvider" {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	tags, ok := g.providers[c.Params.Get("SAMLProviderArn")]
	if !ok {
		refuse(
			w,
			c,
			Refusal{
				http.StatusNotFound, "NoSuchEntity", "Manifest not found for arn " + c.Params.Get("SAMLProviderArn"),
			},
		)
		return true
	}
	readTags(c, tags)
	for i := 1; c.Params.Has("TagKeys.member." + strconv.Itoa(i)); i++ {
		delete(tags, c.Params.Get("TagKeys.member."+strconv.Itoa(i)))
	}
	_, _ = fmt.Fprintf(
		w,
		`<%sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></%sResponse>`,
		c.Action, c.Action,
	)
	return true
}

func readTags(c Call, tags map[string]string) {
	for i := 1; c.Params.Has("Tags.member." + strconv.Itoa(i) + ".Key"); i++ {
		member := "Tags.member." + strconv.Itoa(i)
		tags[c.Params.Get(member+".Key")] = c.Params.Get(member + ".Value")
	}
}

var (
	assumedKey     = regexp.MustCompile(`<AccessKeyId>(\w+)</AccessKeyId>`)
	assumedAccount = regexp.MustCompile(`<Arn>arn:aws[a-z-]*:sts::(\d{12}):`)
)

// learn updates the gate's state from moto's responses and adds what moto omits.
func (g *Gate) learn(c Call, answer *httptest.ResponseRecorder) {
	if answer.Code != http.StatusOK {
		return
	}
	arn := c.Params.Get("SAMLProviderArn")
	if c.Name() == "iam:CreateSAMLProvider" {
		arn = g.arnOf(c, c.Params.Get("Name"))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.learnStackSet(c, answer)
	switch c.Name() {
	case "iam:CreateSAMLProvider":
		g.providers[arn] = map[string]string{}
		readTags(c, g.providers[arn])
	case "iam:DeleteSAMLProvider":
		delete(g.providers, arn)
	case "iam:GetSAMLProvider":
		addTags(answer, g.providers[arn])
	case "sts:AssumeRole":
		key, account := assumedKey.FindSubmatch(answer.Body.Bytes()), assumedAccount.FindSubmatch(answer.Body.Bytes())
		if key != nil && account != nil {
			g.accounts[string(key[1])] = string(account[1])
		}
	}
}

// providerID is the ID that IAM assigns to a provider; moto assigns none.
const providerID = "SAMLPROVIDER0000000000"

func addTags(answer *httptest.ResponseRecorder, tags map[string]string) {
	keys := make([]string, 0, len(tags))
	for key := range tags {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	var list bytes.Buffer
	list.WriteString("<SAMLProviderUUID>" + providerID + "</SAMLProviderUUID><Tags>")
	for _, key := range keys {
		list.WriteString("<member><Key>")
		_ = xml.EscapeText(&list, []byte(key))
		list.WriteString("</Key><Value>")
		_ = xml.EscapeText(&list, []byte(tags[key]))
		list.WriteString("</Value></member>")
	}
	list.WriteString("</Tags></GetSAMLProviderResult>")
	body := bytes.Replace(answer.Body.Bytes(), []byte("</GetSAMLProviderResult>"), list.Bytes(), 1)
	answer.Body = bytes.NewBuffer(bytes.Replace(body, []byte("<Tags></Tags><Tags>"), []byte("<Tags>"), 1))
}
