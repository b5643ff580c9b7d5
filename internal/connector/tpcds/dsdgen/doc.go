// Package dsdgen generates the data of the TPC-DS benchmark: the rows that its own generator and Trino's port of it make in one
// run, at any scale factor and for any range of units.
//
// Each column has a random stream that reserves a fixed number of draws per unit of its table. A unit is a row; for the tables of
// sales and of returns it is an order. A stream is placed at any unit by one modular exponentiation, and columns that nobody
// asks for draw nothing. Tables that keep history repeat values of the row before within the revisions of one business key;
// these are generated from the first revision on.
//
// The distributions of values (distributions.txt.gz) are those of the Maven artifact io.trino.tpcds:tpcds:1.4, which is under
// the Apache License 2.0, without comments and in UTF-8; see NOTICE.
//
// It knows nothing of SQL types, catalogs or Arrow. Start with Generator in generator.go; tables.go lists the tables, columns.go
// their columns, random.go has the streams, scale.go the numbers of rows.
package dsdgen
