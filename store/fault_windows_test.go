package store

const fullDir = "DVALA_TEST_FULL_DIR"

func fillDisk(string) {}
