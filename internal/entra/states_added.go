package entra

// addedStates lists pages added from reports. tools/addpage inserts their rows;
// docs/dev/new-pages.md describes how.
var addedStates = []State{
	// addpage inserts rows above this line.
}
