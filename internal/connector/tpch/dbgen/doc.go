// Package dbgen generates the data of the TPC-H benchmark: the same rows, byte for byte, as the benchmark's own
// generator, at any scale factor and for any range of rows.
//
// Every column is a pure function of one or a few random streams, and every stream reserves a fixed number of draws per
// unit of its table (a unit is a row; for lineitem an order, for partsupp a part). A stream is therefore placed at any unit
// by one modular exponentiation, columns are generated independently of each other, and a column nobody asks for costs
// nothing.
//
// It knows nothing of SQL types, catalogs or Arrow. Start with Generator in generator.go; tables.go lists the tables and
// their columns, random.go the streams, text.go the prose of the comment columns.
package dbgen
