package graph

import (
	"encoding/json"
	"net/http"
	"strings"
)

// maxBatch is the maximum number of calls in a batch.
const maxBatch = 20

// serveBatch answers a batch. Each call can fail on its own.
func (d *Directory) serveBatch(w http.ResponseWriter, r *http.Request, token *accessToken, body []byte) {
	var batch struct {
		Requests []struct {
			ID, Method, URL string
			Headers         map[string]string
			Body            json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &batch); err != nil || len(batch.Requests) == 0 || len(batch.Requests) > maxBatch {
		writeResponse(
			w,
			nil,
			refuse(
				http.StatusBadRequest, "BadRequest", "Invalid batch payload: 1 to %d requests are allowed", maxBatch,
			),
		)
		return
	}
	d.mu.Lock()
	err := d.trouble(r.Method, "/$batch", false)
	d.mu.Unlock()
	if err != nil {
		writeResponse(w, nil, err)
		return
	}
	var responses []fields
	for i := range batch.Requests { // the order is not specified: here backwards
		request := batch.Requests[len(batch.Requests)-1-i]
		path, query, err := queryOf(request.URL)
		answer := &memoryWriter{header: http.Header{}}
		switch {
		case err != nil:
			writeResponse(answer, nil, err)
		case len(request.Body) > 0 && !strings.HasPrefix(request.Headers["Content-Type"], "application/json"):
			writeResponse(
				answer,
				nil,
				refuse(
					http.StatusBadRequest, "BadRequest",
					"Write request id : %s does not contain Content-Type header or body.", request.ID,
				),
			)
		default:
			answer = d.answer(r, token, request.Method, path, query, request.Body, true)
		}
		response := fields{"id": request.ID, "status": answer.status, "headers": flat(answer.header)}
		if len(answer.body) > 0 {
			response["body"] = json.RawMessage(answer.body)
		}
		responses = append(responses, response)
	}
	writeJSON(w, http.StatusOK, fields{"responses": responses})
}

func flat(header http.Header) map[string]string {
	out := map[string]string{}
	for name := range header {
		out[name] = header.Get(name)
	}
	return out
}
