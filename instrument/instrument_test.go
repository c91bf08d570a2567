package instrument_test

import (
	"testing"

	"dvala/fault"
	"dvala/instrument"
)

func TestAllParse(t *testing.T) {
	for _, d := range instrument.All() {
		t.Log(d.ID, len(d.Items), len(d.Scales), d.SHA256()[:8])
	}
	_ = fault.Text
}
