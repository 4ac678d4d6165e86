package entra_test

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/entra"
)

// Recognise returns the row of a page in the table of sign-in pages.
func ExampleRecognise() {
	state, ok := entra.Recognise(entra.Snapshot{
		Host: "login.microsoftonline.com", Secure: true, Ready: true,
		PageID: "KmsiInterrupt", IDs: []string{"idSIButton9", "idBtn_Back"},
	})
	fmt.Println(ok, state.Name)
	// Output: true keep-signed-in
}
