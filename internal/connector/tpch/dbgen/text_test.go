package dbgen

import (
	"bytes"
	"encoding/binary"
	"flag"
	"os"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "rewrite golden files")

// TestCheckpoints generates the whole text once and compares the compiled-in states; -rewrite writes them.
func TestCheckpoints(t *testing.T) {
	var buf textBuffer
	var want []byte
	x, longest := uint64(textSeed), 0
	for pos := 0; len(want) < checkpointSize*chunks; {
		after, n := sentence(&buf, 0, x)
		longest = max(longest, n)
		for base := len(want) / checkpointSize << chunkBits; base < pos+n && len(want) < checkpointSize*chunks; base += 1 << chunkBits {
			want = append(binary.LittleEndian.AppendUint32(want, uint32(x)), byte(base-pos))
		}
		x, pos = after, pos+n
	}
	if longest > sentenceMax {
		t.Errorf("a sentence has %d bytes, more than %d", longest, sentenceMax)
	}
	if *rewrite {
		if err := os.WriteFile("checkpoints.bin", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, checkpoints) {
		t.Error("checkpoints.bin does not fit the text: run with -rewrite")
	}
}

// TestCut compares substrings at all offsets near the start, around a border of chunks and at the end with the text
// generated from a checkpoint on.
func TestCut(t *testing.T) {
	for _, chunk := range []int{0, 1, 777, 50_000, chunks - 1} {
		x, pos := checkpoint(chunk)
		var text strings.Builder
		var buf textBuffer
		for text.Len() < 1<<chunkBits+2000 {
			var n int
			x, n = sentence(&buf, 0, x)
			text.Write(buf[:n])
		}
		whole := text.String()
		for offset := chunk << chunkBits; offset+cutMax < pos+len(whole) && offset+cutMax <= textSize; offset++ {
			n := offset % (cutMax + 1)
			if got, want := string(buf.cut(locate(offset, n))), whole[offset-pos:offset-pos+n]; got != want {
				t.Fatalf("%d bytes at %d are %q, want %q", n, offset, got, want)
			}
		}
	}
}

// BenchmarkFirstCut is what a comment costs a process that has read none yet.
func BenchmarkFirstCut(b *testing.B) {
	var buf textBuffer
	x := uint64(1)
	n := 0
	for b.Loop() {
		x = next(x)
		offset := int(pickWide(x, textSize-44))
		indexes[offset>>chunkBits].Store(nil)
		n += len(buf.cut(locate(offset, 27)))
	}
}

func BenchmarkCut(b *testing.B) {
	var buf textBuffer
	x := uint64(1)
	n := 0
	for b.Loop() {
		x = next(x)
		n += len(buf.cut(locate(int(pickWide(x, textSize-44)), 27)))
	}
}
