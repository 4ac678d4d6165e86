package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// mood is how the way to the proxy is.
type mood int32

const (
	fair    mood = iota
	refuses      // ends each connection at once
	hangs        // takes connections and says nothing for a while, then ends them
	cuts         // ends each connection after some bytes
)

// weather is a road to the proxy of the double, in any mood.
type weather struct {
	listener net.Listener
	to       string
	mood     atomic.Int32
	open     sync.WaitGroup
}

func newWeather(to string) (*weather, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &weather{listener: listener, to: to}
	w.open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			w.open.Go(func() { w.carry(conn) })
		}
	})
	return w, nil
}

func (w *weather) address() string { return w.listener.Addr().String() }

func (w *weather) is(m mood) { w.mood.Store(int32(m)) }

func (w *weather) close() { _ = w.listener.Close() }

const (
	hangsFor = 3 * time.Second
	cutAfter = 6 << 10 // bytes of an answer: in the middle of a page
)

// carry carries one connection.
func (w *weather) carry(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	limit := int64(1) << 40
	switch mood(w.mood.Load()) {
	case refuses:
		return
	case hangs:
		time.Sleep(hangsFor) // the mood itself
		return
	case cuts:
		limit = cutAfter
	case fair:
	}
	far, err := net.Dial("tcp", w.to)
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
