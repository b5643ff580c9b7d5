#pragma once
#include <stddef.h>
#include <stdint.h>

// The part of DuckDB's C API that fill code calls with pointers into Go memory.
void duckdb_unsafe_vector_assign_string_element_len(void *vector, uint64_t index, const char *str, uint64_t len);

// wb_fill_strings stores n strings into a vector of VARCHAR or BLOB whose slots are at data: string i is
// bytes[offsets[i] .. offsets[i+1]).
void wb_fill_strings(void *vector, void *data, const uint32_t *offsets, const char *bytes, size_t n);
