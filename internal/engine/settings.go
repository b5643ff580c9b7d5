package engine

import (
	"fmt"
	"strings"
)

// setting is one DuckDB option and why it has its value.
type setting struct {
	name, value string
	why         string
}

// fixed are the options that every instance has. Generated SQL may rely on them, and on these facts of DuckDB's dialect
// that no option changes:
//
//   - integer / gives a DOUBLE; // and % truncate towards zero, and give NULL when the divisor is zero: the generated SQL
//     checks the divisor itself and raises error('TRINO:DIVISION_BY_ZERO:Division by zero');
//   - integer overflow in + - * is an error, which becomes NUMERIC_VALUE_OUT_OF_RANGE;
//   - division of doubles follows IEEE 754, as in Trino;
//   - HUGEINT and INTERVAL cannot be written to Parquet faithfully (the first becomes a double, the second loses its
//     microseconds): cast them before WriteParquet.
var fixed = []setting{
	{"default_null_order", "'nulls_last'", "Trino's default in both directions"},
	{"TimeZone", "'UTC'", "sessions with another zone name it in the SQL text"},
	{"preserve_insertion_order", "false", "order comes from ORDER BY only (which is kept); streams in less memory"},
	{"enable_external_file_cache", "false", "descriptor paths are reused for other contents"},
	{"autoinstall_known_extensions", "false", "nothing is downloaded"},
	{"autoload_known_extensions", "false", "nothing is loaded"},
	{"allow_community_extensions", "false", "nothing is loaded"},
	{"allow_persistent_secrets", "false", "nothing is read from the home directory"},
	{"partitioned_write_max_open_files", "10000", "one file per exchange partition however many there are"},
	{"scalar_subquery_error_on_multiple_rows", "true", "becomes SUBQUERY_MULTIPLE_ROWS"},
}

// brokenOptimizers are steps of DuckDB's optimizer that are never taken, because of what they do in DuckDB 1.5.3.
//
//   - window_self_join turns windows into a join of their input with its aggregate; that loses columns which other windows over
//     the same input need ("Failed to bind column reference"), as in queries 53, 63 and 89 of TPC-DS.
//   - deliminator compares a correlated subquery with the outer rows themselves rather than with the set of their values. Where
//     one of several comparisons is not an equality it changes some conditions before it finds that it cannot change all, and
//     leaves the join with both kinds; and as a value, EXISTS takes NULL for different from everything.
const brokenOptimizers = "window_self_join,deliminator"

// setup returns the statements that configure a fresh instance. The last one locks the configuration.
func setup(cfg Config) []string {
	var out []string
	set := func(name, value string) { out = append(out, "SET GLOBAL "+name+"="+value) }
	for _, s := range fixed {
		set(s.name, s.value)
	}
	set("memory_limit", fmt.Sprintf("'%dB'", cfg.MemoryLimit))
	set("threads", fmt.Sprint(cfg.Threads))
	set("temp_directory", QuoteText(cfg.spillDir()))
	if cfg.MaxTempBytes > 0 {
		set("max_temp_directory_size", fmt.Sprintf("'%dB'", cfg.MaxTempBytes))
	}
	disabled := brokenOptimizers
	if cfg.KeepJoinOrder {
		disabled += ",join_order"
	}
	if cfg.KeepJoinSides {
		disabled += ",build_side_probe_side"
	}
	set("disabled_optimizers", QuoteText(disabled))
	return append(out,
		"SET enable_progress_bar=true", // so that the monitor learns how far a statement is
		"SET enable_progress_bar_print=false",
		"SET GLOBAL allowed_directories=["+strings.Join(cfg.allowedDirs(), ", ")+"]",
		"SET GLOBAL enable_external_access=false",
		"SET GLOBAL lock_configuration=true",
	)
}

// allowedDirs are the directories that statements can reach, as literals.
func (c Config) allowedDirs() []string {
	dirs := []string{QuoteText(descriptorDir), QuoteText(c.ScratchDir + "/")}
	for dir := range strings.Lines(c.ReadDirs) {
		dirs = append(dirs, QuoteText(strings.TrimRight(dir, "/\n")+"/"))
	}
	return dirs
}
