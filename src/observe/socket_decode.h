/* Records of the BPF programs (bpf/socket_record.h) to socket_fact. Knows no libbpf: what it is given may lie. */
#ifndef OBSERVE_SOCKET_DECODE_H
#define OBSERVE_SOCKET_DECODE_H
#include "bpf/socket_record.h"
#include "fact/socket_fact.h"

/* A row of the catalogue for bpf_getsockopt: it is in no table of bpf/socket_option.def. */
struct asked_option {
	struct asked_row row;
	uint16_t id;                 /* enum option_id */
};

struct socket_decoder {
	struct socket_fact socket;   /* of the last record; its options are those below */
	struct option_fact options[OPTION_COUNT];
	uint64_t options_version;
	uint32_t inet_flags;         /* of the last record that had them, and what they say */
	uint16_t flags;
	struct socket_record last;   /* whose options were decoded: most sockets have the same */
	struct record_asked last_asked[RECORD_ASKED];        /* by row; length 0: there is none */
	struct asked_option asked[RECORD_ASKED];
	unsigned asked_count;
};

/* by_hand: the options of bpf/socket_option.def are not asked for. */
void socket_decoder_init(struct socket_decoder *, bool by_hand);
/* Before another pass: names of devices are those of the namespace in which we run. */
void socket_decoder_forget(struct socket_decoder *);
/* The next record of data[0..size): its length, 0 if more bytes are needed, -EPROTO if it is none. */
int socket_decode(struct socket_decoder *, const void *data, size_t size);
#endif
