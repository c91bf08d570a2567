package jobs

import "testing/fstest"

// none are the migrations of a room that has one table of no use: a database
// file is there once something is written to it.
var none = fstest.MapFS{"sqlite/00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (b INTEGER);\n")}}
