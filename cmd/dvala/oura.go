package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"dvala/civil"
	cloud "dvala/cloud/oura"
	"dvala/fault"
)

// OuraCmd fetches a consenting person's documents from Oura.
type OuraCmd struct {
	Login OuraLoginCmd `cmd:"" help:"Ask a person's consent in a browser, and keep the token."`
	Fetch OuraFetchCmd `cmd:"" help:"Fetch what is new or corrected into a folder that dvala score reads."`
}

// ouraToken is where the token is kept.
type ouraToken struct {
	Token    string `type:"path" placeholder:"FILE" help:"Where the token is kept, readable to its owner alone; by default in the user's settings."`
	TokenURL string `name:"token-url" default:"https://api.ouraring.com/oauth/token" help:"Where tokens are made and renewed."`
}

// path gives the file, and makes its folder.
func (o ouraToken) path() (string, error) {
	if o.Token != "" {
		return o.Token, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fault.Wrap("oura-token", "", err).WithHint("say where with --token")
	}
	dir = filepath.Join(dir, "dvala")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fault.Wrap("oura-token", "", err).In(dir)
	}
	return filepath.Join(dir, "oura-token.json"), nil
}

// OuraLoginCmd is the consent.
type OuraLoginCmd struct {
	ouraToken
	ClientID     string        `name:"client-id" required:"" env:"OURA_CLIENT_ID" help:"Of the application, as registered with Oura."`
	ClientSecret string        `name:"client-secret" env:"OURA_CLIENT_SECRET" help:"Of the application. Better in the environment than on the command line, which others may see."`
	Port         int           `default:"8765" help:"Port of this machine that takes the answer: http://127.0.0.1:8765/callback must be registered with Oura."`
	AuthorizeURL string        `name:"authorize-url" default:"https://cloud.ouraring.com/oauth/authorize" help:"The page of consent."`
	Wait         time.Duration `default:"5m" help:"How long to wait for the person."`
}

// Run waits for the consent.
func (cmd *OuraLoginCmd) Run(p *Program) error {
	path, err := cmd.path()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, cmd.Wait)
	defer cancel()
	on, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", cmd.Port))
	if err != nil {
		return fault.New("oura-port", "", "%v", err).WithHint("take another with --port, and register it with Oura")
	}
	defer on.Close()
	client := &cloud.Client{Now: p.Now}
	app := cloud.App{ID: cmd.ClientID, Secret: cmd.ClientSecret, AuthorizeURL: cmd.AuthorizeURL, TokenURL: cmd.TokenURL}
	token, err := client.Login(ctx, app, on, rand.Reader, func(page string) {
		fmt.Fprintf(p.Stdout, "Open this page, and let the application read sleep, readiness and activity:\n\n%s\n\n", page)
	})
	if err != nil {
		return err
	}
	if err := cloud.SaveToken(path, token); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "The token is in %s\n", path)
	return nil
}

// OuraFetchCmd fetches documents.
type OuraFetchCmd struct {
	ouraToken
	Out  string `required:"" type:"path" placeholder:"DIR" help:"Folder of one person's documents; each update adds a file to it."`
	From string `placeholder:"DATE" help:"First day; by default 14 days before the last one in the folder, because Oura corrects nights for days after."`
	To   string `placeholder:"DATE" help:"Last day; by default today."`
	Base string `default:"https://api.ouraring.com" help:"Address of the API."`

	http *http.Client // tests bring their own
}

// Run fetches and tells what was found.
func (cmd *OuraFetchCmd) Run(p *Program) error {
	from, to, err := cmd.dates(p)
	if err != nil {
		return err
	}
	path, err := cmd.path()
	if err != nil {
		return err
	}
	token, err := cloud.LoadToken(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cmd.Out, 0o700); err != nil {
		return fault.Wrap("oura-folder", "", err).In(cmd.Out)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client := &cloud.Client{
		Base: cmd.Base, TokenURL: cmd.TokenURL, Token: token, HTTP: cmd.http, Now: p.Now,
		Renewed: func(t cloud.Token) error { return cloud.SaveToken(path, t) },
	}
	c, err := client.Update(ctx, cmd.Out, from, to)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%v to %v: %d new, %d corrected, %d gone, %d as before\n", c.From, c.To, c.New, c.Corrected, c.Gone, c.Unchanged)
	if c.File != "" {
		fmt.Fprintln(p.Stdout, filepath.Join(cmd.Out, c.File))
	}
	return nil
}

// dates reads the days asked for.
func (cmd *OuraFetchCmd) dates(p *Program) (from, to civil.Date, err error) {
	var l fault.List
	to = civil.DateOf(p.Now())
	for _, d := range []struct {
		flag, text string
		to         *civil.Date
	}{{"--from", cmd.From, &from}, {"--to", cmd.To, &to}} {
		if d.text != "" {
			v, err := civil.ParseDate(d.text)
			if err != nil {
				l.Addf("date-form", d.flag, "%q is not a date", d.text).WithHint("write year-month-day, as in 2026-11-23")
			}
			*d.to = v
		}
	}
	return from, to, l.Err()
}
