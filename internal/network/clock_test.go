package network

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/o365aws/o365aws/internal/fault"
)

type answerAt time.Time

func (a answerAt) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		Header: http.Header{"Date": {time.Time(a).UTC().Format(http.TimeFormat)}}, Body: http.NoBody,
	}, nil
}

// The user is warned once if the clock is off by minutes, and errors have a hint.
func TestClockWatch(t *testing.T) {
	now := time.Now()
	for off, want := range map[time.Duration]string{
		0: "", time.Minute: "", -time.Minute: "",
		10 * time.Minute:  "this machine's clock is 10m0s ahead of sts.amazonaws.com",
		-10 * time.Minute: "this machine's clock is 10m0s behind that of sts.amazonaws.com",
	} {
		t.Run(off.String(), func(t *testing.T) {
			var said []string
			watch := &ClockWatch{
				next:   answerAt(now.Truncate(time.Second)),
				now:    func() time.Time { return now.Truncate(time.Second).Add(off) },
				notice: func(text string) { said = append(said, text) },
			}
			for range 2 {
				r, err := http.NewRequest(http.MethodGet, "https://sts.amazonaws.com/", nil)
				if err != nil {
					t.Fatal(err)
				}
				response, err := watch.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = response.Body.Close()
			}
			got := strings.Join(said, "\n")
			if (want == "") != (got == "") || len(said) > 1 ||
				!strings.Contains(strings.ReplaceAll(got, "ahead of that of", "ahead of"), want) {
				t.Errorf("got %q, want %q", got, want)
			}
			err := watch.Explain(fault.New(fault.Auth, "refused", "first"))
			if hinted := strings.Contains(err.(*fault.Error).Hints[0], "clock"); hinted != (want != "") {
				t.Errorf("got %v, want a hint: %v", err, want != "")
			}
		})
	}
}
