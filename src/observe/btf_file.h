/* The running kernel's type information for one BPF program. libbpf looks through all of it, a hundred thousand types, once for
 * each type of the program, and for the function that it is attached to. With no more than the program needs, and that
 * function's number, loading takes a third of the time. */
#ifndef OBSERVE_BTF_FILE_H
#define OBSERVE_BTF_FILE_H
#include "observe/btf_source.h"

struct btf_file {
	int fd;        /* in memory, filled later; -1: there is none */
	char path[32]; /* of it, for bpf_object_open_opts.btf_custom_path */
	void *kernel;  /* the whole */
	size_t size;
	struct btf_source source;
};

/* 0 or -errno; to be closed either way. */
int btf_file_open(struct btf_file *ret);
void btf_file_close(struct btf_file *);
/* With the part for this program. 0 or -errno. */
int btf_file_fill(const struct btf_file *, const struct btf *program);
/* The number of a function of the kernel's; 0: it has none of that name. */
uint32_t btf_file_function(const struct btf_file *, const char *name);
#endif
