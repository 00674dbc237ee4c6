/* Loads bpf/tcp.bpf.c and reads what it writes. */
#include "observe/iterator.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/clock.h"
#include "base/error.h"
#include "observe/ahead.h"
#include "observe/bpf_obstacle.h"
#include "observe/socket_decode.h"
#include "bpf/tcp.skel.h" /* of the record's types */

/* The kernel hands over at most eight pages a read (bpf_iter.c); where these are large, a record may be cut in two. */
enum { BUFFER_BYTES = AHEAD_PIECE + (sizeof(struct socket_record) + 7) / 8 * 8 };
/* Reads after which a pass is long enough for a thread. */
enum { SHORT = 4 };

struct iterator {
	struct tcp *program;
	struct bpf_link *link;
	struct socket_decoder decoder;
	unsigned char buffer[BUFFER_BYTES] __attribute__((aligned(8)));
};

/* What the program cannot know: the table of options, the length of a clock tick. */
static void constants_set(struct iterator *iterator, bool by_hand)
{
	const struct socket_decoder *decoder = &iterator->decoder;
	int64_t tick_us = clock_tick_us();

	for (unsigned i = 0; i < decoder->asked_count; i++)
		iterator->program->rodata->asked_rows[i] = decoder->asked[i].row;
	iterator->program->rodata->asked_rows_count = decoder->asked_count;
	iterator->program->rodata->hz = (uint32_t)((1000000 + tick_us / 2) / tick_us);
	iterator->program->rodata->by_hand = by_hand;
}

static int program_load(struct iterator *iterator, bool by_hand)
{
	int r;

	iterator->program = tcp__open();
	if (!iterator->program)
		return -errno;
	socket_decoder_init(&iterator->decoder, by_hand);
	constants_set(iterator, by_hand);
	r = tcp__load(iterator->program);
	if (r)
		return r;
	iterator->link = bpf_program__attach_iter(iterator->program->progs.tcp_sockets, NULL);
	return iterator->link ? 0 : -errno;
}

static int open_as(struct iterator **ret, bool by_hand, struct sockctl_error *error)
{
	struct iterator *iterator = malloc(sizeof *iterator);
	int r;

	if (!iterator)
		return error_set(error, -ENOMEM, "bpf", "iter/tcp", NULL);
	iterator->link = NULL;
	bpf_quiet();
	r = program_load(iterator, by_hand);
	if (r) {
		iterator_close(iterator);
		return bpf_obstacle(error, r, "iter/tcp");
	}
	*ret = iterator;
	return 0;
}

int iterator_open(struct iterator **ret, struct sockctl_error *error)
{
	return open_as(ret, true, error);
}

int iterator_open_asking(struct iterator **ret, struct sockctl_error *error)
{
	return open_as(ret, false, error);
}

void iterator_close(struct iterator *iterator)
{
	if (!iterator)
		return;
	bpf_link__destroy(iterator->link);
	tcp__destroy(iterator->program);
	free(iterator);
}

struct pass {
	diag_visit *visit;
	void *arg;
};

/* The records of buffer[0..have): *ret_used bytes of them were whole. */
static int records_visit(struct iterator *iterator, const struct pass *pass, size_t have, size_t *ret_used)
{
	size_t used = 0;
	int r = 0;

	while (!r) {
		int length = socket_decode(&iterator->decoder, iterator->buffer + used, have - used);

		if (length <= 0) {
			r = length;
			break;
		}
		used += (size_t)length;
		r = pass->visit(pass->arg, &iterator->decoder.socket);
	}
	*ret_used = used;
	return r;
}

static ssize_t piece_read(void *arg, void *piece)
{
	const int *fd = arg;
	ssize_t n;

	do
		n = read(*fd, piece, AHEAD_PIECE);
	while (n < 0 && (errno == EINTR || errno == EAGAIN)); /* EAGAIN: a million sockets without a record */
	return n < 0 ? -errno : n;
}

/* Behind what is left of the last piece. */
static ssize_t piece_next(struct iterator *iterator, struct ahead *ahead, int *fd, size_t have)
{
	const void *piece;
	ssize_t n;

	if (!ahead)
		return piece_read(fd, iterator->buffer + have);
	n = ahead_next(ahead, &piece);
	if (n > 0)
		memcpy(iterator->buffer + have, piece, (size_t)n);
	return n;
}

static int records_read(struct iterator *iterator, int fd, const struct pass *pass)
{
	struct ahead *ahead = NULL;
	size_t have = 0, used;
	ssize_t n = 1;
	int r = 0;

	for (unsigned pieces = 0; !r && n > 0; pieces++) {
		if (pieces == SHORT && ahead_helps())
			ahead_start(&ahead, piece_read, &fd); /* or it goes on as before */
		n = piece_next(iterator, ahead, &fd, have);
		if (n <= 0)
			break;
		have += (size_t)n;
		r = records_visit(iterator, pass, have, &used);
		have -= used;
		memmove(iterator->buffer, iterator->buffer + used, have);
		if (!r && have > sizeof iterator->buffer - AHEAD_PIECE)
			r = -EPROTO;
	}
	ahead_end(ahead);
	return r ? r : n < 0 ? (int)n : have ? -EPROTO : 0;
}

int iterator_walk(struct iterator *iterator, const struct iterator_request *request, diag_visit *visit, void *arg,
		  struct sockctl_error *error)
{
	const struct pass pass = {visit, arg};
	int fd, r;

	iterator->program->data->wanted_states = request->states;
	iterator->program->bss->wanted_family = request->family;
	socket_decoder_forget(&iterator->decoder);
	fd = bpf_iter_create(bpf_link__fd(iterator->link));
	if (fd < 0)
		return bpf_obstacle(error, -errno, "iter/tcp");
	r = records_read(iterator, fd, &pass);
	close(fd);
	return r < 0 ? error_set(error, r, "read", "iter/tcp", NULL) : r;
}
