package subprocess

import (
	"errors"
	"reflect"
	"runtime"
	"testing"
)

func TestEnviron(t *testing.T) {
	got := Environ(
		[]string{"PATH=/bin", "AWS_PROFILE=old", "AWS_REGION=old", "SECRET=x", "=C:=C:\\"},
		[]string{"AWS_REGION=new", "AWS_ACCESS_KEY_ID=k=v"}, []string{"AWS_PROFILE", "SECRET", "NOT_THERE"})
	want := []string{"PATH=/bin", "=C:=C:\\", "AWS_REGION=new", "AWS_ACCESS_KEY_ID=k=v"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNotStarted(t *testing.T) {
	var failed *NotStarted
	if err := Run(Command{Args: []string{"no-such-program-here"}}); !errors.As(err, &failed) ||
		failed.Status != notFound {
		t.Error(err)
	}
	if err := Become(Command{Args: []string{"no-such-program-here"}}); !errors.As(err, &failed) ||
		failed.Status != notFound {
		t.Error(err)
	}
	folder := notRunnable
	if runtime.GOOS == "windows" { // Windows recognizes programs by their names
		folder = notFound
	}
	if err := Run(Command{Args: []string{t.TempDir()}}); !errors.As(err, &failed) || failed.Status != folder {
		t.Error(err)
	}
}
