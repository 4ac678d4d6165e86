package entra_test

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/entra"
)

// Recognize returns the row of a page in the table of sign-in pages.
func ExampleRecognize() {
	state, ok := entra.Recognize(entra.Snapshot{
		Host: "login.microsoftonline.com", Secure: true, Ready: true,
		PageID: "KmsiInterrupt", IDs: []string{"idSIButton9", "idBtn_Back"},
	})
	fmt.Println(ok, state.Name)
	// Output: true keep-signed-in
}
