/* The BTF of a kernel that there is not: the structures of a BPF program's own, laid out otherwise. */
#ifndef NET_FOREIGN_BTF_H
#define NET_FOREIGN_BTF_H
#include <stdbool.h>
#include <bpf/btf.h>

enum foreign_style {
	FOREIGN_MOVED,       /* each field elsewhere, bit fields in other bits */
	FOREIGN_WHOLE,       /* what are bit fields are whole numbers */
	FOREIGN_BITS,        /* the fields that are noted are bit fields */
};

/* A member of a structure, as a relocation names it. */
struct foreign_field {
	unsigned type, member;       /* in which it is at last */
	unsigned bit, bits;          /* where, from the beginning of the first */
	bool is_bits, is_signed;
};

enum { FOREIGN_NOTED = 128 };
struct foreign {
	enum foreign_style style;
	struct foreign_field noted[FOREIGN_NOTED];   /* by type and member */
	unsigned noted_count;
	struct btf *btf;
	bool done[4096];             /* types that are laid out */
};

/* Lays out a copy of `own`; style and noted are set before. */
void foreign_build(struct foreign *, const struct btf *own);
void foreign_free(struct foreign *);
/* "tcp_sock", "inet_conn.icsk_ack.ato"; false: there is none. */
bool foreign_find(const struct btf *, const char *structure, const char *path, struct foreign_field *ret);
/* A kernel without this field. */
void foreign_drop(struct foreign *, const struct foreign_field *);
#endif
