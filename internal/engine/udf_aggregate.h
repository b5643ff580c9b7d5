#pragma once
#include <stdint.h>
#include <stdlib.h>

// The part of DuckDB's C API for aggregate functions, which the Go bindings leave out. Handles are opaque.
void *duckdb_create_aggregate_function(void);
void duckdb_destroy_aggregate_function(void **function);
void duckdb_aggregate_function_set_name(void *function, const char *name);
void duckdb_aggregate_function_add_parameter(void *function, void *type);
void duckdb_aggregate_function_set_return_type(void *function, void *type);
void duckdb_aggregate_function_set_functions(void *function, uint64_t (*size)(void *), void (*init)(void *, void *),
                                             void (*update)(void *, void *, void **),
                                             void (*combine)(void *, void **, void **, uint64_t),
                                             void (*finalize)(void *, void **, void *, uint64_t, uint64_t));
void duckdb_aggregate_function_set_destructor(void *function, void (*destroy)(void **, uint64_t));
int duckdb_register_aggregate_function(void *connection, void *function);
void duckdb_aggregate_function_set_special_handling(void *function);
void duckdb_aggregate_function_set_extra_info(void *function, void *info, void (*destroy)(void *));
void *duckdb_aggregate_function_get_extra_info(void *info);
void duckdb_aggregate_function_set_error(void *info, const char *error);

// wb_aggregate_create makes an aggregate function of Go, without its types. The caller registers and destroys it; number
// points to malloced memory that tells the callbacks which of the functions it is. NULL: see mend.
void *wb_aggregate_create(const char *name, void *number);
