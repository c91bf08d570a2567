package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"

	"dvala/civil"
	"dvala/custody"
	"dvala/examples"
	"dvala/fault"
	"dvala/ledger"
	"dvala/protocol"
	"dvala/seal"
	"dvala/simulate"
	"dvala/store"
	"dvala/study"
)

// DemoCmd plays a whole trial with made-up people.
type DemoCmd struct {
	Dir          string  `help:"Where to put it; an earlier demonstration there is replaced." default:"demo" type:"path"`
	Seed         uint64  `help:"The same seed gives the same people, nights and estimates." default:"1"`
	Participants int     `help:"How many to randomise; 0 takes the protocol's number." default:"0"`
	Effect       float64 `help:"True effect on the ISI at the end of treatment, in points; below 0 is better sleep." default:"0"`
	Example      string  `help:"Which example to play: mgt-2024, crossover, nof1, or two-sites, whose arms are drawn by minimisation." default:"mgt-2024" enum:"mgt-2024,crossover,nof1,two-sites"`
	Until        string  `help:"Stop on this day of the trial, counted from its start, or on this date: a trial in mid-flight, to click through with dvala serve." placeholder:"N|DATE"`
	Serve        bool    `help:"End by serving it in a browser, in mid-flight: on the day that --until names, or in its midst."`
	Addr         string  `help:"Where to listen then." default:"127.0.0.1:8080"`
	Nof1         bool    `name:"nof1" help:"Play the trial of one person with a helper: the same as --example nof1."`
}

// The names in a demonstration's directory, beside those of any trial.
const (
	demoMark     = "demo.txt"
	custodianDir = "custodian"
	exportDir    = "export"
	dryRunFile   = "dry-run.html"
	demoPeople   = "participants" // in the mark: what it was played with
	demoEffect   = "effect"
)

// Run plays the trial: protocol, key, sealing, screening, nights, lock, dry
// run, openings, analysis, report, verification.
func (c *DemoCmd) Run(p *Program) error {
	began := p.Now()
	if c.Nof1 {
		c.Example = "nof1"
	}
	d := &demo{DemoCmd: *c, Program: p, ctx: context.Background()}
	if err := d.stopOn(c.Until); err != nil { // before an earlier one is cleared away
		return err
	}
	if err := d.clear(); err != nil {
		return err
	}
	steps := []func() error{d.writeProtocol, d.seal, d.open, d.play, d.dryRun, d.lockAndOpen, d.report, d.verify}
	if d.stop > 0 {
		steps = steps[:4]
	}
	var failed error
	for _, step := range steps {
		if failed = step(); failed != nil {
			break
		}
	}
	if d.trial != nil {
		failed = errors.Join(failed, d.trial.Close())
	}
	if failed != nil {
		return failed
	}
	d.say("")
	if c.Serve {
		d.say("Played in %.1f s. In a browser one can now be its coordinator, investigator, pharmacist, statistician,", p.Now().Sub(began).Seconds())
		d.say("custodian, or a participant:")
		return d.servedMidway().Run(p)
	}
	if d.stop > 0 {
		d.say("Stopped on day %d, after %.1f s. To click through it as coordinator, investigator, pharmacist,", d.stop, p.Now().Sub(began).Seconds())
		d.say("statistician, custodian or participant:")
		d.say("  dvala serve --dir %s", c.Dir)
		return nil
	}
	d.say("Done in %.1f s. In %s:", p.Now().Sub(began).Seconds(), c.Dir)
	d.say("  %-14s what was asked, what was found, and how to check it", reportFile)
	if slices.Contains(d.checked.Protocol().Languages, "sv") {
		d.say("  %-14s the same in Swedish", inLang(reportFile, "sv"))
	}
	d.say("  %-14s its numbers; the same seed gives the same file", resultsFile)
	d.say("  %-14s what the report looked like before anyone knew an arm", dryRunFile)
	d.say("  %-14s the trial as it is handed to someone who does not trust us", exportDir)
	if c.Example == "nof1" {
		d.say("  %-14s what the helper sticks on the boxes; what went into them is in %s", "labels.html", custodianDir)
	}
	d.say("")
	d.say("Try next:")
	d.say("  dvala serve --dir %s", c.Dir)
	d.say("                                  the trial and its report in a browser")
	like := ""
	if c.Example != "mgt-2024" {
		like = " --example " + c.Example
	}
	d.say("  dvala serve --dir %s --day 24", c.Dir)
	d.say("                                  the same trial as it stood on its 24th day, to click through")
	if c.Example == "nof1" {
		d.say("                                  (be P0001: her page My trial leads her through it)")
	}
	d.say("  dvala verify %s", filepath.Join(c.Dir, exportDir))
	d.say("                                  check everything again, without a key")
	d.say("  dvala export --dir %s --out csv", c.Dir)
	d.say("                                  all data as tables, with a dictionary")
	d.say("  dvala demo%s --dir other --effect -6", like)
	d.say("                                  the same people, and capsules that work")
	return nil
}

