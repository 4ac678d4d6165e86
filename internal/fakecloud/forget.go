package fakecloud

// Forget drops what the Cloud remembers of the past: requests, sign-ins that
// are under way, credentials that have run out. Who runs it for long would
// else watch its memory grow.
func (c *Cloud) Forget() {
	c.entra.serial.Lock()
	defer c.entra.serial.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records, c.entra.flows = nil, nil
	for key, s := range c.sessions {
		if !c.now().Before(s.expires) {
			delete(c.sessions, key)
		}
	}
}
