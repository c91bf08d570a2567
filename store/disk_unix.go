//go:build !windows

package store

import "golang.org/x/sys/unix"

// diskSpace gives the bytes that are free to this user, and all.
func diskSpace(dir string) (free, total uint64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, 0, false
	}
	return s.Bavail * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), true
}
