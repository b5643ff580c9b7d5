#include "udf_aggregate.h"

// The callbacks in Go.
void wb_aggregate_update(void *, void *, void **);
void wb_aggregate_combine(void *, void **, void **, uint64_t);
void wb_aggregate_finalize(void *, void **, void *, uint64_t, uint64_t);
void wb_aggregate_destroy(void **, uint64_t);

// A state in DuckDB's memory is a handle of an accumulator in Go's; 0 until there is one.
static uint64_t state_size(void *info) {
	(void)info;
	return sizeof(uint64_t);
}

static void state_init(void *info, void *state) {
	(void)info;
	*(uint64_t *)state = 0;
}

// What follows mends a fault of DuckDB's C API. Where all rows of a call belong to one state (windows over whole partitions,
// ORDER BY in the call), DuckDB passes a constant vector of states to aggregates that have no "simple update", and the C API
// takes its single pointer for an array of one per row. It cannot set a simple update either. So simple_update is stored into
// the function object directly, behind three callbacks of the C API whose addresses are known; it repeats the pointer.

// Symbols are named as the compiler mangles duckdb::idx_t.
#ifdef __linux__
#define IDX "m"
#else
#define IDX "y"
#endif
#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)
#define SYMBOL(name) __asm__(TEXT(__USER_LABEL_PREFIX__) name)

void capi_update(void *inputs, void *data, uint64_t columns, void *states, uint64_t count)
    SYMBOL("_ZN6duckdb19CAPIAggregateUpdateEPNS_6VectorERNS_18AggregateInputDataE" IDX "RS0_" IDX);
void capi_combine(void) SYMBOL("_ZN6duckdb20CAPIAggregateCombineERNS_6VectorES1_RNS_18AggregateInputDataE" IDX);
void capi_finalize(void) SYMBOL("_ZN6duckdb21CAPIAggregateFinalizeERNS_6VectorERNS_18AggregateInputDataES1_" IDX IDX);
void capi_destructor(void) SYMBOL("_ZN6duckdb23CAPIAggregateDestructorERNS_6VectorERNS_18AggregateInputDataE" IDX);

void *duckdb_create_logical_type(int type);
void duckdb_destroy_logical_type(void **type);
void *duckdb_create_vector(void *type, uint64_t capacity);
void *duckdb_vector_get_data(void *vector);
void duckdb_destroy_vector(void **vector);

enum { TYPE_UBIGINT = 9 }; // laid out as pointers are

// An exception of DuckDB may pass through; the vector is destroyed then too, which needs -fexceptions.
static void simple_update(void *inputs, void *data, uint64_t columns, void *state, uint64_t count) {
	void *type = duckdb_create_logical_type(TYPE_UBIGINT);
	void *states __attribute__((cleanup(duckdb_destroy_vector))) = duckdb_create_vector(type, count);
	duckdb_destroy_logical_type(&type);
	void **p = duckdb_vector_get_data(states);
	for (uint64_t i = 0; i < count; i++) {
		p[i] = state;
	}
	capi_update(inputs, data, columns, states, count);
}

// The C API's destructor is mended too. It asks the data that the call was bound with for what to call, and the plan of an
// aggregation without groups frees that data before its states. Ours needs the states alone, which are never constant here.
static void destructor(void *states, void *data, uint64_t count) {
	(void)data;
	wb_aggregate_destroy(duckdb_vector_get_data(states), count);
}

// mend returns 0 when the function object is not laid out as expected. The callbacks have to be found together: the unused
// bytes of the object's short strings are not initialised and may hold one that an earlier object left.
static int mend(void *function) {
	void **words = function;
	for (int i = 0; i < 128; i++) {
		if (words[i] != (void *)capi_update || words[i + 1] != (void *)capi_combine || words[i + 2] != (void *)capi_finalize ||
		    words[i + 3] != NULL) {
			continue;
		}
		for (int k = i + 4; k < i + 16; k++) {
			if (words[k] == (void *)capi_destructor) {
				words[i + 3] = (void *)simple_update;
				words[k] = (void *)destructor;
				return 1;
			}
		}
	}
	return 0;
}

void *wb_aggregate_create(const char *name, void *number) {
	void *f = duckdb_create_aggregate_function();
	duckdb_aggregate_function_set_name(f, name);
	duckdb_aggregate_function_set_functions(f, state_size, state_init, wb_aggregate_update, wb_aggregate_combine,
	                                        wb_aggregate_finalize);
	duckdb_aggregate_function_set_destructor(f, wb_aggregate_destroy);
	duckdb_aggregate_function_set_special_handling(f);
	duckdb_aggregate_function_set_extra_info(f, number, free);
	if (!mend(f)) {
		duckdb_destroy_aggregate_function(&f);
		return NULL;
	}
	return f;
}
