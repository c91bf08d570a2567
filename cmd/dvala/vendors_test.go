package main

import (
	"slices"
	"testing"

	"dvala/protocol"
	vendors "dvala/wearable/recognise"
)

// A protocol may name every vendor whose export a reader knows, and no other.
func TestVendorsOfProtocolsAreReadable(t *testing.T) {
	read := slices.Sorted(slices.Values(vendors.Vendors()))
	if got := protocol.DeviceVendors(); !slices.Equal(got, read) {
		t.Errorf("a protocol may name %v; read are %v", got, read)
	}
}
