// Package regex matches regular expressions of Java's syntax the way Trino's engine, Joni, does.
//
// Patterns are translated (see translate). Those without look-around, references and their like run on Go's regexp, which
// takes linear time, as long as it agrees for the text at hand; all others run on a backtracking engine with a time limit.
// The package knows nothing of SQL. Start with Compile.
package regex

import (
	"errors"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// Regex is a compiled pattern. It may be used by several goroutines at the same time.
type Regex struct {
	fast  *regexp.Regexp // nil when Go's engine cannot match the pattern
	exact *regexp2.Regexp
	pattern
	mayBeEmpty bool
}

// timeLimit bounds a single match by backtracking.
const timeLimit = 20 * time.Second

// ErrTimeLimit says that a match by backtracking took too long.
var ErrTimeLimit = errors.New("regular expression takes too long to match")

// Compile translates a pattern. The error is worded as Joni's.
func Compile(text string) (*Regex, error) {
	p, err := translate(text)
	if err != nil {
		return nil, err
	}
	r := &Regex{pattern: p}
	if r.exact, err = regexp2.Compile(p.text, regexp2.None); err != nil {
		return nil, err
	}
	r.exact.MatchTimeout = timeLimit
	if p.regular {
		if fast, err := regexp.Compile(p.text); err == nil {
			r.fast, r.mayBeEmpty = fast, minLength(p.text) == 0
		}
	}
	return r, nil
}

// Groups returns the number of capturing groups.
func (r *Regex) Groups() int { return r.groups }

// Group returns the number of a named group.
func (r *Regex) Group(name string) (int, bool) {
	n, ok := r.names[name]
	return n, ok
}

// useFast reports whether Go's engine gives the right answer for a text.
func (r *Regex) useFast(s string) bool {
	if r.fast == nil || r.lineEnd && len(s) > 0 && s[len(s)-1] == '\n' {
		return false
	}
	return !r.boundary || isASCII(s)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Like reports whether the pattern matches a part of a text.
func (r *Regex) Like(s string) (bool, error) {
	if r.useFast(s) {
		return r.fast.MatchString(s), nil
	}
	ok, err := r.exact.MatchRunes([]rune(s))
	return ok, limit(err)
}

func limit(err error) error {
	if err != nil {
		return ErrTimeLimit
	}
	return nil
}

// Find returns the first n matches that begin at byte from or later; all of them when n is negative. A match is the beginning
// and end of the whole and of each group, -1 for a group that took no part. An empty match may follow another match directly.
func (r *Regex) Find(s string, from, n int) ([][]int, error) {
	if r.useFast(s) {
		if from == 0 && !r.mayBeEmpty {
			return r.fast.FindAllStringSubmatchIndex(s, n), nil
		}
		if !r.contextual {
			return r.findFast(s, from, n), nil
		}
	}
	return r.findExact(s, from, n)
}

func (r *Regex) findFast(s string, from, n int) [][]int {
	var out [][]int
	for from <= len(s) && len(out) != n {
		m := r.fast.FindStringSubmatchIndex(s[from:])
		if m == nil {
			break
		}
		for i := range m {
			if m[i] >= 0 {
				m[i] += from
			}
		}
		out = append(out, m)
		if from = m[1]; m[0] == m[1] {
			_, size := utf8.DecodeRuneInString(s[from:])
			from += max(size, 1)
		}
	}
	return out
}

func (r *Regex) findExact(s string, from, n int) ([][]int, error) {
	runes := []rune(s)
	offsets := make([]int, 0, len(runes)+1) // of runes, in bytes
	at := 0
	for i := range s {
		if i < from {
			at++
		}
		offsets = append(offsets, i)
	}
	offsets = append(offsets, len(s))
	if from >= len(s) {
		at = len(runes)
	}
	var out [][]int
	for at <= len(runes) && len(out) != n {
		m, err := r.exact.FindRunesMatchStartingAt(runes, at)
		if err != nil {
			return nil, limit(err)
		}
		if m == nil {
			break
		}
		positions := make([]int, 0, 2*(r.groups+1))
		for i := range r.groups + 1 {
			g := m.GroupByNumber(i)
			if g == nil || len(g.Captures) == 0 {
				positions = append(positions, -1, -1)
				continue
			}
			positions = append(positions, offsets[g.Index], offsets[g.Index+g.Length])
		}
		out = append(out, positions)
		if at = m.Index + m.Length; m.Length == 0 {
			at++
		}
	}
	return out, nil
}
