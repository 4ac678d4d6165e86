package repotest

import (
	"strings"

	"github.com/o365aws/o365aws/internal/admin/aws"
	"github.com/o365aws/o365aws/internal/admin/engine"
	"github.com/o365aws/o365aws/internal/admin/entra"
	"github.com/o365aws/o365aws/internal/admin/spec"
)

// adminSetup renders docs/admin-setup.md from the steps described by admin explain and
// the draft written by admin init.
func adminSetup() string {
	example := spec.Example()
	example.Assignments = []spec.Assignment{{User: "ada@example.com", Roles: []string{"azure.admin", "azure.reader"}}}
	w := &engine.World{Spec: example}
	tenant := &entra.Tenant{}
	tenant.Attach(w)
	steps, err := engine.Compose(w, tenant.Steps, aws.Side(&aws.Clients{}))
	if err != nil {
		return err.Error()
	}
	_, explained, _ := strings.Cut(engine.Explain(steps), "\n\n")
	return render("admin-setup.md", struct{ File, Steps string }{
		string(spec.Draft("example.onmicrosoft.com", "123456789012")), explained,
	})
}
