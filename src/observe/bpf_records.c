/* A record may be cut in two: the kernel hands over at most eight pages a read (bpf_iter.c). */
#include "observe/bpf_records.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "observe/ahead.h"

/* Reads after which a pass is long enough for a thread. */
enum { SHORT = 4 };

static ssize_t piece_read(void *arg, void *piece)
{
	const int *fd = arg;
	ssize_t n;

	do
		n = read(*fd, piece, AHEAD_PIECE);
	while (n < 0 && (errno == EINTR || errno == EAGAIN)); /* EAGAIN: a million sockets without a record */
	return n < 0 ? -errno : n;
}

/* To where what was left of the last piece ends. */
static ssize_t piece_next(struct ahead *ahead, int *fd, unsigned char *to)
{
	const void *piece;
	ssize_t n;

	if (!ahead)
		return piece_read(fd, to);
	n = ahead_next(ahead, &piece);
	if (n > 0)
		memcpy(to, piece, (size_t)n);
	return n;
}

int bpf_records_read(int fd, bpf_records_take *take, void *arg)
{
	unsigned char buffer[BPF_RECORD_MOST + AHEAD_PIECE] __attribute__((aligned(8)));
	struct ahead *ahead = NULL;
	size_t have = 0, used;
	ssize_t n = 1;
	int r = 0;

	for (unsigned pieces = 0; !r && n > 0; pieces++) {
		if (pieces == SHORT && ahead_helps())
			ahead_start(&ahead, piece_read, &fd); /* or it goes on as before */
		n = piece_next(ahead, &fd, buffer + have);
		if (n <= 0)
			break;
		have += (size_t)n;
		r = take(arg, buffer, have, &used);
		have -= used;
		memmove(buffer, buffer + used, have);
		if (!r && have > BPF_RECORD_MOST)
			r = -EPROTO;
	}
	ahead_end(ahead);
	return r ? r : n < 0 ? (int)n : have ? -EPROTO : 0;
}
