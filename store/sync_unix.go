//go:build !windows

package store

import "os"

// syncDir makes the names in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return closing(d, err)
	}
	return d.Close()
}
