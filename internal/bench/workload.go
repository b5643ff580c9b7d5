package bench

import (
	"context"
	"io"
)

// Workload is a benchmark: queries, and the tables that they read.
type Workload struct {
	Name  string // TPC-H
	Scale float64
	// Count is the number of queries, which count from 1.
	Count int
	// Schema is that of the tables in catalog hive, Dir where their files are below the directory of that catalog.
	Schema, Dir string
	Tables      []string
	// Query is the text of a query.
	Query func(number int) (string, error)
	// Load creates the tables that are not there yet.
	Load func(ctx context.Context, s *Server, log io.Writer) error
}

// TPCH is TPC-H, whose tables the cluster generates.
func TPCH(scale float64) *Workload {
	return &Workload{Name: "TPC-H", Scale: scale, Count: QueryCount, Schema: SchemaOf(scale), Dir: SchemaOf(scale), Tables: Tables,
		Query: func(n int) (string, error) { return Query(n, scale) },
		Load:  func(ctx context.Context, s *Server, log io.Writer) error { return Load(ctx, s, scale, log) }}
}
