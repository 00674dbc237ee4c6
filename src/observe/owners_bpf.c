/* Loads bpf/owner.bpf.c and reads what it writes. */
#include <errno.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include "base/error.h"
#include "bpf/owner_record.h"
#include "observe/bpf_obstacle.h"
#include "observe/bpf_records.h"
#include "observe/owners_source.h"
#include "bpf/owner.skel.h"

static int record_add(struct owner_table *table, const struct owner_record *record)
{
	const struct owner_process *last = table->processes ? &table->process[table->processes - 1] : NULL;
	int r = 0;

	if (!last || last->pid != record->pid || last->thread != record->thread)
		r = owner_table_process(table, record->pid, record->thread, record->command);
	return r ? r : owner_table_add(table, record->inode, record->fd);
}

static int records_add(void *arg, const void *data, size_t size, size_t *ret_used)
{
	const struct owner_record *records = data;
	size_t count = size / sizeof *records;
	int r = 0;

	for (size_t i = 0; !r && i < count; i++)
		r = record_add(arg, &records[i]);
	*ret_used = count * sizeof *records;
	return r;
}

static int program_run(struct owner *program, struct owner_table *table)
{
	struct bpf_link *link = bpf_program__attach_iter(program->progs.socket_owners, NULL);
	int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -errno;
	int r = fd < 0 ? fd : bpf_records_read(fd, records_add, table);

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
