package fakecloud

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/beevik/etree"
)

// An element is the same after encryption and decryption.
func TestEncryptedElement(t *testing.T) {
	plain := etree.NewElement("Assertion")
	attributes(plain, "xmlns", nsAssertion, "ID", "a")
	encrypted, err := encryptElement(plain)
	if err != nil {
		t.Fatal(err)
	}
	doc := etree.NewDocument()
	doc.SetRoot(etree.NewElement("Response"))
	doc.Root().AddChild(encrypted)
	if err := decryptAssertion(doc); err != nil || doc.FindElement("./Response/Assertion") == nil {
		text, _ := doc.WriteToString()
		t.Errorf("got %s, %v", text, err)
	}
}

// STS decrypts an assertion before it verifies it.
func TestEncryptedAssertion(t *testing.T) {
	c, h := started(t, "encrypted-assertion")
	assertion, err := c.signedResponse(testRequest(), c.user(UserName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client(h, "eu-west-1", nil).AssumeRoleWithSAML(context.Background(), &sts.AssumeRoleWithSAMLInput{
		RoleArn: aws.String(testRole), PrincipalArn: aws.String(testProvider), SAMLAssertion: &assertion,
	})
	if err != nil {
		t.Error(err)
	}
}
