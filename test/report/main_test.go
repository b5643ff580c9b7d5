package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const in = `go: downloading something
{"Action":"run","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"p","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"p","Test":"TestBad","Output":"bad_test.go:1: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestBad","Elapsed":0.1}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p","Elapsed":0.2}
{"Action":"skip","Package":"q","Elapsed":0}
{"Action":"pass","Package":"r","Elapsed":1.25}
{"ImportPath":"s","Action":"build-output","Output":"s.go:3: undefined: x\n"}
{"ImportPath":"s","Action":"build-fail"}
`
	const want = `go: downloading something
bad_test.go:1: got 1, want 2
FAIL
FAIL  p	0.2s
-     q	0.0s
ok    r	1.2s
s.go:3: undefined: x
`
	var out strings.Builder
	c, ok := report(strings.NewReader(in), &out)
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
	if c != (counts{passed: 1, failed: 1}) || ok {
		t.Errorf("got %+v, ok %v, want one passed, one failed, not ok", c, ok)
	}
}

func TestReportOfNothingBad(t *testing.T) {
	if c, ok := report(strings.NewReader(`{"Action":"pass","Package":"p","Test":"T"}`), new(strings.Builder)); !ok || c.passed != 1 {
		t.Errorf("got %+v, ok %v", c, ok)
	}
}
