#include "scan_fill.h"

#include <string.h>

// slot is duckdb_string_t.
typedef struct {
	uint32_t length;
	char prefix[4];
	const char *ptr;
} slot;

enum { INLINE_LENGTH = 12 };

void wb_fill_strings(void *vector, void *data, const uint32_t *offsets, const char *bytes, size_t n) {
	slot *slots = data;
	uint32_t first = offsets[0];
	uint32_t total = offsets[n] - first;
	const char *heap = NULL;
	if (total > INLINE_LENGTH) {
		// One string of all bytes makes the vector's heap hold them; the slots then point into it.
		duckdb_unsafe_vector_assign_string_element_len(vector, 0, bytes + first, total);
		heap = slots[0].ptr;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t begin = offsets[i], length = offsets[i + 1] - begin;
		const char *s = bytes + begin;
		slot *out = &slots[i];
		if (length <= INLINE_LENGTH) {
			memset(out, 0, sizeof *out);
			out->length = length;
			memcpy(out->prefix, s, length);
		} else {
			out->length = length;
			memcpy(out->prefix, s, sizeof out->prefix);
			out->ptr = heap + (begin - first);
		}
	}
}
