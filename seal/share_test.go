package seal

import (
	"bytes"
	"fmt"
	mrand "math/rand/v2"
	"testing"
)

// Products and an inverse in the field of AES: {57}·{83} = {c1}, {57}·{13} =
// {fe} (FIPS 197, sections 4.2 and 4.2.1), and {53}·{ca} = {01}.
func TestFieldOfAES(t *testing.T) {
	for _, c := range [][3]byte{{0x57, 0x83, 0xc1}, {0x57, 0x13, 0xfe}, {0x53, 0xca, 0x01}, {0, 9, 0}, {1, 9, 9}} {
		if got := times(c[0], c[1]); got != c[2] {
			t.Errorf("%02x·%02x = %02x, not %02x", c[0], c[1], got, c[2])
		}
		if times(c[0], c[1]) != times(c[1], c[0]) {
			t.Errorf("%02x and %02x do not commute", c[0], c[1])
		}
	}
	for a := 1; a < 256; a++ {
		if times(byte(a), inverse(byte(a))) != 1 {
			t.Errorf("%02x times its inverse is not 1", a)
		}
	}
	if inverse(0x53) != 0xca {
		t.Errorf("the inverse of 53 is %02x", inverse(0x53))
	}
}

// By hand: the byte 0x57 with the one coefficient 0x83 is the line 57 + 83·x.
// At x = 1 it is 57 ⊕ 83 = d4; at x = 2, 83·2 = 1d (106 less 11b), so 57 ⊕ 1d =
// 4a. And back: 57 = d4·(2/(2⊕1)) ⊕ 4a·(1/(1⊕2)), with 1/3 = f6 and 2/3 = f7.
func TestSplitByHand(t *testing.T) {
	key := [KeySize]byte{0x57}
	drawn := make([]byte, KeySize)
	drawn[0] = 0x83
	shares, err := Split(bytes.NewReader(drawn), key, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if shares[0].raw[0] != 1 || shares[0].raw[1] != 0xd4 || shares[1].raw[0] != 2 || shares[1].raw[1] != 0x4a {
		t.Errorf("% x, % x", shares[0].raw[:2], shares[1].raw[:2])
	}
	if inverse(3) != 0xf6 || times(2, inverse(3)) != 0xf7 {
		t.Errorf("1/3 is %02x", inverse(3))
	}
	if got, err := Combine(shares); err != nil || got != key {
		t.Errorf("% x %v", got, err)
	}
}

// Any needed of the holders join the key, in any order; so do more of them; one
// fewer does not.
func TestShares(t *testing.T) {
	r := mrand.NewChaCha8([32]byte{1})
	pick := mrand.New(mrand.NewPCG(1, 2))
	for _, c := range [][2]int{{1, 1}, {1, 3}, {2, 2}, {2, 3}, {3, 5}, {5, 5}, {4, 9}, {255, 255}} {
		var key [KeySize]byte
		_, _ = r.Read(key[:])
		shares, err := Split(r, key, c[0], c[1])
		if err != nil || len(shares) != c[1] {
			t.Fatal(c, err)
		}
		for range 20 {
			pick.Shuffle(len(shares), func(i, j int) { shares[i], shares[j] = shares[j], shares[i] })
			for n := c[0]; n <= c[1]; n += 1 + (c[1]-c[0])/3 {
				if got, err := Combine(shares[:n]); err != nil || got != key {
					t.Fatalf("%d of %d by %v: %v", c[0], c[1], n, err)
				}
			}
			if c[0] > 1 {
				if got, err := Combine(shares[:c[0]-1]); err != nil || got == key {
					t.Fatalf("%d of %d opened by one fewer (%v)", c[0], c[1], err)
				}
			}
		}
	}
}

// Fewer shares than needed tell nothing: for every value that the key's byte
// could have, just as many coefficients lead to the share that was seen.
func TestTooFewSharesTellNothing(t *testing.T) {
	drawn := make([]byte, KeySize)
	seen := map[byte]map[byte]int{} // share's value → key's byte → how often
	for k := range 256 {
		for c := range 256 {
			drawn[0] = byte(c)
			shares, err := Split(bytes.NewReader(drawn), [KeySize]byte{byte(k)}, 2, 3)
			if err != nil {
				t.Fatal(err)
			}
			y := shares[2].raw[1]
			if seen[y] == nil {
				seen[y] = map[byte]int{}
			}
			seen[y][byte(k)]++
		}
	}
	for y, keys := range seen {
		for k := range 256 {
			if keys[byte(k)] != 1 {
				t.Fatalf("share %02x comes of %02x %d times", y, k, keys[byte(k)])
			}
		}
	}
}

// What is no share is refused, and a share prints as nothing.
func TestSharesRefused(t *testing.T) {
	r := mrand.NewChaCha8([32]byte{1})
	for _, c := range [][2]int{{0, 1}, {2, 1}, {1, 256}, {-1, 3}} {
		if _, err := Split(r, [KeySize]byte{}, c[0], c[1]); err == nil {
			t.Errorf("%v passes", c)
		}
	}
	if _, err := Split(bytes.NewReader(nil), [KeySize]byte{}, 2, 2); err == nil {
		t.Error("no randomness passes")
	}
	shares, err := Split(r, [KeySize]byte{7}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Combine([]Share{shares[0], shares[0]}); err == nil {
		t.Error("one share twice passes")
	}
	if _, err := Combine(nil); err == nil {
		t.Error("no share passes")
	}
	for _, raw := range [][]byte{nil, make([]byte, ShareSize), make([]byte, ShareSize+1)} {
		if _, err := ParseShare(raw); err == nil {
			t.Errorf("%d bytes pass", len(raw))
		}
	}
	if s, err := ParseShare(shares[1].Bytes()); err != nil || !s.Equal(shares[1]) || s.Holder() != 1 {
		t.Error(err)
	}
	if text := fmt.Sprintf("%v %s %d %x %+v", shares[0], shares[0], shares[0], shares[0], shares[0]); text != "[share] [share] [share] [share] [share]" {
		t.Error(text)
	}
}
