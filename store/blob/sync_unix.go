//go:build !windows

package blob

import "os"

// SyncDir makes the names in a folder survive a power cut.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return closing(d, err)
	}
	return d.Close()
}
