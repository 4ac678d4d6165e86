package prompt

// onContinue does nothing: Windows has no job control.
func onContinue(func()) (end func()) { return func() {} }
