package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

// token makes a secret of 256 bits, as it goes into a cookie or a link.
func (s *Service) token() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// hashOf is what is stored of a secret. The secrets have 256 bits (60 in a code
// to be typed, which is used once and within days), so that a plain hash is not
// worth guessing.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// number makes the public number of a session, a passkey's ceremony or a link.
func (s *Service) number() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return "", err
	}
	return hex.EncodeToString(b[:]), nil
}

// letters of a code that is read from paper: none looks like another.
const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// code makes one of twelve letters, 60 bits, in groups of four.
func (s *Service) code() (string, error) {
	var b [12]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		return "", err
	}
	var out strings.Builder
	for i, x := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[x&31])
	}
	return out.String(), nil
}

// plainCode takes a code as somebody typed it.
func plainCode(typed string) string {
	var out strings.Builder
	for _, r := range strings.ToUpper(typed) {
		if r == '1' || r == 'I' {
			r = 'L'
		}
		if strings.ContainsRune(letters, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}
