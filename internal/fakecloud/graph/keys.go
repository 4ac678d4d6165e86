package graph

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// signingKey is a signing certificate: two key credentials and a password
// credential with the same custom key identifier.
type signingKey struct {
	custom, sign, verify, password string
	name, thumbprint               string
	starts, ends                   time.Time
	key                            *rsa.PrivateKey
	cert                           *x509.Certificate
	hidden                         int // reads that still lack it
}

// keyReference is an entry in a PATCH of the credentials, which removes those that are
// not listed.
type keyReference struct {
	KeyID    string  `json:"keyId"`
	CustomID string  `json:"customKeyIdentifier"`
	Name     *string `json:"displayName"`
	Type     string  `json:"type"`
	Usage    string  `json:"usage"`
	Key      *string `json:"key"`
	Starts   string  `json:"startDateTime"`
	Ends     string  `json:"endDateTime"`
	Hint     *string `json:"hint"`
	Secret   *string `json:"secretText"`
}

func (d *Directory) keyViews(a *application, withKeys bool) (keys, passwords []fields) {
	keys, passwords = []fields{}, []fields{}
	for _, k := range a.keys {
		if k.hidden > 0 {
			continue
		}
		base := func(id string) fields {
			return fields{
				"customKeyIdentifier": k.custom, "keyId": id, "displayName": k.name,
				"startDateTime": k.starts.Format(time.RFC3339), "endDateTime": k.ends.Format(time.RFC3339),
			}
		}
		verify, sign := base(k.verify), base(k.sign)
		verify["type"], verify["usage"], verify["key"] = "AsymmetricX509Cert", "Verify", nil
		sign["type"], sign["usage"], sign["key"] = "X509CertAndPassword", "Sign", nil
		if withKeys {
			verify["key"] = base64.StdEncoding.EncodeToString(k.cert.Raw)
		}
		keys = append(keys, sign, verify)
		passwords = append(passwords, base(k.password))
	}
	return keys, passwords
}

// readKeys counts a read that may lack a new certificate.
func (d *Directory) readKeys(a *application) {
	for _, k := range a.keys {
		if k.hidden > 0 {
			k.hidden--
		}
	}
}

// maxKeyLife is the longest validity of a certificate.
const maxKeyLife = 3*365*24*time.Hour + 2*24*time.Hour

