package fakecloud

// DiscardHistory deletes recorded requests, sign-ins in progress and expired sessions. It
// limits the memory use of an emulator that runs for a long time.
func (c *Cloud) DiscardHistory() {
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
