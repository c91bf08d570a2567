package archive

import (
	"archive/zip"
	"io"

	"dvala/fault"
)

// counted opens a file of a zip so that it gives no more bytes than it stated.
func counted(f *zip.File) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		return &counter{r, f.Name, f.UncompressedSize64}, nil
	}
}

type counter struct {
	io.ReadCloser
	name string
	left uint64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if uint64(n) > c.left {
		return 0, fault.New("archive-bomb", c.name, "more bytes than the archive states")
	}
	c.left -= uint64(n)
	return n, err
}
