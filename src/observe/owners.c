/* Chooses the way: BPF is five times as fast, but takes a while to begin, and is not for everybody. */
#include "observe/owners.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "observe/owners_source.h"
#include "observe/sight.h"

/* What the walk does in about the time in which the program is loaded. */
enum { WALK_FIRST = 8192 };

struct owners {
	struct owner_table table;
	unsigned hidden;
	char why[160]; /* not every process could be looked into; "" */
};

/* The program counts pids as our own namespace does; a /proc may be mounted that counts otherwise. */
static bool proc_is_ours(const char *proc)
{
	char link[32] = "";

	return !strcmp(proc, "/proc") && readlink("/proc/self", link, sizeof link - 1) > 0 && atoi(link) == getpid();
}

static int table_fill(struct owners *owners, const char *proc, struct sockctl_error *error)
{
	size_t most = proc_is_ours(proc) ? WALK_FIRST : SIZE_MAX;
	int r = owners_from_proc(&owners->table, proc, most, &owners->hidden, error);

	if (r != -E2BIG)
		return r;
	owner_table_clear(&owners->table);
	owners->hidden = 0;
	if (!owners_from_bpf(&owners->table, NULL))
		return 0;
	owner_table_clear(&owners->table);
	return owners_from_proc(&owners->table, proc, SIZE_MAX, &owners->hidden, error);
}

/* Processes outside this pid namespace are not in its /proc, and may share our network. */
static void sight_tell(struct owners *owners, const char *proc)
{
	if (owners->hidden)
		snprintf(
			owners->why, sizeof owners->why,
			"%u process%s not show %s fds: it takes CAP_SYS_PTRACE, and no security module that forbids it",
			owners->hidden, owners->hidden == 1 ? " does" : "es do", owners->hidden == 1 ? "its" : "their");
	else if (processes_are_left_out(proc))
		snprintf(owners->why, sizeof owners->why, "/proc leaves out processes of others (hidepid)");
	else if (namespace_is_first(proc, "pid") != 1)
		snprintf(owners->why, sizeof owners->why, "processes outside this pid namespace cannot be seen");
}

int owners_read(struct owners **ret, const char *proc, struct sockctl_error *error)
{
	struct owners *owners = calloc(1, sizeof *owners);
	int r;

	if (!owners)
		return error_set(error, -ENOMEM, "read", proc, NULL);
	r = table_fill(owners, proc, error);
	if (!r && owner_table_finish(&owners->table))
		r = error_set(error, -ENOMEM, "read", proc, NULL);
	if (r) {
		owners_free(owners);
		return r;
	}
	sight_tell(owners, proc);
	*ret = owners;
	return 0;
}

void owners_free(struct owners *owners)
{
	if (owners)
		owner_table_clear(&owners->table);
	free(owners);
}

struct owner_fact *owners_find(struct owners *owners, uint32_t inode, unsigned *ret_count)
{
	return owner_table_find(&owners->table, inode, ret_count);
}

bool owners_whole(const struct owners *owners)
{
	return !*owners->why;
}

const char *owners_why(const struct owners *owners)
{
	return *owners->why ? owners->why : NULL;
}

unsigned owners_hidden(const struct owners *owners)
{
	return owners->hidden;
}

size_t owners_count(const struct owners *owners)
{
	return owners->table.count;
}
