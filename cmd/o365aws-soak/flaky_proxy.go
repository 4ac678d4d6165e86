package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// mode is how a flakyProxy treats new connections.
type mode int32

const (
	forward  mode = iota
	refuse        // closes each connection immediately
	hang          // accepts connections and closes them without a response after hangTime
	truncate      // closes each connection after cutAfter bytes
)

// flakyProxy forwards connections to the emulator's proxy, or fails according to its
// mode.
type flakyProxy struct {
	listener net.Listener
	to       string
	mode     atomic.Int32
	open     sync.WaitGroup
}

func newFlakyProxy(to string) (*flakyProxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &flakyProxy{listener: listener, to: to}
	p.open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.open.Go(func() { p.serve(conn) })
		}
	})
	return p, nil
}

func (p *flakyProxy) address() string { return p.listener.Addr().String() }

func (p *flakyProxy) set(m mode) { p.mode.Store(int32(m)) }

func (p *flakyProxy) close() { _ = p.listener.Close() }

const (
	hangTime = 3 * time.Second
	cutAfter = 6 << 10 // in the middle of a page
)

func (p *flakyProxy) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	limit := int64(1) << 40
	switch mode(p.mode.Load()) {
	case refuse:
		return
	case hang:
		time.Sleep(hangTime)
		return
	case truncate:
		limit = cutAfter
	case forward:
	}
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(far, conn)
		_ = far.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(conn, io.LimitReader(far, limit))
	_ = conn.Close() // ends the other direction too
	<-done
}
