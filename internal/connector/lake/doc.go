// Package lake is what connectors to tables of Parquet files have in common, wherever the files are: their footers are read and kept, row
// groups that a constraint rules out are left out, large files are cut at row groups into splits, and of a remote file a task fetches what
// its split needs into a local one. Whose files make a table, and which of their columns are which of the table's, is the connectors' to say.
package lake
