package store

import "time"

const fullDir = "DVALA_TEST_FULL_DIR"

func fillDisk(string) {}

const illDir = "DVALA_TEST_ILL_DIR"

func illWrite(string) {}

func processorTime() time.Duration { return 0 }
