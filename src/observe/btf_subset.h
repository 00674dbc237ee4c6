/* The part of the kernel's type information (BTF) that a BPF program of ours names. */
#ifndef OBSERVE_BTF_SUBSET_H
#define OBSERVE_BTF_SUBSET_H
#include "observe/btf_source.h"

/* Structs, unions and enums of `all` that have a name which one of `program` has too, and what they consist of; what
 * pointers point to is left out. To be freed with btf__free(). 0 or -errno. */
int btf_subset(struct btf **ret, const struct btf_source *all, const struct btf *program);
#endif
