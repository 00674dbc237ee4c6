/* Type information of any bytes: a part of it that refers to what is there, or a refusal. */
#include <stdlib.h>
#include <string.h>
#include <bpf/libbpf.h>
#include "observe/btf_subset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The names that inputs of the corpus have. */
static struct btf *program_make(void)
{
	struct btf *program = btf__new_empty();

	libbpf_set_print(NULL);
	btf__add_struct(program, "outer", 4);
	btf__add_union(program, "either", 4);
	btf__add_enum(program, "choice", 4);
	return program;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct btf *program;
	struct btf_source source = {NULL};
	struct btf *part = NULL;
	void *bytes = malloc(size + 1);
	uint32_t part_size;

	program = program ? program : program_make();
	if (!program || !bytes)
		abort();
	memcpy(bytes, data, size);
	if (!btf_source_read(&source, bytes, size) && !btf_subset(&part, &source, program)) {
		const void *part_bytes = btf__raw_data(part, &part_size);
		struct btf *again = btf__new(part_bytes, part_size);

		if (!again || btf__type_cnt(again) != btf__type_cnt(part))
			abort();
		btf__free(again);
		btf__free(part);
	}
	btf_source_end(&source);
	free(bytes);
	return 0;
}
