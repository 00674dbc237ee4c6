/* What the programs hand over of each socket: the same bytes for them and for who reads them. Records follow each other
 * without a gap; each begins with its length. */
#ifndef BPF_SOCKET_RECORD_H
#define BPF_SOCKET_RECORD_H
#include "fact/tcp_info.h"

/* Options by hand, numbered in each of the three tables. */
enum record_int {
#define INT(id, condition, value) RECORD_INT_##id,
#define WIDE(id, condition, value)
#define NAME(id, condition, value)
#include "bpf/socket_option.def"
#undef INT
#undef WIDE
#undef NAME
	RECORD_INTS
};
enum record_wide {
#define INT(id, condition, value)
#define WIDE(id, condition, value) RECORD_WIDE_##id,
#define NAME(id, condition, value)
#include "bpf/socket_option.def"
#undef INT
#undef WIDE
#undef NAME
	RECORD_WIDES
};
enum record_name {
#define INT(id, condition, value)
#define WIDE(id, condition, value)
#define NAME(id, condition, value) RECORD_NAME_##id,
#include "bpf/socket_option.def"
#undef INT
#undef WIDE
#undef NAME
	RECORD_NAMES
};

enum { RECORD_ASKED = 128, RECORD_SKMEM = 9 };
enum { RECORD_MARK = 1, RECORD_CGROUP = 2, RECORD_CLASS = 4, RECORD_FLAGS = 8, RECORD_MD5 = 16 };      /* known */
enum { RECORD_CC_TELLS = 32 };       /* there, too: its congestion control has something for sock_diag */
enum { RECORD_SNDBUF_LOCK = 1, RECORD_RCVBUF_LOCK = 2, RECORD_PORT_LOCK = 8 };         /* userlocks */

/* Of the kernel's clock. A division takes longer than reading what is divided. */
struct record_tick {
	uint32_t hz, us, ms;         /* us, ms: its length, 0 where that is no whole number */
};

struct asked_row {                   /* of the table of options for bpf_getsockopt */
	int level, number;
	uint16_t length;             /* of its value, up to 16 */
	uint16_t family;             /* of the sockets that have it; 0: both */
};

struct socket_record {
	uint16_t length;             /* up to `info` for half-open and TIME_WAIT, else up to `asked` and more */
	uint16_t source_port, destination_port;      /* host byte order */
	uint8_t family, state, timer, retransmits, known, asked_count, udp;
	uint32_t inode, uid, mark, interface, rqueue_bytes, wqueue_bytes, expires_ms;
	uint64_t cookie, cgroup;
	uint8_t source[16], destination[16];

	struct tcp_info_kernel info;
	uint64_t facts;              /* bit TCP_FACT_x: info has it */
	uint32_t skmem[RECORD_SKMEM];
	uint32_t class_id, inet_flags, md5_keys;
	uint8_t userlocks, shutdown, tos, tclass;
	uint64_t ints_known[(RECORD_INTS + 63) / 64];
	uint32_t wides_known, names_known;   /* bits */
	uint64_t wides[RECORD_WIDES];
	uint32_t ints[RECORD_INTS];
	char names[RECORD_NAMES][16];

	struct record_asked {        /* by bpf_getsockopt: asked_count of them */
		uint16_t row, length;        /* row: of the table that was handed over */
		uint32_t zero;
		unsigned char value[16];
	} asked[RECORD_ASKED] __attribute__((aligned(8)));
};
#endif
