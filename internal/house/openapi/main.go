// Command openapi writes the description of the API, api/openapi.yaml, from the
// operations themselves.
package main

import (
	"fmt"
	"os"

	"dvala/api"
)

func main() {
	raw, err := api.Describe(api.Options{})
	if err == nil {
		err = os.WriteFile("openapi.yaml", raw, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "openapi:", err)
		os.Exit(1)
	}
}
