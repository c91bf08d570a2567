// Package examples holds the protocols that the program shows and plays.
package examples

import (
	"embed"
	"fmt"
)

//go:embed */protocol.yaml
var files embed.FS

// Protocol gives an example's protocol file by the name of its folder.
func Protocol(name string) ([]byte, error) {
	b, err := files.ReadFile(name + "/protocol.yaml")
	if err != nil {
		return nil, fmt.Errorf("there is no example %q", name)
	}
	return b, nil
}