// servedMidway is the verb that serves it in mid-flight.
func (d *demo) servedMidway() *ServeCmd {
	serve := &ServeCmd{PlaceFlags: PlaceFlags{Dir: d.Dir}, Addr: d.Addr}
	if d.stop <= 0 {
		design := d.checked.Protocol().Design
		serve.Day = strconv.Itoa(design.RunInDays + max(design.TreatmentDays, 7))
	}
	return serve
}

// demo is a demonstration under way.
type demo struct {
	DemoCmd
	*Program
	ctx     context.Context
	checked protocol.Checked
	source  []byte
	key     *custody.Key
	signer  *ledger.Key
	sealing custody.Options
	list    *seal.List
	trial   *store.Trial
	end     time.Time  // of the virtual clock
	stop    int        // the day on which the play stops; 0: it goes to its end
	ended   civil.Date // of the last thing that happened, where the play came to its end
	given   []byte     // a protocol to play in place of an example
	// progress is told the day of the play, where no bar can move; nil: nobody is.
	progress func(day, of int)
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.Stdout, format+"\n", args...)
}

func (d *demo) path(names ...string) string {
	return filepath.Join(append([]string{d.Dir}, names...)...)
}

// clear makes room: an earlier demonstration goes, anything else stays and is
// refused.
func (d *demo) clear() error {
	entries, err := os.ReadDir(d.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fault.Wrap("demo-dir", d.Dir, err)
	case len(entries) > 0:
		if _, err := os.Stat(d.path(demoMark)); err != nil {
			return fault.New("demo-dir", d.Dir, "is not empty, and holds no earlier demonstration").WithHint("choose another place with --dir")
		}
		if err := os.RemoveAll(d.Dir); err != nil {
			return fault.Wrap("demo-dir", d.Dir, err)
		}
	}
	if err := os.MkdirAll(d.path(custodianDir), 0o755); err != nil {
		return fault.Wrap("demo-dir", d.Dir, err)
	}
	note := fmt.Sprintf("%s: %d\n%s: %g\n", demoPeople, d.Participants, demoEffect, d.Effect)
	note = "A demonstration by Dvala. The people in it are made up, and its list was drawn from a seed.\n" +
		"The custodian's key lies here too, which in a trial it never would.\n" + note
	return os.WriteFile(d.path(demoMark), []byte(note), 0o644)
}

// writeProtocol puts the custodian's public key into the example.
func (d *demo) writeProtocol() error {
	src, err := d.given, error(nil)
	if src == nil {
		src, err = examples.Protocol(d.Example)
	}
	if err != nil {
		return err
	}
	if d.key == nil {
		if d.key, err = custody.NewKey(d.Now(), false); err != nil {
			return err
		}
	}
	if d.source, err = protocol.FillRecipient(src, d.key.Recipient().String()); err != nil {
		return err
	}
	checked, problems := protocol.Parse(d.source, protocol.File("protocol.yaml"))
	if err := problems.Err(); err != nil {
		return err
	}
	d.checked = checked
	d.say("%s", checked.Protocol().Question)
	d.say("protocol   %s %s, sha256 %.16s…", checked.ID(), checked.Protocol().Version, checked.HashHex())
	return os.WriteFile(d.path(custodianDir, "key.txt"), d.key.File(), 0o600)
}

func (d *demo) seal() error {
	d.sealing.Seed = &d.Seed
	sealing, err := custody.Seal(d.checked, d.sealing)
	if err != nil {
		return err
	}
	d.list = sealing.List
	if sealing.Packing != nil {
		if err := os.WriteFile(d.path(custodianDir, "packing-list.age"), sealing.Packing, 0o600); err != nil {
			return fault.Wrap("demo-dir", d.Dir, err)
		}
	}
	d.say("sealed     %s from seed %d, sha256 %.16s…", counted(d.list.Len(), "slot"), d.Seed, d.list.Hash())
	return d.labels(sealing)
}

