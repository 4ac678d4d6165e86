package entra

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/o365aws/o365aws/internal/secret"
)

const (
	maxPage   = 4 << 20 // bytes; an assertion is at most 100,000 characters
	fetches   = 3       // attempts of a GET if the network or Microsoft fails
	firstWait = 300 * time.Millisecond
	maxWait   = 5 * time.Second
)

// fetch makes one request as the browser would. It retries a GET if the network fails or
// Microsoft asks to wait; a form is posted only once, because its tokens are then used
// up.
func (s *renewing) fetch(ctx context.Context, now step) (*http.Response, []byte, error) {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		response, body, err := s.once(ctx, now)
		last := attempt == fetches || now.form != nil || ctx.Err() != nil
		switch {
		case err != nil && last:
			return nil, nil, networkFault(err, now.address.Host)
		case err != nil:
		case response.StatusCode != http.StatusTooManyRequests && response.StatusCode < 500:
			return response, body, nil
		case last:
			return nil, nil, serverFault(now.address.Host, response.StatusCode)
		default:
			if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
				wait = min(time.Duration(seconds)*time.Second, maxWait)
			}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, nil, ctx.Err()
		}
		wait *= 2
	}
}

func (s *renewing) once(ctx context.Context, now step) (*http.Response, []byte, error) {
	method, body := http.MethodGet, ""
	if now.form != nil {
		method, body = http.MethodPost, now.form.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, now.address.String(), strings.NewReader(body))
	if err != nil {
		return nil, nil, errors.New("the address is malformed") // the cause would quote the address
	}
	s.dress(request, now)
	return s.do(request)
}

// do sends a request without following redirects and stores the cookies of the response.
func (s *renewing) do(request *http.Request) (*http.Response, []byte, error) {
	client := *s.Client
	client.Jar = nil
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, WithoutURL(err)
	}
	defer func() { _ = response.Body.Close() }() // everything needed has been read
	data, err := io.ReadAll(io.LimitReader(response.Body, maxPage))
	if err != nil {
		return nil, nil, err
	}
	s.merge(request.URL, response)
	return response, data, nil
}

// WithoutURL removes the URL from an error of an HTTP request, because its query contains
// the SAML request.
func WithoutURL(err error) error {
	if with := (*url.Error)(nil); errors.As(err, &with) {
		return with.Err
	}
	return err
}

// dress adds the headers that the browser sends to a request.
func (s *renewing) dress(r *http.Request, now step) {
	s.session.SetHeaders(r.Header)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Upgrade-Insecure-Requests", "1")
	if now.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if now.from != nil {
			r.Header.Set("Origin", now.from.Scheme+"://"+now.from.Host)
		}
	}
	if now.from != nil {
		r.Header.Set("Referer", now.from.Scheme+"://"+now.from.Host+"/")
	}
	if !s.proof.IsZero() && s.takesProof(r.URL) {
		r.Header.Set(DeviceHeader, s.proof.Reveal())
	}
	var pairs []string
	for _, c := range s.session.Cookies {
		if c.goesTo(r.URL.Host) && pathMatches(r.URL.Path, c.Path) && (c.Expires.IsZero() || c.Expires.After(s.Now())) {
			pairs = append(pairs, c.Name+"="+c.Value.Reveal())
		}
	}
	if len(pairs) > 0 {
		r.Header.Set("Cookie", strings.Join(pairs, "; "))
	}
}

// pathMatches implements RFC 6265 section 5.1.4.
func pathMatches(path, of string) bool {
	if path == "" {
		path = "/"
	}
	return path == of || strings.HasPrefix(path, of) && (strings.HasSuffix(of, "/") || path[len(of)] == '/')
}

// merge adds the cookies of a response to the session.
func (s *renewing) merge(at *url.URL, response *http.Response) {
	for _, set := range response.Cookies() {
		c := Cookie{
			Name: set.Name, Value: secret.New(set.Value), Domain: strings.ToLower(at.Hostname()), Path: set.Path,
			HTTPOnly: set.HttpOnly, SameSite: sameSite(set.SameSite),
		}
		if domain := strings.ToLower(strings.TrimPrefix(set.Domain, ".")); domain != "" {
			c.Domain = "." + domain
			if !c.goesTo(at.Hostname()) || !strings.Contains(domain, ".") {
				continue // a host may set cookies only for its own domain
			}
		}
		if !strings.HasPrefix(c.Path, "/") {
			c.Path = "/"
		}
		switch {
		case set.MaxAge > 0:
			c.Expires = s.Now().Add(time.Duration(set.MaxAge) * time.Second).UTC()
		case set.MaxAge < 0:
			c.Expires = time.Unix(1, 0)
		case !set.Expires.IsZero():
			c.Expires = set.Expires.UTC()
		}
		s.replace(c)
	}
}

// replace replaces the previous version of a cookie. Only the newest of the cookies that
// bind a page to the browser (esctx-...) is valid: with an older one, Microsoft refuses
// the next form.
func (s *renewing) replace(c Cookie) {
	binding := strings.HasPrefix(c.Name, "esctx-")
	s.session.Cookies = slices.DeleteFunc(s.session.Cookies, func(old Cookie) bool {
		same := old.Name == c.Name || binding && strings.HasPrefix(old.Name, "esctx-")
		return same && strings.TrimPrefix(old.Domain, ".") == strings.TrimPrefix(c.Domain, ".") && old.Path == c.Path
	})
	if c.Expires.IsZero() || c.Expires.After(s.Now()) {
		s.session.Cookies = append(s.session.Cookies, c)
	}
}

func sameSite(mode http.SameSite) string {
	switch mode {
	case http.SameSiteNoneMode:
		return "None"
	case http.SameSiteLaxMode:
		return "Lax"
	case http.SameSiteStrictMode:
		return "Strict"
	}
	return ""
}
