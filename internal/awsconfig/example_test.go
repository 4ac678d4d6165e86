package awsconfig_test

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/awsconfig"
)

// EditSection changes one profile and preserves every other byte of the file.
func ExampleEditSection() {
	file := []byte("# keep me\n[default]\nregion = us-east-1\n\n[profile work]\nregion = eu-west-1\noutput = json\n")
	file, err := awsconfig.EditSection(
		file, "profile work", []awsconfig.KV{{Key: "region", Value: "eu-central-1"}}, []string{"output"},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(file))
	// Output:
	// # keep me
	// [default]
	// region = us-east-1
	//
	// [profile work]
	// region = eu-central-1
}
