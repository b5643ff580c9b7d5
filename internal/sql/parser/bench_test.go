package parser_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/waterbear-sql/waterbear/internal/sql/parser"
)

// BenchmarkTPCH parses the 22 queries of TPC-H. The aim is 100,000 statements a minute on one core: 600 µs each.
func BenchmarkTPCH(b *testing.B) {
	script, err := os.ReadFile("../binder/testdata/tpch_standard.sql")
	if err != nil {
		b.Fatal(err)
	}
	texts := strings.Split(string(script), "\n-- ")[1:]
	for i, t := range texts {
		_, texts[i], _ = strings.Cut(t, "\n") // the line with the number
	}
	statements := 0
	for b.Loop() {
		for _, t := range texts {
			if _, err := parser.ParseStatement(t); err != nil {
				b.Fatal(err)
			}
			statements++
		}
	}
	b.ReportMetric(float64(statements)/b.Elapsed().Minutes(), "statements/min")
}

// BenchmarkInList parses IN lists; the time per value must not grow with their length.
func BenchmarkInList(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		text := "SELECT 1 WHERE x IN (" + strings.Repeat("'a value', ", n-1) + "'a value')"
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := parser.ParseStatement(text); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/value")
		})
	}
}
