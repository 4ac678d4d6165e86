package entra

import "errors"

var errUnreadableSession = errors.New("the kept session cannot be read")
