package prompt

// onContinue does nothing: on Windows no shell stops a process.
func onContinue(func()) (end func()) { return func() {} }
