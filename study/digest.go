package study

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// dump is what Dump writes, in this order.
type dump struct {
	Trial           string                    `json:"trial"`
	Protocol        string                    `json:"protocol_hash"`
	Entries         uint64                    `json:"entries"`
	Root            string                    `json:"root"`
	Opened          *Opened                   `json:"opened,omitempty"`
	Taken           map[string]int            `json:"taken"`
	Participants    []*Participant            `json:"participants"`
	Amendments      []*Amended                `json:"amendments,omitempty"`
	ClockJumps      []Entered[ClockJumped]    `json:"clock_jumps,omitempty"`
	ClocksConfirmed []Entered[ClockConfirmed] `json:"clocks_confirmed,omitempty"`
	AccessLog       []Entered[AccessLogStood] `json:"access_log,omitempty"`
	NotScreened     []NotScreened             `json:"not_screened,omitempty"`
	Proposals       []*Proposing              `json:"proposals,omitempty"`
	Stock           map[string]StockKit       `json:"stock,omitempty"`
	Lists           []string                  `json:"lists,omitempty"`
	DryRuns         []DryRun                  `json:"dry_runs,omitempty"`
	Signatures      []Signing                 `json:"signatures,omitempty"`
	Locked          *Locked                   `json:"locked,omitempty"`
	Openings        *AllocationsOpen          `json:"openings,omitempty"`
	Reported        *Reported                 `json:"reported,omitempty"`
}

// Dump gives the state as JSON: participants in the order of their screening,
// the members of every map sorted. Two states that hold the same give the same
// bytes. No arm is in it.
func (s *State) Dump() ([]byte, error) {
	root := s.tree.Root()
	d := dump{
		Trial: s.Protocol.ID(), Protocol: s.Protocol.HashHex(), Entries: s.Entries,
		Root: hex.EncodeToString(root[:]), Opened: s.Opened, Taken: s.Taken,
		Amendments: s.Amendments, ClockJumps: s.ClockJumps, ClocksConfirmed: s.ClocksConfirmed, AccessLog: s.AccessLog, NotScreened: s.NotScreened, Proposals: s.Proposals, Stock: s.Stock, Lists: s.lists, DryRuns: s.DryRuns, Signatures: s.Signatures, Locked: s.Locked, Openings: s.Openings, Reported: s.Reported,
	}
	for _, code := range s.Order {
		d.Participants = append(d.Participants, s.People[code])
	}
	return json.Marshal(d)
}

// Digest gives the SHA-256 of the dump in hex, to tell at a glance whether two
// states are the same.
func (s *State) Digest() (string, error) {
	raw, err := s.Dump()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
