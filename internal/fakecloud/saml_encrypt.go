package fakecloud

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // #nosec G505 -- the digest of rsa-oaep-mgf1p
	"encoding/base64"
	"sync"

	"github.com/beevik/etree"
)

// providerKey is the private key of the SAML provider in IAM, with which STS decrypts
// assertions.
var providerKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

const nsEncryption = "http://www.w3.org/2001/04/xmlenc#"

// encryptElement returns an EncryptedAssertion that is encrypted as by Entra: AES-256-CBC
// with a key that is encrypted with RSA-OAEP.
// Source: www.w3.org/TR/xmlenc-core1
func encryptElement(element *etree.Element) (*etree.Element, error) {
	private, err := providerKey()
	if err != nil {
		return nil, err
	}
	doc := etree.NewDocument()
	doc.SetRoot(element)
	plain, err := doc.WriteToBytes()
	if err != nil {
		return nil, err
	}
	key, iv := make([]byte, 32), make([]byte, aes.BlockSize)
	_, _ = rand.Read(key) // never fails
	_, _ = rand.Read(iv)
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(plain, make([]byte, pad)...)
	plain[len(plain)-1] = byte(pad)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(plain, plain)
	wrapped, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, &private.PublicKey, key, nil) // #nosec G401 -- as above
	if err != nil {
		return nil, err
	}
	outer := etree.NewElement("EncryptedAssertion")
	attributes(outer, "xmlns", nsAssertion)
	data := outer.CreateElement("xenc:EncryptedData")
	attributes(data, "xmlns:xenc", nsEncryption, "Type", nsEncryption+"Element")
	attributes(data.CreateElement("xenc:EncryptionMethod"), "Algorithm", nsEncryption+"aes256-cbc")
	info := data.CreateElement("KeyInfo")
	attributes(info, "xmlns", "http://www.w3.org/2000/09/xmldsig#")
	encryptedKey := info.CreateElement("xenc:EncryptedKey")
	attributes(encryptedKey.CreateElement("xenc:EncryptionMethod"), "Algorithm", nsEncryption+"rsa-oaep-mgf1p")
	encryptedKey.CreateElement("xenc:CipherData").CreateElement("xenc:CipherValue").
		SetText(base64.StdEncoding.EncodeToString(wrapped))
	data.CreateElement("xenc:CipherData").CreateElement("xenc:CipherValue").
		SetText(base64.StdEncoding.EncodeToString(append(iv, plain...)))
	return outer, nil
}

// decryptAssertion replaces an encrypted assertion in a response with the decrypted one.
func decryptAssertion(doc *etree.Document) error {
	refused := invalidToken("SAML Assertion cannot be decrypted")
	outer := doc.FindElement("./Response/EncryptedAssertion")
	if outer == nil {
		return nil
	}
	keyValue := outer.FindElement("./EncryptedData/KeyInfo/EncryptedKey/CipherData/CipherValue")
	value := outer.FindElement("./EncryptedData/CipherData/CipherValue")
	private, err := providerKey()
	if err != nil || keyValue == nil || value == nil {
		return refused
	}
	wrapped, err1 := base64.StdEncoding.DecodeString(keyValue.Text())
	data, err2 := base64.StdEncoding.DecodeString(value.Text())
	if err1 != nil || err2 != nil || len(data) < 2*aes.BlockSize || len(data)%aes.BlockSize != 0 {
		return refused
	}
	key, err := rsa.DecryptOAEP(sha1.New(), nil, private, wrapped, nil) // #nosec G401 -- as above
	if err != nil {
		return refused
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return refused
	}
	plain := data[aes.BlockSize:]
	cipher.NewCBCDecrypter(block, data[:aes.BlockSize]).CryptBlocks(plain, plain)
	inner := etree.NewDocument()
	if err := inner.ReadFromBytes(plain[:len(plain)-int(plain[len(plain)-1])]); err != nil || inner.Root() == nil {
		return refused
	}
	outer.Parent().AddChild(inner.Root())
	outer.Parent().RemoveChild(outer)
	return nil
}
