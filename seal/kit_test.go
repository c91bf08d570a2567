package seal_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"dvala/fault"
	"dvala/seal"
)

// Kit numbers are all different, well formed and follow from the generator.
func TestKitNumbers(t *testing.T) {
	numbers := seal.KitNumbers(rand.New(rand.NewPCG(1, 1)), 20_000)
	seen := map[string]bool{}
	for _, n := range numbers {
		if got, err := seal.ParseKitNumber(n); err != nil || got != n || seen[n] || len(n) != len(numbers[0]) {
			t.Fatalf("kit %q: %v", n, err)
		}
		seen[n] = true
	}
	again := seal.KitNumbers(rand.New(rand.NewPCG(1, 1)), 3)
	if len(again[0]) != 9 || len(numbers[0]) != 11 {
		t.Errorf("few kits have %q, many %q", again[0], numbers[0])
	}
}

// Damm's scheme: his example 572 has check digit 4; every wrong digit and every
// two neighbours exchanged are found, for every kit number tried.
func TestCheckDigit(t *testing.T) {
	if _, err := seal.ParseKitNumber("0000 5724"); err != nil {
		t.Errorf("0000572 with check digit 4: %v", err)
	}
	for _, n := range seal.KitNumbers(rand.New(rand.NewPCG(2, 1)), 200) {
		digits := strings.ReplaceAll(n, "-", "")
		for i := range digits {
			for d := byte('0'); d <= '9'; d++ {
				wrong := digits[:i] + string(d) + digits[i+1:]
				if _, err := seal.ParseKitNumber(wrong); (err == nil) != (wrong == digits) {
					t.Fatalf("%s for %s: %v", wrong, digits, err)
				}
			}
			if i > 0 && digits[i] != digits[i-1] {
				swapped := digits[:i-1] + string(digits[i]) + string(digits[i-1]) + digits[i+1:]
				if _, err := seal.ParseKitNumber(swapped); fault.CodeOf(err) != seal.CodeKit {
					t.Fatalf("%s for %s passed", swapped, digits)
				}
			}
		}
	}
}

func TestParseKitNumberRefuses(t *testing.T) {
	for _, s := range []string{"", "-", "12345", "4821-7305x", "１２３４５６７８", strings.Repeat("0", 18), "000000000"} {
		if _, err := seal.ParseKitNumber(s); fault.CodeOf(err) != seal.CodeKit {
			t.Errorf("%q: %v", s, err)
		}
	}
}
