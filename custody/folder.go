package custody

import (
	"bytes"
	"fmt"

	"dvala/ledger"
	"dvala/seal"
)

// Emergency is one as its folder tells it, checked: the request is on the
// ledger that the checkpoint signs, and the sealed list is that ledger's.
type Emergency struct {
	Request
	Key      ledger.PublicKey // that signed the ledger
	List     *seal.List
	Protocol []byte
	Parts    [][]byte // what the custodian or holders have sent, for Receive
}

// ReadFolder reads the folder of one emergency (seal.Folder), which the trial
// gives instead of its whole ledger.
func ReadFolder(raw []byte) (Emergency, error) {
	f, err := seal.ParseFolder(raw)
	if err != nil {
		return Emergency{}, err
	}
	x, err := ledger.ReadExcerpt(bytes.NewReader(f.Excerpt))
	if err != nil {
		return Emergency{}, err
	}
	var lists []*seal.List
	for i, part := range f.Lists {
		l, err := seal.Parse(bytes.NewReader(part))
		if err != nil {
			return Emergency{}, fmt.Errorf("list %d: %w", i, err)
		}
		lists = append(lists, l)
	}
	l, err := seal.Join(lists[0], lists[1:]...)
	if err != nil {
		return Emergency{}, err
	}
	r, err := Requested(x.Entries, l, nil, nil)
	return Emergency{Request: r, Key: x.Key, List: l, Protocol: f.Protocol, Parts: f.Parts}, err
}
