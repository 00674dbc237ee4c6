/* Pieces of a long answer, fetched by a thread while the caller works on those before them: the kernel's part of a dump and ours run
 * at the same time. Knows nothing of what is in them. */
#ifndef OBSERVE_AHEAD_H
#define OBSERVE_AHEAD_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { AHEAD_PIECE = 32768, AHEAD_PIECES = 32 };     /* a megabyte at most lies ready */

/* Writes the next piece into `buffer`, which is aligned to 8 bytes: its size, at most AHEAD_PIECE; 0 at the end; or -errno. It
 * is not called again after these. Runs in the thread. */
typedef ssize_t ahead_fetch(void *arg, void *buffer);

struct ahead;
bool ahead_helps(void);              /* two threads can run at the same time */
int ahead_start(struct ahead **ret, ahead_fetch *, void *arg);       /* 0 or -errno: no memory, no thread */
/* The next piece in order, as fetch gave it; valid until the next call. Also what ended it is given once and again. */
ssize_t ahead_next(struct ahead *, const void **ret_piece);
/* Lets the fetch that is under way finish, and drops what was not taken. Takes NULL. */
void ahead_end(struct ahead *);
#endif
