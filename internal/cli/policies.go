package cli

import (
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/o365aws/o365aws/internal/blocking"
	"github.com/o365aws/o365aws/internal/fault"
	"github.com/o365aws/o365aws/internal/sts"
)

// policyFlags returns the flags for session policies.
func policyFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "read-only", Usage: "narrow the session to the AWS managed policy ReadOnlyAccess"},
		&cli.StringSliceFlag{
			Name: "policy-arn", Usage: "ARN of a session policy: the session may do only what both the role and a " +
				"session policy allow; up to 10, repeatable",
		},
		&cli.StringFlag{Name: "policy-file", Usage: "file with a session policy as JSON, up to 2,048 characters"},
	}
}

// policies returns the session policies of the command line.
func (s *invocation) policies(c *cli.Context) (sts.Policies, error) {
	var document []byte
	if path := c.String("policy-file"); path != "" {
		var err error
		if document, err = blocking.Call(c.Context, func() ([]byte, error) { return readPolicy(path) }); err != nil {
			return sts.Policies{}, fault.Wrap(fault.Config, err, "cannot read the session policy")
		}
		if len(document) == 0 {
			return sts.Policies{}, usage("the session policy %s is empty", path)
		}
	}
	return sts.NewPolicies(c.Bool("read-only"), c.StringSlice("policy-arn"), document)
}

// readPolicy reads a policy, which may be a pipe.
func readPolicy(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxPolicyFile))
}

// chainFlags returns the flags for assuming another role with the credentials of the
// first one.
func chainFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{
			Name: "assume", Usage: "ARN of a role to assume with the role of the sign-in, for an hour at most",
		},
		&cli.StringFlag{
			Name: "external-id", Usage: "with --assume: external ID that the trust policy of the role requires",
		},
	}
}

// chain returns the role to chain to, from the command line.
func chain(c *cli.Context) (sts.Chain, error) {
	return sts.NewChain(c.String("assume"), c.String("external-id"))
}

// maxPolicyFile is the maximum size of a policy file in bytes, including white space.
const maxPolicyFile = 64 << 10

// narrowed returns the name of a role with its session policies.
func narrowed(role, policies string) string {
	if policies == "" {
		return role
	}
	return role + " (" + sts.DescribePolicies(policies) + ")"
}

// policyArgs returns the policy flags that reproduce those of c.
func policyArgs(c *cli.Context) []string {
	var args []string
	if c.Bool("read-only") {
		args = append(args, "--read-only")
	}
	for _, arn := range c.StringSlice("policy-arn") {
		args = append(args, "--policy-arn="+arn)
	}
	for _, name := range []string{"policy-file", "assume", "external-id"} {
		if value := c.String(name); value != "" {
			args = append(args, "--"+name+"="+value)
		}
	}
	return args
}

// sessionPolicies returns the session policies of a key for JSON output.
func sessionPolicies(key string) []string { return strings.Fields(key) }
