/* A pipe and a bounded buffer. Knows nothing of who writes. */
#include "lab/capture.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES_SHOWN = 3 };

int capture_open(struct capture *capture, size_t limit, int *ret_writer)
{
	int pipes[2];

	*capture = (struct capture){.fd = -1, .data = malloc(2 * limit + 1), .limit = limit};
	if (!capture->data)
		return -ENOMEM;
	if (pipe2(pipes, O_CLOEXEC)) {
		int code = -errno;

		capture_close(capture);
		return code;
	}
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	capture->fd = pipes[0];
	*ret_writer = pipes[1];
	return 0;
}

static void trim(struct capture *capture)
{
	if (capture->length <= capture->limit)
		return;
	memmove(capture->data, capture->data + capture->length - capture->limit, capture->limit);
	capture->length = capture->limit;
	capture->cut = true;
}

/* A program may write faster than this reads: 64 reads, then somebody else's turn. */
void capture_drain(struct capture *capture)
{
	for (int i = 0; i < 64 && capture->fd >= 0; i++) {
		ssize_t n;

		if (capture->length == 2 * capture->limit)
			trim(capture);
		n = read(capture->fd, capture->data + capture->length, 2 * capture->limit - capture->length);
		if (n > 0) {
			capture->length += (size_t)n;
		} else if (!n || (errno != EAGAIN && errno != EINTR)) {
			close(capture->fd);
			capture->fd = -1;
		} else {
			return;
		}
	}
}

const char *capture_text(struct capture *capture, size_t *ret_length)
{
	trim(capture);
	capture->data[capture->length] = 0;
	if (ret_length)
		*ret_length = capture->length;
	return capture->data;
}

/* Where the last LINES_SHOWN lines begin, or as many whole ones as have room, or the end of one that has not. */
static size_t lines_start(const char *data, size_t length, size_t room)
{
	size_t at = length, line = length;
	unsigned lines = 0;

	while (at > 0 && length - at < room) {
		at--;
		if (at && data[at - 1] != '\n')
			continue;
		line = at;
		if (data[at] != '\n' && ++lines == LINES_SHOWN)
			break;
	}
	return lines ? line : at;
}

void capture_lines(struct capture *capture, char *buffer, size_t size)
{
	struct text text = {buffer, size, 0};
	size_t length;
	const char *data = capture_text(capture, &length);

	text_add(&text, "%s", "");
	while (length && (unsigned char)data[length - 1] <= ' ')
		length--;
	/* A joint takes three bytes where the newline took one. */
	for (size_t at = lines_start(data, length, size - 1 - 2 * LINES_SHOWN); at < length; at++) {
		if (data[at] != '\n')
			text_add(&text, "%c", (unsigned char)data[at] < ' ' || data[at] == 0x7f ? ' ' : data[at]);
		else if (data[at + 1] != '\n')
			text_add(&text, " | ");
	}
}

void capture_close(struct capture *capture)
{
	if (capture->fd >= 0)
		close(capture->fd);
	free(capture->data);
	*capture = (struct capture){.fd = -1};
}
