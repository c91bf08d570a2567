package main

import "github.com/alecthomas/kong"

// Verbs is the command line: one field a verb, in the order of a trial.
type Verbs struct {
	Demo       DemoCmd       `cmd:"" group:"try" help:"Play a whole trial with made-up people."`
	New        NewCmd        `cmd:"" group:"plan" help:"Write a protocol to begin with: parallel, crossover, or n-of-1."`
	Check      CheckCmd      `cmd:"" group:"plan" help:"Check a protocol: every problem at once, and what SPIRIT 2025 asks for."`
	Power      PowerCmd      `cmd:"" group:"plan" help:"How likely the protocol is to find an effect: by formula, and by playing the trial many times."`
	Sequential SequentialCmd `cmd:"" group:"plan" help:"Plan looks at the data on the way: boundaries, and what they cost."`
	Plan       PlanCmd       `cmd:"" group:"plan" help:"Print the statistical analysis plan in words: the methods that the report will have."`
	Diff       DiffCmd       `cmd:"" group:"plan" help:"What differs in meaning between two versions of a protocol."`
	Register   RegisterCmd   `cmd:"" group:"plan" help:"Write what a public register asks: the WHO data set and ClinicalTrials.gov's elements."`
	Key        KeyCmd        `cmd:"" group:"seal" help:"Make a key."`
	Seal       SealCmd       `cmd:"" group:"seal" help:"Draw the randomisation list and seal it to the custodian."`
	Attend     AttendCmd     `cmd:"" group:"seal" help:"For the custodian, under minimisation: answer a trial's requests for places while people are randomised."`
	Open       OpenCmd       `cmd:"" group:"seal" help:"Open what is sealed: after the lock, or one slot in an emergency."`
	Labels     LabelsCmd     `cmd:"" group:"seal" help:"Print the labels of kits and boxes, and for the packer what goes into each."`
	Verify     VerifyCmd     `cmd:"" group:"seal" help:"Check a trial from its files, without a key."`

	Init       InitCmd       `cmd:"" group:"run" help:"Begin a trial: make its directory, and open the ledger on the protocol and the sealed list."`
	Do         DoCmd         `cmd:"" group:"run" help:"Give a trial commands, one a line: screen, randomise, answer, lock and the others."`
	Analyse    AnalyseCmd    `cmd:"" group:"run" help:"Analyse a trial: on a dummy allocation before the openings, or one that was run elsewhere."`
	Reestimate ReestimateCmd `cmd:"" group:"run" help:"Plan the size of a running trial again, from everybody together and without an arm."`
	Pool       PoolCmd       `cmd:"" group:"run" help:"Put the answers of several trials to one question together, with a forest plot."`
	Serve      ServeCmd      `cmd:"" group:"run" help:"The desk of a trial in a browser, the participant's pages and the API; in an empty folder, a page to begin one."`
	Account    AccountCmd    `cmd:"" group:"run" help:"Let staff in: accounts, roles and the access log."`
	Show       ShowCmd       `cmd:"" group:"run" help:"Print any file of ours for a person."`
	Export     ExportCmd     `cmd:"" group:"run" help:"All data as tables, with a dictionary."`

	Score   ScoreCmd   `cmd:"" group:"nights" help:"Print the architecture of nights, from files of any kind that is known."`
	Agree   AgreeCmd   `cmd:"" group:"nights" help:"Compare a device with a reference, over the nights that both scored."`
	Edf     EdfCmd     `cmd:"" group:"nights" help:"Print what EDF and BDF files hold: channels, gaps, annotations; and repair them."`
	Signals SignalsCmd `cmd:"" group:"nights" help:"Band power, spindles, slow waves and heart by sleep stage, from EDF."`
	Oura    OuraCmd    `cmd:"" group:"nights" help:"Fetch a consenting person's nights from Oura."`

	Worker   WorkerCmd   `cmd:"" group:"run" help:"Work in the background for a trial in a database that several machines share."`
	Backup   BackupCmd   `cmd:"" group:"run" help:"Write a backup, while the trial is in use."`
	Restore  RestoreCmd  `cmd:"" group:"run" help:"Put a backup into a new directory or database, here or on another machine."`
	Upgrade  UpgradeCmd  `cmd:"" group:"run" help:"Bring a trial's tables to this version of the program."`
	Validate ValidateCmd `cmd:"" group:"run" help:"Qualify the installation on this machine, and write a signed record: requirement, risk, test, result."`
	Clock    ClockCmd    `cmd:"" group:"run" help:"How this machine's clock stands to a trial; and to say that it is right where that is doubted."`
	Doctor   DoctorCmd   `cmd:"" group:"run" help:"Look at everything that a trial needs to go on."`

	Config  kong.ConfigFlag  `env:"DVALA_CONFIG" type:"path" placeholder:"FILE" help:"A JSON file with values for flags, by their names."`
	Version kong.VersionFlag `help:"Print the version."`
}
