package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// piped is a browser controlled through a debugging pipe. It is independent of the
// program's own browser driver, so that the lower bound is, too.
type piped struct {
	cmd  *exec.Cmd
	in   *os.File
	out  *bufio.Reader
	next int
}

type message struct {
	ID        int            `json:"id,omitempty"`
	SessionID string         `json:"sessionId,omitempty"`
	Method    string         `json:"method,omitempty"`
	Params    map[string]any `json:"params,omitempty"`
	Result    map[string]any `json:"result,omitempty"`
	Error     map[string]any `json:"error,omitempty"`
}

// startPiped starts cmd with both ends of the pipe as file descriptors 3 and 4.
func startPiped(cmd *exec.Cmd) (*piped, error) {
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{theirIn, theirOut}
	err = cmd.Start()
	if err = errors.Join(err, theirIn.Close(), theirOut.Close()); err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	return &piped{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

func (p *piped) end() {
	_ = p.cmd.Process.Kill()
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// drive opens a tab that runs the script in every document, loads the address, and
// returns when a request to AWS's sign-in endpoint is about to be sent.
func (p *piped) drive(address, script string) error {
	targets, err := p.call("", "Target.getTargets", nil)
	if err != nil {
		return err
	}
	var tab string
	for _, info := range targets["targetInfos"].([]any) {
		if target := info.(map[string]any); target["type"] == "page" {
			tab = target["targetId"].(string)
		}
	}
	attached, err := p.call("", "Target.attachToTarget", map[string]any{"targetId": tab, "flatten": true})
	if err != nil {
		return err
	}
	session := attached["sessionId"].(string)
	for _, step := range []message{
		{Method: "Page.enable"},
		{Method: "Page.addScriptToEvaluateOnNewDocument", Params: map[string]any{"source": script}},
		{Method: "Fetch.enable", Params: map[string]any{"patterns": []map[string]any{{"urlPattern": "https://*signin.aws.amazon.com*"}}}},
	} {
		if _, err := p.call(session, step.Method, step.Params); err != nil {
			return err
		}
	}
	if err := p.send(session, "Page.navigate", map[string]any{"url": address}); err != nil {
		return err
	}
	for {
		m, err := p.receive()
		if err != nil || m.Method == "Fetch.requestPaused" {
			return err
		}
	}
}

func (p *piped) send(session, method string, params map[string]any) error {
	p.next++
	data, err := json.Marshal(message{ID: p.next, SessionID: session, Method: method, Params: params})
	if err != nil {
		return err
	}
	_, err = p.in.Write(append(data, 0))
	return err
}

func (p *piped) receive() (message, error) {
	data, err := p.out.ReadBytes(0)
	if err != nil {
		return message{}, fmt.Errorf("the browser ended: %w", err)
	}
	var m message
	err = json.Unmarshal(data[:len(data)-1], &m)
	return m, err
}

func (p *piped) call(session, method string, params map[string]any) (map[string]any, error) {
	if err := p.send(session, method, params); err != nil {
		return nil, err
	}
	for {
		m, err := p.receive()
		switch {
		case err != nil:
			return nil, err
		case m.ID == p.next && m.Error != nil:
			return nil, fmt.Errorf("%s: %v", method, m.Error["message"])
		case m.ID == p.next:
			return m.Result, nil
		}
	}
}
