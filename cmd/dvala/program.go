package main

import (
	"io"
	"time"
)

// Program is what a verb may touch of the world: its streams, the clock, and
// what the terminal can show. Verbs get it from main, tests make their own.
type Program struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Now            func() time.Time
	Color          bool // the terminal shows colour and NO_COLOR is not set
	Terminal       bool // standard error is a terminal, so a progress bar may move
	Width          int  // columns of the terminal; 80 where unknown
}
