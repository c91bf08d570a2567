//go:build linux

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"dvala/store/sqldb/pgtest"
)

// bytesWithoutEnd are never all the same for long.
type bytesWithoutEnd struct{ n uint64 }

func (b *bytesWithoutEnd) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(b.n * 0x9e3779b97f4a7c15 >> 56)
		b.n++
	}
	return len(p), nil
}

// upload gives a file about a new person, who then consents with it as the
// document, so that the ledger names it.
func (f *farm) upload(t *testing.T, size int64) {
	t.Helper()
	who, err := f.tell(t.Context(), "trial/screen", "screen", `{"data":{"site":"main","answers":{"age":40,"sex":"female","height":170,"poor_sleep":true}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.tell(t.Context(), "participants/"+who+"/consent", "consent", `{"data":{"version":"1.0","language":"sv"}}`); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, f.servers[0]+"/api/v1/participants/"+who+"/files/night.edf", io.LimitReader(&bytesWithoutEnd{}, size))
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = size
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("Idempotency-Key", "test-file")
	w, err := f.browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	var stored struct {
		SHA256 string `json:"sha256"`
		Bytes  int64  `json:"bytes"`
	}
	if err != nil || w.StatusCode != http.StatusOK || json.Unmarshal(raw, &stored) != nil || stored.Bytes < size {
		t.Fatalf("%s %v %s", w.Status, err, raw)
	}
}

// peak gives the most memory that a process has held so far, in MB.
func peak(t *testing.T, p *process) int {
	t.Helper()
	mb, living := held(p.cmd.Process.Pid)
	if !living {
		t.Fatal("the process has ended")
	}
	return mb
}

func held(pid int) (mb int, living bool) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, found := strings.Cut(string(raw), "VmHWM:")
	if err != nil || !found {
		return 0, false
	}
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	return kb >> 10, err == nil
}

// ran runs a verb in a process of its own and gives the most memory it held, in MB:
// by what the system says of the living process, since the figure that it leaves
// behind is not less than that of the process that began it.
func ran(t *testing.T, args ...string) (mb int) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "dvala", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %v\n%s", args, err, out.String())
			}
			return mb
		case <-time.After(5 * time.Millisecond):
			if now, living := held(cmd.Process.Pid); living {
				mb = max(mb, now)
			}
		}
	}
}

// A file of 200 MB (4 GB in make soak) goes through the server into the folder,
// sealed under the person's key, and through doctor, backup, check and restore, and
// none of these processes ever holds much of it.
func TestLargeFileInLittleMemory(t *testing.T) {
	size := int64(200_000_000)
	if os.Getenv("DVALA_SOAK") != "" {
		size = 4_000_000_000
	}
	if testing.Short() {
		size = 20_000_000
	}
	const most = 120 // MB; an empty server holds some 60
	tmp := t.TempDir()
	dir := filepath.Join(tmp, "trial")
	realTrialIn(t, PlaceFlags{Dir: dir})
	server := started(t, "serve", "--addr", "127.0.0.1:0", "--dir", dir)
	f := newFarm(t)
	f.servers = []string{addressIn.FindStringSubmatch(server.line)[1]}
	f.signIn(t, "--dir", dir)
	before := peak(t, server)
	f.upload(t, size)
	took := map[string]int{"serve": peak(t, server)}
	server.end(t, syscall.SIGTERM)
	backup := filepath.Join(tmp, "backup")
	took["doctor"] = ran(t, "doctor", "--deep", "--dir", dir)
	took["backup"] = ran(t, "backup", "--dir", dir, backup)
	took["check"] = ran(t, "restore", "--check", backup)
	took["restore"] = ran(t, "restore", "--dir", filepath.Join(tmp, "again"), "--ledger-key", filepath.Join(dir, "ledger.key"), backup)
	for what, mb := range took {
		if mb > most {
			t.Errorf("%s held %d MB while a file of %d MB went through it", what, mb, size/1_000_000)
		}
	}
	t.Logf("a file of %d MB; the server held %d MB before it; at most, in MB: %v", size/1_000_000, before, took)
}

// One server on the network by configuration alone: PostgreSQL, files in a bucket
// that speaks S3, TLS of its own, and an address for those who watch it. The file
// in the bucket is sealed; what watches answers on its address alone.
func TestServeWithBucketAndTLS(t *testing.T) {
	memory := s3mem.New()
	if err := memory.CreateBucket("trial"); err != nil {
		t.Fatal(err)
	}
	bucket := httptest.NewServer(gofakes3.New(memory).Server())
	t.Cleanup(bucket.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "made")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "up")
	tmp := t.TempDir()
	at := PlaceFlags{
		Database: pgtest.Start(t).URL(t), LedgerKey: filepath.Join(tmp, "ledger.key"),
		Blobs: "s3://trial/small?region=us-east-1&insecure=1&endpoint=" + strings.TrimPrefix(bucket.URL, "http://"),
	}
	realTrialIn(t, at)
	place := []string{"--database", at.Database, "--blobs", at.Blobs, "--ledger-key", at.LedgerKey}
	cert, key, roots := certificate(t, tmp)
	port, watch := freePort(t), freePort(t)
	origin := "https://localhost:" + port
	server := started(t, append([]string{
		"serve", "--addr", "127.0.0.1:" + port, "--origin", origin, "--tls-cert", cert, "--tls-key", key, "--watch", "127.0.0.1:" + watch,
	}, place...)...)
	says(t, server.line, "small-trial: "+origin+"/")
	f := newFarm(t)
	f.browser.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	f.servers = []string{origin}
	f.signIn(t, "--database", at.Database)
	const size = 100_000_000 // several parts of an upload
	before := peak(t, server)
	f.upload(t, size)
	if held := peak(t, server); held > before+60 {
		t.Errorf("the server held %d MB before and %d MB while a file of %d MB went into the bucket", before, held, size/1_000_000)
	} else {
		t.Logf("the server held %d MB before and %d MB while a file of %d MB went into the bucket", before, held, size/1_000_000)
	}

	plain := make([]byte, 64)
	if _, err := (&bytesWithoutEnd{}).Read(plain); err != nil {
		t.Fatal(err)
	}
	objects, large := sure(memory.ListBucket("trial", nil, gofakes3.ListBucketPage{})), 0
	for _, o := range objects.Contents {
		whole := sure(memory.GetObject("trial", o.Key, nil))
		raw := sure(io.ReadAll(whole.Contents))
		if len(raw) > size {
			large++
			if !bytes.HasPrefix(raw, []byte("age-encryption.org/v1\n")) || bytes.Contains(raw, plain) {
				t.Error("the file lies in the bucket in the clear")
			}
		}
	}
	if large != 1 {
		t.Errorf("%d of %d objects are large", large, len(objects.Contents))
	}
	says(t, page(t, http.DefaultClient, "http://127.0.0.1:"+watch+"/readyz", http.StatusOK), `"ready":true`)
	says(t, page(t, http.DefaultClient, "http://127.0.0.1:"+watch+"/metrics", http.StatusOK), `dvala_commands_total{command="consent",outcome="done"} 1`)
	page(t, f.browser, origin+"/metrics", http.StatusNotFound)
	page(t, http.DefaultClient, "http://127.0.0.1:"+port+"/", http.StatusBadRequest) // not in the clear
	server.end(t, syscall.SIGTERM)
	says(t, verb(t, 0, append([]string{"doctor", "--deep"}, place...)...), "ok     ledger", "hold what they held")
	backup := filepath.Join(tmp, "backup")
	verb(t, 0, append([]string{"backup"}, append(place[:4:4], backup)...)...)
	says(t, verb(t, 0, "restore", "--dir", filepath.Join(tmp, "again"), "--ledger-key", at.LedgerKey, backup), "the same")
}

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func page(t *testing.T, c *http.Client, url string, want int) string {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != want {
		t.Errorf("%s: %s %v", url, r.Status, err)
	}
	return string(raw)
}

// freePort gives a port that nobody listens at, a moment ago.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// certificate makes one for localhost that signs itself, with its key, as files.
func certificate(t *testing.T, dir string) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	secret := sure(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der := sure(x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret))
	for _, f := range []struct {
		into *string
		name string
		b    pem.Block
	}{
		{&cert, "cert.pem", pem.Block{Type: "CERTIFICATE", Bytes: der}},
		{&key, "key.pem", pem.Block{Type: "PRIVATE KEY", Bytes: sure(x509.MarshalPKCS8PrivateKey(secret))}},
	} {
		*f.into = filepath.Join(dir, f.name)
		if err := os.WriteFile(*f.into, pem.EncodeToMemory(&f.b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AddCert(sure(x509.ParseCertificate(der)))
	return cert, key, roots
}
