package native

import (
	"encoding/binary"
	"math/bits"
)

// Version 2 of Bob Jenkins's SpookyHash, with seeds of 0. Texts of less than two blocks take a shorter way.

const (
	spookyConst = 0xdeadbeefdeadbeef
	spookyVars  = 12
	spookyBlock = spookyVars * 8
)

func spooky(b []byte) uint64 {
	if len(b) < 2*spookyBlock {
		return spookyShort(b)
	}
	var h [spookyVars]uint64
	for i := 2; i < spookyVars; i += 3 {
		h[i] = spookyConst
	}
	for ; len(b) >= spookyBlock; b = b[spookyBlock:] {
		spookyMix(&h, b)
	}
	var last [spookyBlock]byte
	copy(last[:], b)
	last[spookyBlock-1] = byte(len(b))
	for i := range h {
		h[i] += binary.LittleEndian.Uint64(last[8*i:])
	}
	for range 3 {
		spookyEnd(&h)
	}
	return h[0]
}

var spookyMixRotations = [spookyVars]int{11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46}

func spookyMix(h *[spookyVars]uint64, block []byte) {
	for i := range h {
		h[i] += binary.LittleEndian.Uint64(block[8*i:])
		h[(i+2)%spookyVars] ^= h[(i+10)%spookyVars]
		h[(i+11)%spookyVars] ^= h[i]
		h[i] = bits.RotateLeft64(h[i], spookyMixRotations[i])
		h[(i+11)%spookyVars] += h[(i+1)%spookyVars]
	}
}

var spookyEndRotations = [spookyVars]int{44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54}

func spookyEnd(h *[spookyVars]uint64) {
	for i := range h {
		next := (i + 1) % spookyVars
		h[(i+11)%spookyVars] += h[next]
		h[(i+2)%spookyVars] ^= h[(i+11)%spookyVars]
		h[next] = bits.RotateLeft64(h[next], spookyEndRotations[i])
	}
}

func spookyShort(b []byte) uint64 {
	v := [4]uint64{0, 0, spookyConst, spookyConst}
	n := uint64(len(b))
	word := binary.LittleEndian.Uint64
	for ; len(b) >= 32; b = b[32:] {
		v[2] += word(b)
		v[3] += word(b[8:])
		spookyShortMix(&v)
		v[0] += word(b[16:])
		v[1] += word(b[24:])
	}
	if len(b) >= 16 {
		v[2] += word(b)
		v[3] += word(b[8:])
		spookyShortMix(&v)
		b = b[16:]
	}
	v[3] += n << 56
	if len(b) == 0 {
		v[2] += spookyConst
		v[3] += spookyConst
	} else {
		var last [16]byte
		copy(last[:], b)
		v[2] += word(last[:])
		v[3] += word(last[8:])
	}
	for i, r := range spookyShortEndRotations {
		at, by := (i+3)%4, (i+2)%4
		v[at] ^= v[by]
		v[by] = bits.RotateLeft64(v[by], r)
		v[at] += v[by]
	}
	return v[0]
}

var (
	spookyShortRotations    = [spookyVars]int{50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36}
	spookyShortEndRotations = [...]int{15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63}
)

func spookyShortMix(v *[4]uint64) {
	for i, r := range spookyShortRotations {
		at, by, to := (i+2)%4, (i+3)%4, i%4
		v[at] = bits.RotateLeft64(v[at], r) + v[by]
		v[to] ^= v[at]
	}
}
