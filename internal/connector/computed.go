package connector

// ComputedColumn is a column for Sink.PartitionColumns that is computed from a column of the table, so that a table's partitions need not be
// values of columns. Its values, which Sink.Add is given as text, are those of the transform:
//
//	identity    the value: numbers and texts as they are, dates as days since 1970, times, timestamps and instants in microseconds,
//	            varbinary in hexadecimal digits
//	year, month, day, hour   how many since 1970 began in UTC
//	bucket      the 32-bit Murmur3 hash of the value as Iceberg defines it, without its sign, modulo Width
//	truncate    a number less what it exceeds a multiple of Width by, unscaled for decimals; the first Width characters of a text, or bytes
//	void        NULL
//	hive        the number, modulo Width, that the hashes of Columns give as Hive divides rows among buckets, in a version of that
type ComputedColumn struct {
	Name string
	// Column is the place of the column in FileOptions.Columns.
	Column    int
	Transform string
	Width     int
	// Columns are the places of the columns, and Version that of the hashes, for the transform "hive".
	Columns []int
	Version int
}
