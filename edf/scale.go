package edf

import "encoding/binary"

// Scale gives how a sample becomes a physical value: gain·sample + offset, in
// the signal's unit. ok is false where digital minimum and maximum are the
// same, and for annotations: such samples have no physical value. A physical
// minimum above the maximum turns the signal over, as amplifiers do.
func (s Signal) Scale() (gain, offset float64, ok bool) {
	if s.DigMin == s.DigMax || s.IsAnnotations() {
		return 0, 0, false
	}
	gain = (s.PhysMax - s.PhysMin) / (float64(s.DigMax) - float64(s.DigMin))
	return gain, s.PhysMin - gain*float64(s.DigMin), true
}

// Microvolts gives the factor from the signal's unit to µV, and whether the
// unit is one of voltage. Units are spelled as recorders do: uV, µV, μV, mV, V,
// nV, in any case but that of m and M.
func (s Signal) Microvolts() (factor float64, ok bool) {
	switch s.Unit {
	case "uV", "µV", "μV", "UV", "uv", "microvolt", "microV":
		return 1, true
	case "mV", "mv", "millivolt":
		return 1e3, true
	case "V", "v", "volt":
		return 1e6, true
	case "nV", "nv":
		return 1e-3, true
	}
	return 0, false
}

// Physical appends the physical values of signal i to dst; a signal without
// such values adds nothing.
func (rec Record) Physical(i int, dst []float64) []float64 {
	s := rec.header.Signals[i]
	gain, offset, ok := s.Scale()
	if !ok {
		return dst
	}
	at, size := 0, rec.header.Format.sampleBytes()
	for _, before := range rec.header.Signals[:i] {
		at += before.Samples * size
	}
	n := len(dst)
	dst = append(dst, make([]float64, s.Samples)...)
	decode(dst[n:], rec.data[at:at+s.Samples*size], size, gain, offset)
	return dst
}

// decode turns samples of 2 or 3 bytes into numbers.
func decode(dst []float64, b []byte, size int, gain, offset float64) {
	if size == 2 {
		for len(dst) >= 4 && len(b) >= 8 {
			v := binary.LittleEndian.Uint64(b)
			d := dst[:4:4]
			d[0] = float64(int16(v))*gain + offset
			d[1] = float64(int16(v>>16))*gain + offset
			d[2] = float64(int16(v>>32))*gain + offset
			d[3] = float64(int16(v>>48))*gain + offset
			dst, b = dst[4:], b[8:]
		}
		for k := range dst {
			dst[k] = float64(int16(binary.LittleEndian.Uint16(b[2*k:])))*gain + offset
		}
		return
	}
	for k := range dst {
		c := b[3*k : 3*k+3 : 3*k+3]
		dst[k] = float64(int32(uint32(c[0])<<8|uint32(c[1])<<16|uint32(c[2])<<24)>>8)*gain + offset
	}
}
