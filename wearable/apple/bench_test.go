//go:build unix

package apple

import (
	"bytes"
	"encoding/xml"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// benchSize is 64 MB, or so many MB as DVALA_APPLE_MB says. The file of a
// gigabyte is written to a temporary folder, so that it is not in memory.
func benchFile(b *testing.B) (name string, size int64, nights int) {
	mb := int64(64)
	if s := os.Getenv("DVALA_APPLE_MB"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		mb = n
	}
	f, err := os.CreateTemp(b.TempDir(), "export*.xml")
	if err != nil {
		b.Fatal(err)
	}
	nights, size, err = generate(f, mb<<20, 1)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return f.Name(), size, nights
}

// BenchmarkRead reads a generated export and tells its speed and the most
// memory that the program had from the system meanwhile.
func BenchmarkRead(b *testing.B) {
	name, size, want := benchFile(b)
	b.SetBytes(size)
	var most atomic.Uint64
	stop := make(chan struct{})
	go func() {
		var m runtime.MemStats
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most.Store(max(most.Load(), m.Sys-m.HeapReleased))
			}
		}
	}()
	before := cpu(b)
	n := 0
	for b.Loop() {
		n++
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		r, err := ReadXML(f, Options{Zone: "Europe/London"})
		f.Close()
		if err != nil || len(r.Nights) < want {
			b.Fatalf("%d nights of %d, %v", len(r.Nights), want, err)
		}
	}
	b.ReportMetric(float64(size)*float64(n)/1e6/(cpu(b)-before).Seconds(), "MB/cpu-s")
	close(stop)
	b.ReportMetric(float64(most.Load())/1e6, "peak-MB")
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, after, _ := strings.Cut(string(status), "VmHWM:")
		if kb, err := strconv.ParseFloat(strings.Fields(after)[0], 64); err == nil {
			b.ReportMetric(kb/1e3, "peak-rss-MB")
		}
	}
}

// cpu gives the processor time used so far: on a machine that others use too the
// clock tells of them as well.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEncodingXML is the standard library's tokens over the same file.
func BenchmarkEncodingXML(b *testing.B) {
	var buf bytes.Buffer
	if _, _, err := generate(&buf, 16<<20, 1); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(buf.Len()))
	for b.Loop() {
		d := xml.NewDecoder(bytes.NewReader(buf.Bytes()))
		for {
			if _, err := d.RawToken(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}
