/* A service of several processes, each with a listener of its own on the one port: what becomes of it when one of them
 * is killed. For a bench and for a test. */
#ifndef BENCH_SHARDS_H
#define BENCH_SHARDS_H
#include <netinet/in.h>
#include <sys/types.h>

enum { SHARDS_MAX = 8 };
struct shards {
	struct sockaddr_in address;
	unsigned count;
	struct shard {
		pid_t pid;                   /* 0: gone */
		ino_t inode;                 /* of its listener */
	} shard[SHARDS_MAX];
};

/* Opens the listeners on loopback and starts a process for each: it accepts, takes one byte, is busy for busy_us,
 * answers with the shard's number, closes. They end with their parent. 0 or -errno of sockctl_listen or fork. */
int shards_start(struct shards *, unsigned count, unsigned busy_us);
void shards_end(struct shards *);
/* SIGSTOP: returns once it has stopped. SIGKILL: once it is gone. */
void shard_stop(const struct shards *, unsigned shard);
void shard_kill(struct shards *, unsigned shard);
/* Connections that wait in its accept queue; -errno if the kernel does not say. */
int shard_queued(const struct shards *, unsigned shard);

/* --- a client of the service. Blocking, with a limit of some seconds. --- */
int shards_ask(const struct shards *);               /* connects and sends its byte; an fd or -errno */
/* Waits for the answer and closes. The number of the shard; -ECONNRESET; -ECONNABORTED: closed without an answer;
 * -ETIMEDOUT. */
int shards_answer(int fd);
#endif
