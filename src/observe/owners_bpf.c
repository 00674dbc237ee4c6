/* Loads bpf/owner.bpf.c and reads what it writes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/error.h"
#include "bpf/owner_record.h"
#include "observe/bpf_obstacle.h"
#include "observe/owners_source.h"
#include "bpf/owner.skel.h"

enum { RECORDS = 2048 }; /* twice what the kernel hands over in a read */

static int record_add(struct owner_table *table, const struct owner_record *record)
{
	const struct owner_process *last = table->processes ? &table->process[table->processes - 1] : NULL;
	int r = 0;

	if (!last || last->pid != record->pid || last->thread != record->thread)
		r = owner_table_process(table, record->pid, record->thread, record->command);
	return r ? r : owner_table_add(table, record->inode, record->fd);
}

static int records_read(struct owner_table *table, int fd)
{
	struct owner_record *records = reallocarray(NULL, RECORDS, sizeof *records);
	size_t size = RECORDS * sizeof *records, have = 0;
	int r = records ? 0 : -ENOMEM;

	while (!r) {
		ssize_t n = read(fd, (char *)records + have, size - have);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0) {
			r = n < 0 ? -errno : have ? -EPROTO : 0;
			break;
		}
		have += (size_t)n;
		for (size_t i = 0; !r && i < have / sizeof *records; i++)
			r = record_add(table, &records[i]);
		memmove(records, (char *)records + have / sizeof *records * sizeof *records, have % sizeof *records);
		have %= sizeof *records;
	}
	free(records);
	return r;
}

static int program_run(struct owner *program, struct owner_table *table)
{
	struct bpf_link *link = bpf_program__attach_iter(program->progs.socket_owners, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -errno;
	int r = fd < 0 ? fd : records_read(table, fd);

	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return r;
}

int owners_from_bpf(struct owner_table *table, struct sockctl_error *error)
{
	struct owner *program;
	int r;

	bpf_quiet();
	program = owner__open_and_load();
	r = program ? program_run(program, table) : -errno;
	owner__destroy(program);
	return r ? bpf_obstacle(error, r, "iter/task_file") : 0;
}
