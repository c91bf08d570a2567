package main

import (
	"dvala/api"
	"dvala/ui/person"
)

// offers gives the API what the pages have: what a screen does, it does.
func (d *servedDesk) offers(o api.Options, mine person.Options) api.Options {
	o.Release, o.Access, o.Work = Release(), d.access, d.made
	o.Book, o.PushKey, o.Wording = mine.Book, mine.PushKey, mine.Wording
	if d.rings != nil {
		o.Rings = d.rings
	}
	if u, is := mine.Upload.(api.Uploads); is {
		o.Uploads = u
	}
	return o
}
