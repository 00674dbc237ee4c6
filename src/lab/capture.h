/* The last so many bytes of what a program writes to a pipe. The pipe is always drained, so nobody blocks on it. */
#ifndef LAB_CAPTURE_H
#define LAB_CAPTURE_H
#include <stdbool.h>
#include <stddef.h>

struct capture {
	int fd;                              /* reading end, non-blocking; -1 after its end */
	char *data;
	size_t limit, length;
	bool cut;                            /* the beginning was dropped */
};

/* 0 or -errno. *ret_writer is the caller's to hand on and to close. */
int capture_open(struct capture *, size_t limit, int *ret_writer);
void capture_drain(struct capture *);                        /* takes what is there; never waits */
/* The last `limit` bytes at most, terminated; valid until the next call. */
const char *capture_text(struct capture *, size_t *ret_length);
/* The last three lines, joined by " | ", or as much of their end as fits; controls become spaces. size is 16 at least. */
void capture_lines(struct capture *, char *text, size_t size);
void capture_close(struct capture *);
#endif
