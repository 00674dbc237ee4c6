/* Loads bpf/tcp.bpf.c and reads what it writes. */
#include "observe/iterator.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/clock.h"
#include "base/error.h"
#include "observe/bpf_obstacle.h"
#include "observe/socket_decode.h"
#include "bpf/tcp.skel.h" /* of the record's types */

/* The kernel hands over at most 32 KiB a read (bpf_iter.c: eight pages). */
enum { BUFFER_BYTES = 65536 };

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

static int records_read(struct iterator *iterator, int fd, const struct pass *pass, struct sockctl_error *error)
{
	size_t have = 0, used;
	int r = 0;

	while (!r) {
		ssize_t n = read(fd, iterator->buffer + have, sizeof iterator->buffer - have);

		if (n < 0 && (errno == EINTR || errno == EAGAIN)) /* EAGAIN: a million sockets without a record */
			continue;
		if (n < 0)
			return error_set(error, -errno, "read", "iter/tcp", NULL);
		if (n == 0)
			break;
		have += (size_t)n;
		r = records_visit(iterator, pass, have, &used);
		have -= used;
		memmove(iterator->buffer, iterator->buffer + used, have);
		if (!r && have == sizeof iterator->buffer)
			r = -EPROTO;
	}
	if (r == -EPROTO || (!r && have))
		return error_set(error, -EPROTO, "read", "iter/tcp", "a record that is none");
	return r;
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
	r = records_read(iterator, fd, &pass, error);
	close(fd);
	return r;
}
