/* A BPF object that libbpf has relocated, and what it said of each relocation. */
#ifndef NET_RELOCATED_H
#define NET_RELOCATED_H
#include <stdbool.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

enum kind { BYTE_OFF, BYTE_SZ, IS_SIGNED, LSHIFT, RSHIFT, EXISTS, OTHER };

struct relocation {
	char structure[32], path[64];        /* "tcp_sock", "inet_conn.icsk_rto" */
	enum kind kind;
	bool is_load; /* written into an instruction's offset */
	long long value;
};

enum { RELOCATIONS = 4096 };
extern struct relocation relocations[RELOCATIONS];   /* of the last object_relocate() */
extern unsigned relocations_count;

/* btf: a file; NULL: the kernel's. Assertions fail the test that calls. */
struct bpf_object *object_open(const char *path, const char *btf);
/* The kernel refuses what it is given then, or not: it has been relocated before. */
struct bpf_object *object_relocate(const char *path, const struct btf *btf);
/* 0 or -errno: may this user load it? Says nothing. */
int object_try(const char *path);
#endif