func (d *Directory) addCertificate(r *request) (*response, error) {
	a := d.principalBy(r.PathValue("id"))
	if a == nil {
		return nil, notFound(r.PathValue("id"))
	}
	var in struct {
		DisplayName string     `json:"displayName"`
		Ends        *time.Time `json:"endDateTime"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	now := d.tenant.Now().UTC().Truncate(time.Second)
	ends := now.AddDate(3, 0, 0)
	if in.Ends != nil {
		ends = in.Ends.UTC()
	}
	if !strings.HasPrefix(in.DisplayName, "CN=") || ends.Sub(now) > maxKeyLife || ends.Before(now) {
		return nil, badRequest("The displayName must begin with CN= and the end date must be within three years.")
	}
	k, err := d.newKey(in.DisplayName, now, ends)
	if err != nil {
		return nil, err
	}
	if d.faults["certificate-late"] {
		k.hidden = 3
	}
	a.keys = append(a.keys, k)
	return okay(fields{
		"customKeyIdentifier": k.custom, "displayName": k.name, "startDateTime": now.Format(time.RFC3339),
		"endDateTime": ends.Format(time.RFC3339),
		"key": base64.StdEncoding.EncodeToString(
			k.cert.Raw,
		), "keyId": k.sign, "thumbprint": k.thumbprint, "type": "AsymmetricX509Cert", "usage": "Sign",
	})
}

func (d *Directory) newKey(name string, starts, ends time.Time) (*signingKey, error) {
	key, cert, err := d.tenant.NewCertificate(strings.TrimPrefix(name, "CN="), starts.Add(-time.Minute), ends)
	if err != nil {
		return nil, err
	}
	sha1sum, sha256sum := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
	return &signingKey{
		custom: base64.StdEncoding.EncodeToString(
			sha256sum[:],
		), thumbprint: strings.ToUpper(hex.EncodeToString(sha1sum[:])),
		sign: uuid.NewString(), verify: uuid.NewString(), password: uuid.NewString(), name: name, starts: starts,
		ends: ends, key: key, cert: cert,
	}, nil
}

// activate makes a certificate the active one.
func (d *Directory) activate(a *application, thumbprint string) error {
	if !slices.ContainsFunc(a.keys, func(k *signingKey) bool { return k.thumbprint == strings.ToUpper(thumbprint) }) {
		return badRequest("No credential with the thumbprint %s was found.", thumbprint)
	}
	a.previous, a.changed = a.active, d.tenant.Now()
	a.active = strings.ToUpper(thumbprint)
	return nil
}

// keepKeys removes the certificates that a PATCH does not list. Both lists must
// agree.
func (d *Directory) keepKeys(a *application, in principalChange) error {
	if in.Keys == nil || in.Passwords == nil {
		return badRequest("keyCredentials and passwordCredentials of a signing certificate must be changed together.")
	}
	named := func(list []keyReference, id string) bool {
		return slices.ContainsFunc(list, func(n keyReference) bool { return n.KeyID == id })
	}
	for _, n := range *in.Keys {
		if n.Key != nil {
			return badRequest("The key of an existing credential must not be sent.")
		}
	}
	var remaining []*signingKey
	for _, k := range a.keys {
		sign, verify, password := named(*in.Keys, k.sign), named(*in.Keys, k.verify), named(*in.Passwords, k.password)
		if sign != verify || sign != password {
			return badRequest("The credentials of certificate %s must go together.", k.thumbprint)
		}
		if sign {
			remaining = append(remaining, k)
		} else if k.thumbprint == a.active {
			return badRequest("The active signing certificate cannot be removed.")
		}
	}
	a.keys = remaining
	return nil
}

// changeOver is how long some of the service's machines still sign with the
// certificate that was active before.
const changeOver = 500 * time.Millisecond

// signsNow returns the certificate that signs a response.
func (a *application) signsNow(now time.Time) *signingKey {
	a.signed++
	if a.signed%2 == 0 && now.Sub(a.changed) < changeOver {
		for _, k := range a.keys {
			if k.thumbprint == a.previous {
				return k
			}
		}
	}
	return a.signer()
}

// published returns the certificate in the metadata: the one before, until every
// machine has the new one.
func (a *application) published(now time.Time) *signingKey {
	if now.Sub(a.changed) < changeOver {
		for _, k := range a.keys {
			if k.thumbprint == a.previous {
				return k
			}
		}
	}
	return a.signer()
}

// signer returns the active certificate, or nil.
func (a *application) signer() *signingKey {
	for _, k := range a.keys {
		if k.thumbprint == a.active {
			return k
		}
	}
	return nil
}

// Published returns the certificates in the metadata of an application; none if
// there is no such application or certificate.
func (d *Directory) Published(appID string) []*x509.Certificate {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.byClient(appID)
	if a == nil || d.once("metadata-late", 2) {
		return nil
	}
	k := a.published(d.tenant.Now())
	if k == nil {
		return nil
	}
	certs := []*x509.Certificate{k.cert}
	for _, other := range a.keys {
		if other != k && d.faults["metadata-all"] {
			certs = append(certs, other.cert)
		}
	}
	return certs
}

func (d *Directory) byClient(appID string) *application {
	for _, a := range d.apps {
		if strings.EqualFold(a.appID, appID) {
			return a
		}
	}
	return nil
}

// ActiveCertificates returns the thumbprints of the certificates of the last
// application, and that of the active one.
func (d *Directory) ActiveCertificates() (all []string, active string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.apps) == 0 {
		return nil, ""
	}
	a := d.apps[len(d.apps)-1]
	for _, k := range a.keys {
		all = append(all, k.thumbprint)
	}
	return all, a.active
}
