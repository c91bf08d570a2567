package desk

import (
	"errors"
	"slices"
	"strings"

	"dvala/fault"
)

// StoreFailed says whether an error is of a store that failed (a database that is
// away, a disk that is full, a file that is damaged) and not of what was asked.
// The words of such an error name hosts, users and paths: they are for the log,
// and not for who asked. That a file is not there is no failure of the store.
func StoreFailed(err error) bool {
	var list fault.List
	if errors.As(err, &list) {
		return slices.ContainsFunc(list, func(p *fault.Problem) bool { return ofStore(p.Code) })
	}
	return ofStore(fault.CodeOf(err))
}

func ofStore(code fault.Code) bool {
	if code == "blob-missing" {
		return false
	}
	return slices.ContainsFunc([]string{"store", "blob", "ledger", "database"}, func(name string) bool {
		return string(code) == name || strings.HasPrefix(string(code), name+"-")
	})
}
