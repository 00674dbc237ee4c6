/* Type information (BTF) as bytes, of any content: what libbpf does with a copy of it, after as many checks as it has types. */
#ifndef OBSERVE_BTF_SOURCE_H
#define OBSERVE_BTF_SOURCE_H
#include <bpf/btf.h>
#include <stddef.h>
#include <stdint.h>

struct btf_source {
	const char *bytes;
	uint32_t *offsets; /* of types, by their ids; [0] is void */
	uint32_t count;
	const char *strings;
	uint32_t strings_size; /* the last is a 0 */
};

/* The bytes stay the caller's. 0 or -errno; to be ended either way. */
int btf_source_read(struct btf_source *ret, const void *bytes, size_t size);
void btf_source_end(struct btf_source *);
/* NULL: there is none, or void. It is there to its end; what it refers to may not be. */
const struct btf_type *btf_source_type(const struct btf_source *, uint32_t id);
const char *btf_source_name(const struct btf_source *, uint32_t offset); /* "" if it has none */
#endif
