package main

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"dvala/wearable/archive"
)

// patience is how long work goes on before a bar shows how far it is.
const patience = 2 * time.Second

// meterSteps is how many steps of the bar one file has.
const meterSteps = 1000

// meter shows how much of some files was read, on a terminal and after two
// seconds; where there is none it only counts.
type meter struct {
	now      func() time.Time
	to       io.Writer // nil: nothing is shown
	what     string
	files    int
	began    time.Time
	mu       sync.Mutex
	finished int   // files
	read, of int64 // bytes of the file at hand; of is 0 where unknown
	bar      *progressbar.ProgressBar
}

func newMeter(p *Program, what string, files int) *meter {
	m := &meter{now: p.Now, what: what, files: files}
	if p.Terminal && p.Now != nil {
		m.to, m.began = p.Stderr, p.Now()
	}
	return m
}

// next begins a file of so many bytes.
func (m *meter) next(size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read, m.of = 0, size
}

// end ends the file at hand.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.finished++
	m.read, m.of = 0, 0
	m.show()
}

// add counts bytes that were read.
func (m *meter) add(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read += int64(n)
	m.show()
}

// at is where the bar stands.
func (m *meter) at() int {
	at := m.finished * meterSteps
	if m.of > 0 {
		at += int(meterSteps * min(m.read, m.of) / m.of)
	}
	return min(at, m.files*meterSteps)
}

func (m *meter) show() {
	if m.to == nil {
		return
	}
	if m.bar == nil {
		if m.now().Sub(m.began) < patience {
			return
		}
		m.bar = progressbar.NewOptions(m.files*meterSteps, progressbar.OptionSetWriter(m.to), progressbar.OptionSetDescription(m.what),
			progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = m.bar.Set(m.at()) // a bar that cannot be drawn stops nothing
}

// done takes the bar away.
func (m *meter) done() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar != nil {
		_ = m.bar.Finish()
		m.bar, m.to = nil, nil
	}
}

// over gives a writer of lines past the bar, which is drawn again with what is
// read next.
func (m *meter) over(w io.Writer) io.Writer { return pastBar{m, w} }

type pastBar struct {
	m *meter
	w io.Writer
}

func (b pastBar) Write(p []byte) (int, error) {
	b.m.mu.Lock()
	defer b.m.mu.Unlock()
	if b.m.bar != nil {
		_ = b.m.bar.Clear()
	}
	return b.w.Write(p)
}

// counting passes on what is read and counts it.
type counting struct {
	io.ReadCloser
	m *meter
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.m.add(n)
	return n, err
}

// metered counts what is read of a source.
func (s source) metered(m *meter) source {
	if s.plain != nil {
		m.next(s.size)
		s.plain = counting{io.NopCloser(s.plain), m}
		return s
	}
	total := int64(0)
	files := make([]archive.File, len(s.files))
	for i, f := range s.files {
		total += f.Size
		open := f.Open
		f.Open = func() (io.ReadCloser, error) {
			r, err := open()
			if err != nil {
				return nil, err
			}
			return counting{r, m}, nil
		}
		files[i] = f
	}
	m.next(total)
	s.files = files
	return s
}
