package dbgen

import (
	_ "embed" // the checkpoints of the text
	"encoding/binary"
	"sync/atomic"
)

// Comments are substrings of one text of 300 MiB, sentence after sentence drawn from a single random stream. Holding it
// would cost each process 300 MiB, so it is never held: a substring is generated again each time it is asked for, which
// takes about as long as the cache miss in a large array would. That needs the state of the stream near every offset:
//
//   - checkpoints.bin, compiled in: the state at the first sentence of each chunk of 4 KiB (384 KB in all);
//   - an index per chunk: the state at the sentence that covers each 128th byte. It is made when the chunk is first touched
//     (five microseconds) and kept, 160 bytes each, 12 MB when all 76,800 chunks have been touched.
//
// Offsets are drawn at random, so the comments of even a small table lie all over the text, and a process that reads few of them
// pays for one chunk each: chunks are as small as the size of what is compiled in allows.
//
// Between two such points lie one or two sentences; those are generated into a small buffer and cut.

const (
	textSize  = 300 << 20
	textSeed  = 933588178
	chunkBits = 12
	slotBits  = 7
	slots     = 1 << (chunkBits - slotBits)
	chunks    = textSize >> chunkBits
	// sentenceMax bounds the length of a sentence with its trailing space.
	sentenceMax = 255
	// cutMax bounds the length of a substring: the longest comment is partsupp's.
	cutMax = 200
)

// checkpoints has for each chunk the state before its first sentence, which is the last one that starts at or before the chunk
// (little endian, 4 bytes), and how many bytes before the chunk that sentence starts (1 byte).
//
//go:embed checkpoints.bin
var checkpoints []byte

// checkpointSize is the size of a checkpoint in bytes.
const checkpointSize = 5

// checkpoint returns the state before the first sentence of a chunk, and the offset of that sentence.
func checkpoint(chunk int) (x uint64, pos int) {
	at := checkpoints[checkpointSize*chunk:]
	return uint64(binary.LittleEndian.Uint32(at)), chunk<<chunkBits - int(at[4])
}

// chunkIndex has for each slot of a chunk the state before the sentence that covers the slot's first byte, and how many
// bytes before the slot that sentence starts.
type chunkIndex struct {
	state [slots]uint32
	back  [slots]uint8
}

var indexes [chunks]atomic.Pointer[chunkIndex]

// index returns the index of a chunk, making it on first use. Two goroutines may make the same one; either serves.
func index(chunk int) *chunkIndex {
	if ix := indexes[chunk].Load(); ix != nil {
		return ix
	}
	x, pos := checkpoint(chunk)
	ix := new(chunkIndex)
	var buf textBuffer
	base := chunk << chunkBits
	for slot := 0; slot < slots; {
		after, n := sentence(&buf, 0, x)
		for ; slot < slots && base+slot<<slotBits < pos+n; slot++ {
			ix.state[slot] = uint32(x)
			ix.back[slot] = uint8(base + slot<<slotBits - pos)
		}
		x, pos = after, pos+n
	}
	indexes[chunk].Store(ix)
	return ix
}

// textBuffer has room for what must be generated to cut a substring, and for words being stored as 16 bytes.
type textBuffer [2*sentenceMax + 1<<slotBits + cutMax + 32]byte

// place is a substring of the text: the state before the sentence in which, or before which, it begins; its distance from
// there; and its length.
type place struct {
	state    uint32
	start, n uint16
}

// locate returns the place of n bytes from an offset.
func locate(offset, n int) place {
	ix := index(offset >> chunkBits)
	slot := offset & (1<<chunkBits - 1) >> slotBits
	return place{
		state: ix.state[slot],
		start: uint16(offset&(1<<slotBits-1) + int(ix.back[slot])),
		n:     uint16(n),
	}
}

// cut returns the bytes of a place; they are valid until the next use of buf.
func (buf *textBuffer) cut(p place) []byte {
	x, to := uint64(p.state), int(p.start)+int(p.n)
	for end := 0; end < to; {
		x, end = sentence(buf, end, x)
	}
	return buf[p.start:to]
}

// word is a word with its trailing space, ready to be stored by two moves.
type word struct {
	lo, hi uint64
	n      int
}

// lexicon is a dist prepared for sentence.
type lexicon struct {
	total uint64
	slot  [512]uint8
	words [64]word
}

func newLexicon(d dist, tail string) *lexicon {
	l := &lexicon{total: uint64(len(d.slot))}
	copy(l.slot[:], d.slot)
	for i, s := range d.words {
		var b [16]byte
		l.words[i].n = copy(b[:], s+tail)
		l.words[i].lo, l.words[i].hi = binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])
	}
	return l
}

var (
	nounWords       = newLexicon(nouns, " ")
	verbWords       = newLexicon(verbs, " ")
	adverbWords     = newLexicon(adverbs, " ")
	adjectiveWords  = newLexicon(adjectives, " ")
	listedWords     = newLexicon(adjectives, ", ")
	auxiliaryWords  = newLexicon(auxiliaries, " ")
	prepositionWord = newLexicon(prepositions, " ")
	terminatorWords = newLexicon(terminators, " ")
)

// put draws a word and stores it at pos; it returns the state and the position after it.
func (l *lexicon) put(buf *textBuffer, pos int, x uint64) (uint64, int) {
	x = next(x)
	w := &l.words[l.slot[pick(x, l.total)&511]&63]
	b := buf[pos : pos+16 : pos+16]
	binary.LittleEndian.PutUint64(b, w.lo)
	binary.LittleEndian.PutUint64(b[8:], w.hi)
	return x, pos + w.n
}

// sentence stores the sentence that follows state x at pos; it returns the state and the position after it.
func sentence(buf *textBuffer, pos int, x uint64) (uint64, int) {
	x = next(x)
	for _, phrase := range []byte(sentences.at(x)) {
		switch phrase {
		case 'N':
			x, pos = nounPhrase(buf, pos, x)
		case 'V':
			x, pos = verbPhrase(buf, pos, x)
		case 'P':
			x, pos = prepositionWord.put(buf, pos, x)
			pos += copy(buf[pos:], "the ")
			x, pos = nounPhrase(buf, pos, x)
		case 'T': // takes the place of the space after the last word
			x, pos = terminatorWords.put(buf, pos-1, x)
		}
	}
	return x, pos
}

func nounPhrase(buf *textBuffer, pos int, x uint64) (uint64, int) {
	x = next(x)
	switch nounPhrases.slot[pick(x, uint64(len(nounPhrases.slot)))] {
	case 1:
		x, pos = adjectiveWords.put(buf, pos, x)
	case 2:
		x, pos = listedWords.put(buf, pos, x)
		x, pos = adjectiveWords.put(buf, pos, x)
	case 3:
		x, pos = adverbWords.put(buf, pos, x)
		x, pos = adjectiveWords.put(buf, pos, x)
	}
	return nounWords.put(buf, pos, x)
}

func verbPhrase(buf *textBuffer, pos int, x uint64) (uint64, int) {
	x = next(x)
	form := verbPhrases.words[verbPhrases.slot[pick(x, uint64(len(verbPhrases.slot)))]]
	for _, part := range []byte(form) {
		switch part {
		case 'X':
			x, pos = auxiliaryWords.put(buf, pos, x)
		case 'V':
			x, pos = verbWords.put(buf, pos, x)
		case 'D':
			x, pos = adverbWords.put(buf, pos, x)
		}
	}
	return x, pos
}
