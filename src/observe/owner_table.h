/* A table of (socket, process, fd), small and quick to ask. For owners*.c only. */
#ifndef OBSERVE_OWNER_TABLE_H
#define OBSERVE_OWNER_TABLE_H
#include <stddef.h>
#include "fact/socket_fact.h"

struct owner_entry {
	uint32_t inode, process;     /* process: index */
	int fd;
};
struct owner_process {                   /* or one of its threads that has a table of its own */
	pid_t pid, thread;           /* thread: 0 for the process */
	char command[16];
};

struct owner_table {                 /* starts as zeros */
	struct owner_entry *entry;   /* once finished: by inode, pid and fd */
	size_t count, room;
	struct owner_process *process;
	size_t processes, process_room;
	uint32_t *first;             /* of each range of inodes, its first entry */
	uint32_t least;
	unsigned shift;
	struct owner_fact *found;
	size_t found_room;
};

/* What is added from now on belongs to this process, or to that thread of it. 0 or -ENOMEM, as the others. */
int owner_table_process(struct owner_table *, pid_t, pid_t thread, const char command[16]);
int owner_table_add(struct owner_table *, uint32_t inode, int fd);
int owner_table_finish(struct owner_table *);
/* After that. Valid until the next call; NULL if there is none. */
struct owner_fact *owner_table_find(struct owner_table *, uint32_t inode, unsigned *ret_count);
void owner_table_clear(struct owner_table *);        /* and it is as at the start */
#endif
