package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"dvala/civil"
	"dvala/fault"
	"dvala/ledger"
)

// ValidateCmd qualifies the installation on this machine: that what was
// installed is what was released and fits this machine (installation), that the
// rules hold here (operation), and that the operator's own protocol runs from
// beginning to end (performance). It writes a record that traces each
// requirement over its risk to its tests and their results, and signs it.
type ValidateCmd struct {
	Dir      string `type:"existingdir" default:"." help:"Where trials will lie: the tests are run in a directory made there, on that disk."`
	Database string `env:"DVALA_DATABASE" placeholder:"URL" help:"The PostgreSQL database that the servers will use: a schema is made in it, tried, and taken away."`
	Blobs    string `env:"DVALA_BLOBS" placeholder:"PLACE" help:"Where files will lie: one is put there, read back, and taken away."`
	SSO      SignOn `embed:"" prefix:"sso-"`
	MailFlags
	Protocol string `type:"existingfile" help:"The operator's own protocol, to be played too."`
	Out      string `type:"path" default:"validation.json" help:"Where the record goes; its signature goes beside it, as .sig."`
	Key      string `type:"existingfile" help:"A ledger's secret key to sign with, as in a trial's ledger.key; one is made for this record where none is given."`
	Check    string `type:"existingfile" help:"Instead: check the signature of a record."`
	Public   string `placeholder:"KEY" help:"With --check: the public key, as told outside these files."`
}

// validation is the record.
type validation struct {
	Format       int                `json:"format"` // 1
	Program      string             `json:"program"`
	Executable   string             `json:"executable_sha256"`
	Made         time.Time          `json:"made"`
	Machine      machine            `json:"machine"`
	Directory    string             `json:"directory"`
	Zones        string             `json:"zone_rules"`
	PublicKey    string             `json:"public_key"` // that the signature is checked with
	Passed       bool               `json:"passed"`
	Requirements []validatedRequest `json:"requirements"`
	Tests        []validated        `json:"tests"`
}

type machine struct {
	OS   string `json:"os"`
	Arch string `json:"arch"`
	CPUs int    `json:"cpus"`
	Go   string `json:"go"`
}

// validatedRequest is a requirement and what its tests gave.
type validatedRequest struct {
	requirement
	Result string `json:"result"`
}

// validated is one test and its result.
type validated struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Result string  `json:"result"` // passed, failed, skipped
	Detail string  `json:"detail,omitempty"`
	Hint   string  `json:"hint,omitempty"`
	Second float64 `json:"seconds"`
}

// Results of tests and requirements.
const (
	passed  = "passed"
	failed  = "failed"
	skipped = "skipped"
	duty    = "organisation" // no program can show it: it is the operator's
)

// validationOrigin is whose ledger a record's signature is of, where no key is
// given.
const validationOrigin = "dvala-validation"

// Run qualifies, or checks a record.
func (c *ValidateCmd) Run(p *Program) error {
	if c.Check != "" {
		return c.check(p)
	}
	key, err := c.key()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(c.Dir, ".dvala-validate-")
	if err != nil {
		return fault.Wrap("file-unwritable", c.Dir, err)
	}
	defer os.RemoveAll(dir)
	q := &qualification{Program: p, ctx: context.Background(), dir: dir, protocol: c.Protocol, with: configured{database: c.Database, blobs: c.Blobs, sso: c.SSO, mail: c.MailFlags}}
	v := validation{
		Format: 1, Program: Release(), Executable: executable(), Made: p.Now().UTC().Truncate(time.Second), Directory: c.Dir,
		Machine: machine{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()}, Zones: civil.ZoneRules,
		PublicKey: key.Public().String(), Passed: true,
	}
	results := map[string]string{}
	for _, t := range qualifications {
		r := q.run(t)
		v.Tests, results[r.ID] = append(v.Tests, r), r.Result
		v.Passed = v.Passed && r.Result != failed
		fmt.Fprintf(p.Stdout, "%-8s %-6s %s\n", r.Result, r.ID, r.Title)
		if r.Detail != "" {
			fmt.Fprintf(p.Stdout, "%-15s %s\n", "", r.Detail)
		}
		if r.Hint != "" {
			fmt.Fprintf(p.Stdout, "%-15s hint: %s\n", "", r.Hint)
		}
	}
	for _, r := range requirements {
		if r.Duty != "" {
			v.Requirements = append(v.Requirements, validatedRequest{r, duty})
			continue
		}
		v.Requirements = append(v.Requirements, validatedRequest{r, r.result(results)})
	}
	if err := c.write(key, v); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "\n%d requirements, %d tests. The record: %s; its signature: %s.sig\n", len(v.Requirements), len(v.Tests), c.Out, c.Out)
	if !v.Passed {
		return errPrinted
	}
	return nil
}

// key gives the key that signs the record.
func (c *ValidateCmd) key() (*ledger.Key, error) {
	if c.Key == "" {
		return ledger.GenerateKey(rand.Reader, validationOrigin)
	}
	secret, err := readWhole(c.Key, 1<<16)
	if err != nil {
		return nil, err
	}
	public, err := readWhole(filepath.Join(filepath.Dir(c.Key), "ledger.pub"), 1<<16)
	if err != nil {
		return nil, err
	}
	return ledger.ParseKey(string(secret), string(bytes.TrimSpace(public)))
}

// write writes the record and signs it: the signature is a checkpoint of a
// ledger with one entry, the record.
func (c *ValidateCmd) write(key *ledger.Key, v validation) error {
	raw, err := indented(v)
	if err != nil {
		return err
	}
	signed, err := key.Sign(ledger.Checkpoint{Origin: key.Public().Origin(), Size: 1, Root: ledger.LeafHash(raw)})
	if err != nil {
		return err
	}
	if err := writeWhole(c.Out, raw); err != nil {
		return err
	}
	return writeWhole(c.Out+".sig", signed)
}

// check says whether a record is the one that was signed.
func (c *ValidateCmd) check(p *Program) error {
	raw, err := readWhole(c.Check, 1<<24)
	if err != nil {
		return err
	}
	signed, err := readWhole(c.Check+".sig", 1<<16)
	if err != nil {
		return err
	}
	var v validation
	if err := json.Unmarshal(raw, &v); err != nil {
		return fault.Wrap("validation-form", c.Check, err)
	}
	told := c.Public
	if told == "" {
		told = v.PublicKey
	}
	public, err := ledger.ParsePublicKey(told)
	if err != nil {
		return err
	}
	point, err := ledger.OpenCheckpoint(signed, public)
	if err != nil {
		return err
	}
	if point.Size != 1 || point.Root != ledger.LeafHash(raw) {
		return fault.New("validation-changed", c.Check, "this record is not the one that was signed")
	}
	fmt.Fprintf(p.Stdout, "signed, and unchanged: %s, %s, %d tests, passed: %v\n", v.Program, v.Made.Format(time.RFC3339), len(v.Tests), v.Passed)
	if c.Public == "" {
		fmt.Fprintln(p.Stdout, "The key that this was checked with stands in the record itself: it shows that nothing was changed by accident. Give --public to know who signed.")
	}
	return nil
}

// executable gives the SHA-256 of the running program.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
