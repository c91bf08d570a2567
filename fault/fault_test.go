package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"dvala/fault"
)

// A problem prints the way the style page shows it.
func TestProblemText(t *testing.T) {
	p := fault.New("arm-ratio", "arms[0].ratio", "%v is not a whole number", 1.5).
		In("protocol.yaml").At(14).WithHint("write 3:2 as 3 and 2")
	want := "protocol.yaml:14: arms[0].ratio: 1.5 is not a whole number [arm-ratio]\n\thint: write 3:2 as 3 and 2"
	if got := p.Text(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A list of warnings alone is no error; one error in it makes it one.
func TestListErr(t *testing.T) {
	var l fault.List
	l.Addf("weak", "registry", "no registration").AsWarning()
	if l.Err() != nil {
		t.Fatal("warnings alone must not stop the work")
	}
	l.Addf("bad", "arms", "no arms")
	if l.Err() == nil || len(l.Errors()) != 1 || len(l.Warnings()) != 1 {
		t.Fatalf("one error and one warning expected: %v", l)
	}
}

// A wrapped cause and a code are found through a list and through %w.
func TestFindThroughWrapping(t *testing.T) {
	l := fault.List{fault.Wrap("torn", "record 3", io.ErrUnexpectedEOF)}
	err := fmt.Errorf("night 7: %w", l)
	if !errors.Is(err, io.ErrUnexpectedEOF) || fault.CodeOf(err) != "torn" {
		t.Fatalf("cause or code lost: %v", err)
	}
	var into fault.List
	into.Merge("other", "x", err)
	into.Merge("other", "x", nil)
	into.Merge("other", "y", io.EOF)
	if len(into) != 2 || into[0].Code != "torn" || into[1].Code != "other" {
		t.Fatalf("merge lost or changed a problem: %v", into)
	}
}
