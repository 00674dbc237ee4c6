/* Which instructions of a BPF program can be come to, as far as constants decide. */
#ifndef NET_BPF_REACH_H
#define NET_BPF_REACH_H
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>

/* reached[count]: what may be; more than the kernel's verifier would find, never less. */
void bpf_reach(const struct bpf_insn *, size_t count, bool reached[]);
#endif
