/* A ring of pieces between two threads. Who has to wait does so until there is a good deal to do again: waking somebody on
 * another CPU costs as much as a piece or two. */
#include "observe/ahead.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { BATCH = 8 };

struct piece {
	char bytes[AHEAD_PIECE] __attribute__((aligned(8)));
};

struct ahead {
	ahead_fetch *fetch;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ready, room;
	unsigned first, count;      /* pieces that lie ready, and the one that the caller has */
	bool holding;               /* that one */
	bool over;                  /* the last of them is the end */
	bool unwanted;              /* nobody will take any more */
	ssize_t size[AHEAD_PIECES]; /* or what ended it */
	struct piece pieces[AHEAD_PIECES];
};

/* The slot for the next piece; AHEAD_PIECES: none is wanted. */
static unsigned slot_await(struct ahead *ahead)
{
	unsigned slot;

	pthread_mutex_lock(&ahead->lock);
	if (ahead->count == AHEAD_PIECES)
		while (!ahead->unwanted && ahead->count > AHEAD_PIECES - BATCH)
			pthread_cond_wait(&ahead->room, &ahead->lock);
	slot = ahead->unwanted ? AHEAD_PIECES : (ahead->first + ahead->count) % AHEAD_PIECES;
	pthread_mutex_unlock(&ahead->lock);
	return slot;
}

static void *thread_run(void *arg)
{
	struct ahead *ahead = arg;
	ssize_t size = 1;

	while (size > 0) {
		unsigned slot = slot_await(ahead);

		if (slot == AHEAD_PIECES)
			break;
		size = ahead->fetch(ahead->arg, ahead->pieces[slot].bytes);
		pthread_mutex_lock(&ahead->lock);
		ahead->size[slot] = size;
		ahead->count++;
		ahead->over = size <= 0;
		if (ahead->count == BATCH || ahead->over)
			pthread_cond_signal(&ahead->ready);
		pthread_mutex_unlock(&ahead->lock);
	}
	return NULL;
}

/* Signals are for the caller's threads. */
static int thread_start(struct ahead *ahead)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&ahead->thread, NULL, thread_run, ahead);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -code;
}

bool ahead_helps(void)
{
	cpu_set_t cpus;

	return !sched_getaffinity(0, sizeof cpus, &cpus) && CPU_COUNT(&cpus) > 1;
}

int ahead_start(struct ahead **ret, ahead_fetch *fetch, void *arg)
{
	struct ahead *ahead = malloc(sizeof *ahead);
	int code;

	if (!ahead)
		return -ENOMEM;
	ahead->fetch = fetch;
	ahead->arg = arg;
	ahead->first = ahead->count = 0;
	ahead->holding = ahead->over = ahead->unwanted = false;
	pthread_mutex_init(&ahead->lock, NULL);
	pthread_cond_init(&ahead->ready, NULL);
	pthread_cond_init(&ahead->room, NULL);
	code = thread_start(ahead);
	if (code)
		free(ahead);
	else
		*ret = ahead;
	return code;
}

ssize_t ahead_next(struct ahead *ahead, const void **ret_piece)
{
	ssize_t size;

	pthread_mutex_lock(&ahead->lock);
	if (ahead->holding && ahead->size[ahead->first] > 0) {
		ahead->first = (ahead->first + 1) % AHEAD_PIECES;
		if (--ahead->count == AHEAD_PIECES - BATCH)
			pthread_cond_signal(&ahead->room);
	}
	if (!ahead->count)
		while (!ahead->over && ahead->count < BATCH)
			pthread_cond_wait(&ahead->ready, &ahead->lock);
	ahead->holding = true;
	size = ahead->size[ahead->first];
	*ret_piece = ahead->pieces[ahead->first].bytes;
	pthread_mutex_unlock(&ahead->lock);
	return size;
}

void ahead_end(struct ahead *ahead)
{
	if (!ahead)
		return;
	pthread_mutex_lock(&ahead->lock);
	ahead->unwanted = true;
	pthread_cond_signal(&ahead->room);
	pthread_mutex_unlock(&ahead->lock);
	pthread_join(ahead->thread, NULL);
	pthread_cond_destroy(&ahead->ready);
	pthread_cond_destroy(&ahead->room);
	pthread_mutex_destroy(&ahead->lock);
	free(ahead);
}