func (d *demo) open() error {
	var err error
	if d.signer == nil {
		if d.signer, err = ledger.GenerateKey(rand.Reader, d.checked.ID()); err != nil {
			return err
		}
	}
	d.trial, err = store.Create(d.ctx, d.Dir, store.Start{Protocol: d.source, Sealed: d.list.Bytes(), Key: d.signer})
	if err != nil {
		return err
	}
	files, err := d.trial.PutBlobs([]store.Blob{{Name: "protocol.yaml", Bytes: d.source}, {Name: sealedListName, Bytes: d.list.Bytes()}})
	if err != nil {
		return err
	}
	start := d.checked.Protocol().Dates.Start.At(8*60, d.checked.Zone())
	_, err = d.trial.Do(d.ctx, study.Open{Opened: study.Opened{
		Trial: d.checked.ID(), Protocol: files[0], ProtocolHash: d.checked.HashHex(), SealedList: files[1],
		Sealing: "seed", Seed: &d.Seed, Program: Release(), Zones: civil.ZoneRules, Simulated: true,
	}}, study.Meta{At: start.Add(-time.Hour), Actor: "dvala demo", Role: study.RoleSystem})
	return err
}

// play lets the people live through it, with a bar where it can move.
func (d *demo) play() error {
	var bar *progressbar.ProgressBar
	model := simulate.Default()
	model.Effect = d.Effect
	if d.checked.Protocol().Design.Kind == protocol.NOf1 {
		model.Leaves = 0 // of one person who leaves there is nothing to show
	}
	var attend simulate.Attendant
	if d.checked.Minimises() {
		a, err := custody.Rehearse(d.checked, d.list, d.Seed)
		if err != nil {
			return err
		}
		attend = a
	}
	script := simulate.Script{
		Model: model, Seed: d.Seed, Protocol: d.checked, Participants: d.Participants,
		Assigned: d.assigned(), Attend: attend, Until: d.until(), Ended: func(last civil.Date) { d.ended = last },
		Progress: func(day, of int) {
			if d.progress != nil {
				d.progress(day, of)
			}
			if !d.Terminal {
				return
			}
			if bar == nil {
				bar = progressbar.NewOptions(of, progressbar.OptionSetWriter(d.Stderr), progressbar.OptionSetDescription("days of the trial"),
					progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(false))
			}
			_ = bar.Set(day) // a bar that cannot be drawn stops nothing
		},
	}
	if err := script.Play(d.ctx, onStore{d.trial}); err != nil {
		return err
	}
	if bar != nil {
		_ = bar.Finish()
	}
	if err := d.over(); err != nil {
		return err
	}
	state := d.trial.State()
	screened, randomised, completed := participants(state)
	nights, diaries := 0, 0
	last := d.checked.Protocol().Dates.Start
	for _, p := range state.People {
		if p.Completed != nil && last.Before(p.Completed.Date) {
			last = p.Completed.Date
		}
		diaries += len(p.Diary)
		for _, v := range p.Nights {
			nights += len(v)
		}
	}
	d.end = last.Add(7).At(9*60, d.checked.Zone())
	d.say("played     %d screened, %d randomised, %d completed; %d diaries, %d ring nights", screened, randomised, completed, diaries, nights)
	return nil
}

// until is the date on which the play stops; none where it goes to the end.
func (d *demo) until() civil.Date {
	if d.stop <= 0 {
		return civil.Date{}
	}
	return d.checked.Protocol().Dates.Start.Add(d.stop)
}

// assigned opens the list to the simulation alone, which must know who has the
// treatment in order to let it act.
func (d *demo) assigned() func(int) string {
	var openings *seal.Openings
	return func(slot int) string {
		if openings == nil {
			o, err := custody.OpenAll(d.key, d.list)
			if err != nil {
				return ""
			}
			openings = o
		}
		arm, _ := openings.Content(slot)
		return arm
	}
}

// later gives the next moment of the virtual clock after the play.
func (d *demo) later(role study.Role, actor string) study.Meta {
	d.end = d.end.Add(time.Hour)
	return study.Meta{At: d.end.UTC(), Actor: actor, Role: role}
}

