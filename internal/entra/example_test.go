package entra_test

import (
	"fmt"

	"github.com/o365aws/o365aws/internal/entra"
)

// Recognise looks up a page in the table of sign-in pages, by its page id first.
func ExampleRecognise() {
	state, ok := entra.Recognise(entra.Snapshot{
		Host: "login.microsoftonline.com", Secure: true, Ready: true,
		PageID: "KmsiInterrupt", IDs: []string{"idSIButton9", "idBtn_Back"},
	})
	fmt.Println(ok, state.Name)
	// Output: true keep-signed-in
}
