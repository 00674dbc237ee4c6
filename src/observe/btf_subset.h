/* The part of the kernel's type information (BTF) that a BPF program of ours names. libbpf looks through all of it, a hundred
 * thousand types, once for each type of the program; with the part instead, loading takes half as long. */
#ifndef OBSERVE_BTF_SUBSET_H
#define OBSERVE_BTF_SUBSET_H
#include <bpf/btf.h>
#include <stddef.h>

/* Structs, unions and enums of `all` (BTF as the kernel gives it, of any content) that have a name which one of `program` has
 * too, and what they consist of; what pointers point to is left out. To be freed with btf__free(). 0 or -errno. */
int btf_subset(struct btf **ret, const void *all, size_t size, const struct btf *program);

/* A file in memory that is filled later, with a name for bpf_object_open_opts.btf_custom_path. */
struct btf_file {
	int fd; /* -1: there is none */
	char path[32];
};
void btf_file_open(struct btf_file *ret);
/* With the running kernel's part for this program. 0 or -errno. */
int btf_file_fill(const struct btf_file *, const struct btf *program);
void btf_file_close(struct btf_file *);
#endif
