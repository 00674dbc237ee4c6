/* What is the same as for the socket before is not decoded again: sockets of a service have equal options. */
#include "observe/socket_decode.h"
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "bpf/inet_flags.h"

/* The tables of socket_option.def: which option is meant by a record's number. */
static const uint16_t int_ids[RECORD_INTS] = {
#define INT(id, condition, value) [RECORD_INT_##id] = OPTION_##id,
#define WIDE(id, condition, value)
#define NAME(id, condition, value)
#include "bpf/socket_option.def"
#undef INT
#undef WIDE
};
static const uint16_t wide_ids[RECORD_WIDES] = {
#define INT(id, condition, value)
#define WIDE(id, condition, value) [RECORD_WIDE_##id] = OPTION_##id,
#include "bpf/socket_option.def"
#undef WIDE
#undef NAME
};
static const uint16_t name_ids[RECORD_NAMES] = {
#define WIDE(id, condition, value)
#define NAME(id, condition, value) [RECORD_NAME_##id] = OPTION_##id,
#include "bpf/socket_option.def"
#undef INT
#undef WIDE
#undef NAME
};

static bool bit(const uint64_t bits[], unsigned i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static bool id_is_in(const uint16_t ids[], unsigned count, unsigned id)
{
	for (unsigned i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool id_is_by_hand(unsigned id)
{
	return id_is_in(int_ids, RECORD_INTS, id) || id_is_in(wide_ids, RECORD_WIDES, id) ||
	       id_is_in(name_ids, RECORD_NAMES, id);
}

/* A row with a place for each family is two rows here. */
static void option_plan(struct socket_decoder *decoder, unsigned id)
{
	const struct option *option = &catalogue[id];
	const struct value any = {.form = FORM_NUMBER};
	struct optval optval = {.length = 0};

	value_encode(option, &any, &optval);
	for (unsigned i = 0; i < 2 && option->place[i].symbol && decoder->asked_count < RECORD_ASKED; i++)
		decoder->asked[decoder->asked_count++] = (struct asked_option){
			.row = {.level = option->place[i].level,
				.number = option->place[i].read ? option->place[i].read : option->place[i].number,
				.length = (uint16_t)optval.length,
				.family = !option->place[1].symbol ? 0 :
					  i                        ? AF_INET6 :
								     AF_INET},
			.id = (uint16_t)id,
		};
}

void socket_decoder_init(struct socket_decoder *decoder, bool by_hand)
{
	memset(decoder, 0, sizeof *decoder);
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		if (option_protocols(&catalogue[id]) & PROTOCOL_TCP && catalogue[id].reads != READS_NEVER &&
		    !(by_hand && id_is_by_hand(id)))
			option_plan(decoder, id);
}

void socket_decoder_forget(struct socket_decoder *decoder)
{
	memset(decoder->options, 0, sizeof decoder->options);
	memset(&decoder->last, 0, sizeof decoder->last);
	memset(decoder->last_asked, 0, sizeof decoder->last_asked);
	decoder->options_version++;
}

static uint16_t flags_of(uint32_t inet_flags)
{
	static const struct {
		uint16_t bit, flag;
	} rows[] = {
		{INET_FLAGS_RECVERR, SOCKET_RECVERR},
		{INET_FLAGS_FREEBIND, SOCKET_FREEBIND},
		{INET_FLAGS_HDRINCL, SOCKET_HDRINCL},
		{INET_FLAGS_MC_LOOP, SOCKET_MULTICAST_LOOP},
		{INET_FLAGS_TRANSPARENT, SOCKET_TRANSPARENT},
		{INET_FLAGS_MC_ALL, SOCKET_MULTICAST_ALL},
		{INET_FLAGS_NODEFRAG, SOCKET_NODEFRAG},
		{INET_FLAGS_BIND_ADDRESS_NO_PORT, SOCKET_BIND_ADDRESS_NO_PORT},
		{INET_FLAGS_RECVERR_RFC4884, SOCKET_RECVERR_RFC4884},
		{INET_FLAGS_DEFER_CONNECT, SOCKET_DEFER_CONNECT},
	};
	unsigned flags = 0;

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		flags |= inet_flags >> rows[i].bit & 1 ? rows[i].flag : 0;
	return (uint16_t)flags;
}

/* What is neither an option nor a number of TCP. */
static void others_decode(struct socket_decoder *decoder, const struct socket_record *record)
{
	struct socket_fact *socket = &decoder->socket;

	if (record->inet_flags != decoder->inet_flags) {
		decoder->inet_flags = record->inet_flags;
		decoder->flags = flags_of(record->inet_flags);
	}
	socket->flags = decoder->flags;
	socket->class_id = record->class_id;
	socket->md5_keys = record->md5_keys;
	socket->known |= record->known & RECORD_FLAGS ? KNOWN_FLAGS : 0;
	socket->known |= record->known & RECORD_CLASS ? KNOWN_CLASS_ID : 0;
	socket->known |= record->known & RECORD_MD5 ? KNOWN_MD5 : 0;
	socket->cc.kind = record->known & RECORD_CC_TELLS ? CONGESTION_UNTOLD : CONGESTION_SILENT;
}

static void facts_decode(struct socket_fact *socket, const struct socket_record *record)
{
	bool listener = record->state == TCP_LISTEN;

	tcp_fact_read(&socket->tcp, &record->info, sizeof record->info);
	socket->tcp.have &= record->facts;
	memcpy(socket->skmem, record->skmem, sizeof socket->skmem);
	socket->skmem_count = SOCKET_SKMEM;
	socket->shutdown = record->shutdown;
	socket->tos = record->tos;
	socket->tclass = record->tclass;
	socket->known |= KNOWN_AUTOBOUND | KNOWN_SHUTDOWN | KNOWN_TOS | KNOWN_UID;
	socket->known |= record->family == AF_INET6 ? KNOWN_TCLASS : 0;
	socket->autobound = !(record->userlocks & RECORD_PORT_LOCK);
	if (listener || record->state == TCP_CLOSE) {
		socket->v6only = record->ints[RECORD_INT_v6only];
		socket->known |= bit(record->ints_known, RECORD_INT_v6only) ? KNOWN_V6ONLY : 0;
	}
	if (!listener)
		return;
	socket->queue = record->rqueue_bytes;
	socket->queue_limit = record->wqueue_bytes;
	socket->rqueue_bytes = socket->wqueue_bytes = 0;
	socket->known |= KNOWN_QUEUE;
}

static void common_decode(struct socket_fact *socket, const struct socket_record *record)
{
	socket->protocol = record->udp ? IPPROTO_UDP : IPPROTO_TCP;
	socket->type = record->udp ? SOCK_DGRAM : SOCK_STREAM;
	socket->family = record->family;
	socket->state = record->state;
	socket->timer = record->timer;
	socket->retransmits = record->retransmits;
	socket->source_port = record->source_port;
	socket->destination_port = record->destination_port;
	memcpy(socket->source, record->source, sizeof socket->source);
	memcpy(socket->destination, record->destination, sizeof socket->destination);
	socket->interface = record->interface;
	socket->inode = record->inode;
	socket->uid = record->uid;
	socket->expires_ms = record->expires_ms;
	socket->rqueue_bytes = record->rqueue_bytes;
	socket->wqueue_bytes = record->wqueue_bytes;
	socket->mark = record->mark;
	socket->cookie = record->cookie;
	socket->cgroup = record->cgroup;
	socket->known = record->known & RECORD_MARK ? KNOWN_MARK : 0;
	socket->known |= record->known & RECORD_CGROUP ? KNOWN_CGROUP : 0;
	socket->tcp.have = 0;
	socket->skmem_count = 0;
	socket->cc.kind = CONGESTION_SILENT;
	socket->netns = NULL;
	socket->options = NULL;
	socket->owners = NULL;
	socket->owners_count = 0;
}

/* --- options ---------------------------------------------------------------------------------------------------- */

static void option_set(struct option_fact *fact, unsigned id, const struct optval *optval)
{
	value_decode(&catalogue[id], optval, &fact->value);
	fact->source = SOURCE_ITERATOR;
}

/* SO_SNDBUF and SO_RCVBUF set a bit each in sk_userlocks; without it the kernel sizes the buffer. */
static void autotuning_note(struct option_fact *fact, unsigned id, uint8_t userlocks)
{
	uint8_t lock = catalogue[id].place[0].number == SO_SNDBUF ? RECORD_SNDBUF_LOCK : RECORD_RCVBUF_LOCK;

	if (catalogue[id].may_auto)
		fact->value.form = userlocks & lock ? FORM_NUMBER : FORM_AUTO;
}

/* Of an interface that is gone, or of another namespace, nothing is known. */
static void device_set(struct option_fact *fact, uint32_t index)
{
	char name[IF_NAMESIZE] = "";

	*fact = (struct option_fact){.value = {.form = FORM_TEXT}, .source = SOURCE_ITERATOR};
	if (index && !if_indextoname(index, name))
		fact->source = SOURCE_NONE;
	memcpy(fact->value.text, name, sizeof fact->value.text);
}

static void int_decode(struct socket_decoder *decoder, const struct socket_record *record, unsigned i, bool known)
{
	struct option_fact *fact = &decoder->options[int_ids[i]];
	struct optval optval = {.length = sizeof optval.number, .number = (int)record->ints[i]};

	if (!known) {
		fact->source = SOURCE_NONE;
	} else if (catalogue[int_ids[i]].kind == KIND_NAME) {
		device_set(fact, record->ints[i]);
	} else {
		option_set(fact, int_ids[i], &optval);
		autotuning_note(fact, int_ids[i], record->userlocks);
	}
}

/* Is it known of both sockets, and the same? A buffer's size means another thing when it is fixed. */
static bool int_stays(const struct socket_record *record, const struct socket_record *last, unsigned i)
{
	bool known = bit(record->ints_known, i);

	if (known != bit(last->ints_known, i))
		return false;
	return !known || (record->ints[i] == last->ints[i] &&
			  (record->userlocks == last->userlocks || !catalogue[int_ids[i]].may_auto));
}

static bool ints_decode(struct socket_decoder *decoder, const struct socket_record *record)
{
	bool changed = false;

	for (unsigned i = 0; i < RECORD_INTS; i++) {
		if (int_stays(record, &decoder->last, i))
			continue;
		int_decode(decoder, record, i, bit(record->ints_known, i));
		changed = true;
	}
	return changed;
}

static void wide_decode(struct option_fact *fact, unsigned id, uint64_t wide)
{
	struct optval optval = {.length = sizeof optval.wide, .wide = wide};

	if (catalogue[id].kind == KIND_TIMEVAL) {
		optval.length = sizeof optval.timeval;
		optval.timeval.seconds = (long)(wide / 1000000);
		optval.timeval.us = (long)(wide % 1000000);
	}
	option_set(fact, id, &optval);
}

static void name_decode(struct option_fact *fact, unsigned id, const char name[16])
{
	struct optval optval = {.length = sizeof optval.text};

	memcpy(optval.text, name, sizeof optval.text);
	option_set(fact, id, &optval);
}

/* Few: all at once. */
static bool wides_and_names_decode(struct socket_decoder *decoder, const struct socket_record *record)
{
	const struct socket_record *last = &decoder->last;

	if (record->wides_known == last->wides_known && record->names_known == last->names_known &&
	    !memcmp(record->wides, last->wides, sizeof record->wides) &&
	    !memcmp(record->names, last->names, sizeof record->names))
		return false;
	for (unsigned i = 0; i < RECORD_WIDES; i++) {
		decoder->options[wide_ids[i]].source = SOURCE_NONE;
		if (record->wides_known >> i & 1)
			wide_decode(&decoder->options[wide_ids[i]], wide_ids[i], record->wides[i]);
	}
	for (unsigned i = 0; i < RECORD_NAMES; i++) {
		decoder->options[name_ids[i]].source = SOURCE_NONE;
		if (record->names_known >> i & 1)
			name_decode(&decoder->options[name_ids[i]], name_ids[i], record->names[i]);
	}
	return true;
}

static bool asked_forget(struct socket_decoder *decoder, const struct socket_record *record)
{
	bool seen[RECORD_ASKED] = {false}, changed = false;

	for (unsigned i = 0; i < record->asked_count; i++)
		if (record->asked[i].row < RECORD_ASKED)
			seen[record->asked[i].row] = true;
	for (unsigned row = 0; row < decoder->asked_count; row++)
		if (!seen[row] && decoder->last_asked[row].length) {
			decoder->last_asked[row].length = 0;
			decoder->options[decoder->asked[row].id].source = SOURCE_NONE;
			changed = true;
		}
	return changed;
}

/* What bpf_getsockopt answered for this socket replaces what it answered for the last. */
static bool asked_decode(struct socket_decoder *decoder, const struct socket_record *record)
{
	bool changed = asked_forget(decoder, record);

	for (unsigned i = 0; i < record->asked_count; i++) {
		const struct record_asked *asked = &record->asked[i];
		struct optval optval = {.length = asked->length};

		if (asked->row >= decoder->asked_count || !asked->length || asked->length > sizeof optval.raw ||
		    !memcmp(asked, &decoder->last_asked[asked->row], sizeof *asked))
			continue;
		decoder->last_asked[asked->row] = *asked;
		memcpy(optval.raw, asked->value, asked->length);
		option_set(&decoder->options[decoder->asked[asked->row].id], decoder->asked[asked->row].id, &optval);
		changed = true;
	}
	return changed;
}

static bool name_copy(char to[16], const struct socket_record *record, enum record_name name)
{
	memcpy(to, record->names[name], 15);
	to[15] = 0;
	return record->names_known >> name & 1;
}

static void options_decode(struct socket_decoder *decoder, const struct socket_record *record)
{
	struct socket_fact *socket = &decoder->socket;
	bool changed = ints_decode(decoder, record);

	changed |= wides_and_names_decode(decoder, record);
	changed |= asked_decode(decoder, record);
	if (changed) {
		decoder->options_version++;
		memcpy(&decoder->last, record, offsetof(struct socket_record, asked));
	}
	socket->options = decoder->options;
	socket->options_version = decoder->options_version;
	socket->known |= name_copy(socket->congestion, record, RECORD_NAME_cc) ? KNOWN_CONGESTION : 0;
	socket->known |= name_copy(socket->ulp, record, RECORD_NAME_ulp) ? KNOWN_ULP : 0;
}

static bool length_is_right(const struct socket_record *record)
{
	return record->length == offsetof(struct socket_record, info) ||
	       (record->asked_count <= RECORD_ASKED &&
		record->length == offsetof(struct socket_record, asked) + record->asked_count * sizeof *record->asked);
}

int socket_decode(struct socket_decoder *decoder, const void *data, size_t size)
{
	const struct socket_record *record = data;

	if (size < offsetof(struct socket_record, info))
		return 0;
	if (!length_is_right(record))
		return -EPROTO;
	if (size < record->length)
		return 0;
	common_decode(&decoder->socket, record);
	if (record->length != offsetof(struct socket_record, info)) {
		facts_decode(&decoder->socket, record);
		others_decode(decoder, record);
		options_decode(decoder, record);
	}
	return record->length;
}
