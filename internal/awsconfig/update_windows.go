package awsconfig

// checkOwner has nothing to check: the user's folder carries its own access list.
func checkOwner(string) error { return nil }

func syncDir(string) error { return nil }
