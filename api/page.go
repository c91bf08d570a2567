package api

import (
	"slices"

	"dvala/fault"
)

// part gives the page of a list that is asked for, of those that fit, and after
// what the next one begins; empty where this is the last. fits is nil where all
// do. Lists keep their order, so that what comes in between pages stands before or
// after them and moves nothing on them.
func part[T any](all []T, in Page, id func(T) string, fits func(T) bool) (page []T, next string, err error) {
	if in.After != "" {
		i := slices.IndexFunc(all, func(x T) bool { return id(x) == in.After })
		if i < 0 {
			return nil, "", fault.New("page-after", "after", "the list has no %.40q to go on after", in.After)
		}
		all = all[i+1:]
	}
	if fits != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(x T) bool { return !fits(x) })
	}
	if len(all) > in.Limit {
		all = all[:in.Limit]
		next = id(all[len(all)-1])
	}
	return all, next, nil
}