// dryRun makes the report on a dummy allocation, before anyone knows an arm.
func (d *demo) dryRun() error {
	if err := d.settle(); err != nil {
		return err
	}
	a, err := analyseTrial(d.trial)
	if err != nil {
		return err
	}
	pages := map[string][]byte{dryRunFile: a.Report}
	for _, in := range a.Translated {
		pages[inLang(dryRunFile, in.Lang)] = in.Page
	}
	for name, page := range pages {
		if err := os.WriteFile(d.path(name), page, 0o644); err != nil {
			return fault.Wrap("demo-dir", d.Dir, err)
		}
	}
	files, err := a.put(d.trial, "dry-run-results.json", dryRunFile)
	if err != nil {
		return err
	}
	_, err = d.trial.Do(d.ctx, study.RecordDryRun{DryRun: study.DryRun(files)}, d.later(study.RoleStatistician, "statistician"))
	d.say("dry run    the whole analysis on a dummy allocation")
	return err
}

// lockAndOpen locks the database, and the custodian publishes the openings.
func (d *demo) lockAndOpen() error {
	sign := d.later(study.RoleInvestigator, "investigator@main")
	sign.Signature = &study.Signature{Name: "The investigator", Meaning: study.MeansResponsibility, Method: "demo"}
	if err := d.lockPeople(sign); err != nil {
		return err
	}
	if _, err := d.trial.Do(d.ctx, study.Lock{}, sign); err != nil {
		return err
	}
	// The custodian gets the locked trial, and keeps its checkpoint: with that
	// anyone can later tell whether what came before was rewritten.
	if err := d.trial.Export(d.ctx, d.path(custodianDir, "received")); err != nil {
		return err
	}
	if err := writeWhole(d.path(custodianDir, "checkpoint"), d.trial.Checkpoint()); err != nil {
		return err
	}
	openings, err := d.custodianOpens()
	if err != nil {
		return err
	}
	file, err := d.trial.PutBlob(openingsName, openings.Bytes())
	if err != nil {
		return err
	}
	_, err = d.trial.Do(d.ctx, study.OpenAllocations{AllocationsOpen: study.AllocationsOpen{Openings: file}}, d.later(study.RoleCustodian, "custodian"))
	d.say("locked     and the custodian's openings of %s published", counted(openings.Len(), "slot"))
	return err
}

// custodianOpens does what dvala open does on the custodian's machine: it takes
// the exported ledger, sees that it holds the lock, and opens the list.
func (d *demo) custodianOpens() (*seal.Openings, error) {
	f, err := os.Open(d.path(custodianDir, "received", "ledger.dvl"))
	if err != nil {
		return nil, fault.Wrap("demo-dir", d.Dir, err)
	}
	defer f.Close()
	x, err := ledger.ReadExport(f)
	if err != nil {
		return nil, err
	}
	if _, err := custody.Locked(x, d.list); err != nil {
		return nil, err
	}
	return custody.OpenAll(d.key, d.list)
}

func (d *demo) report() error {
	a, err := analyseTrial(d.trial)
	if err != nil {
		return err
	}
	if err := a.write(d.Dir); err != nil {
		return err
	}
	files, err := a.put(d.trial, resultsFile, reportFile)
	if err != nil {
		return err
	}
	_, err = d.trial.Do(d.ctx, study.RecordReport{Reported: files}, d.later(study.RoleStatistician, "statistician"))
	if err != nil {
		return err
	}
	for _, r := range a.Results.Estimands {
		if r.Place == protocol.Primary {
			d.say("answer     %s", r.Sentence)
		}
	}
	return nil
}

func (d *demo) verify() error {
	if err := d.trial.Export(d.ctx, d.path(exportDir)); err != nil {
		return err
	}
	return (&VerifyCmd{Dir: d.path(exportDir), Checkpoint: d.path(custodianDir, "checkpoint")}).Run(d.Program)
}

// onStore lets a simulation give its commands to a trial directory.
type onStore struct{ t *store.Trial }

// Do gives the commands in one transaction.
func (o onStore) Do(ctx context.Context, items []simulate.Item) error {
	batch := make([]store.Item, len(items))
	for i, it := range items {
		batch[i] = store.Item{Cmd: it.Cmd, Meta: it.Meta}
	}
	receipts, err := o.t.DoAll(ctx, batch)
	if err != nil {
		return err
	}
	for i, r := range receipts {
		if r.Err != nil {
			return fmt.Errorf("%T of %s: %w", items[i].Cmd, items[i].Meta.Subject, r.Err)
		}
	}
	return nil
}

// State gives the state, which only this simulation changes.
func (o onStore) State() *study.State {
	return o.t.State()
}

// Put stores a file.
func (o onStore) Put(_ context.Context, name string, b []byte) (study.File, error) {
	return o.t.PutBlob(name, b)
}
