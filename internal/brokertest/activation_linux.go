package brokertest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Activatable is a broker that the bus starts on demand.
type Activatable struct{ started chan *Broker }

// Activate registers a broker that takes delay to start with the bus that reads
// its services from dir. Call it before the bus starts.
func Activate(dir, address string, delay time.Duration, o Options) (*Activatable, error) {
	services := filepath.Join(dir, "dbus-1", "services")
	if err := os.MkdirAll(services, 0o700); err != nil {
		return nil, err
	}
	fifo, program := filepath.Join(dir, "started"), filepath.Join(dir, "start")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		return nil, err
	}
	// The program runs until the folder is removed, while the bus waits for the name.
	script := fmt.Sprintf("#!/bin/sh\necho started >%s\nwhile [ -e %s ]; do sleep 0.2; done\n", fifo, fifo)
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		return nil, err
	}
	service := "[D-BUS Service]\nName=" + BusName + "\nExec=" + program + "\n"
	if err := os.WriteFile(filepath.Join(services, BusName+".service"), []byte(service), 0o600); err != nil {
		return nil, err
	}
	a := &Activatable{started: make(chan *Broker, 1)}
	go func() {
		defer close(a.started)
		if _, err := os.ReadFile(fifo); err != nil { // returns when the program writes
			return
		}
		time.Sleep(delay)
		if b, err := Start(address, o); err == nil {
			a.started <- b
		}
	}()
	return a, nil
}

// Broker returns the broker if the bus has started it, else nil.
func (a *Activatable) Broker() *Broker {
	select {
	case b := <-a.started:
		return b
	default:
		return nil
	}
}
