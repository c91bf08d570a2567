package blob

// SyncDir does nothing: Windows cannot sync a folder, and keeps its names in a
// journal of its own.
func SyncDir(string) error { return nil }
