/* A hash of process ids, open addressing, half full at most. */
#include "observe/processes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "observe/cgroup_unit.h"
#include "observe/limits.h"
#include "observe/small_file.h"

enum { FIRST_ROOM = 256, TEXT_BYTES = 32768 };

struct processes {
	const char *proc;
	bool files;
	struct process_fact **fact; /* room of them, NULL where free; a power of two */
	size_t count, room;
};

struct processes *processes_new(const char *proc, bool files)
{
	struct processes *processes = calloc(1, sizeof *processes);

	if (!processes)
		return NULL;
	processes->proc = proc;
	processes->files = files;
	processes->room = FIRST_ROOM;
	processes->fact = calloc(FIRST_ROOM, sizeof *processes->fact);
	if (!processes->fact) {
		free(processes);
		return NULL;
	}
	return processes;
}

static void process_free(struct process_fact *fact)
{
	free((char *)fact->cgroup);
	free((char *)fact->unit);
	free(fact);
}

void processes_free(struct processes *processes)
{
	if (!processes)
		return;
	for (size_t i = 0; i < processes->room; i++)
		if (processes->fact[i])
			process_free(processes->fact[i]);
	free(processes->fact);
	free(processes);
}

static struct process_fact **place_of(struct process_fact **facts, size_t room, pid_t pid)
{
	size_t i = (uint32_t)pid * 2654435761u & (room - 1);

	while (facts[i] && facts[i]->pid != pid)
		i = (i + 1) & (room - 1);
	return &facts[i];
}

static int grow(struct processes *processes)
{
	size_t room = 2 * processes->room;
	struct process_fact **wider = calloc(room, sizeof *wider);

	if (!wider)
		return -ENOMEM;
	for (size_t i = 0; i < processes->room; i++)
		if (processes->fact[i])
			*place_of(wider, room, processes->fact[i]->pid) = processes->fact[i];
	free(processes->fact);
	processes->fact = wider;
	processes->room = room;
	return 0;
}

static struct process_fact *process_read(const char *proc, pid_t pid)
{
	char text[TEXT_BYTES], unit[UNIT_NAME], file[300];
	struct process_fact *fact;
	const char *path;
	size_t length;

	snprintf(file, sizeof file, "%s/%d/cgroup", proc, (int)pid);
	if (small_file_read(AT_FDCWD, file, text, sizeof text) <= 0)
		return NULL;
	fact = calloc(1, sizeof *fact);
	if (!fact)
		return NULL;
	fact->pid = pid;
	length = cgroup_path(text, &path);
	if (!length)
		return fact;
	fact->cgroup = strndup(path, length);
	if (fact->cgroup && cgroup_unit(fact->cgroup, unit))
		fact->unit = strdup(unit);
	return fact;
}

const struct process_fact *processes_find(struct processes *processes, pid_t pid)
{
	struct process_fact **place = place_of(processes->fact, processes->room, pid);

	if (*place)
		return *place;
	if (2 * (processes->count + 1) > processes->room) {
		if (grow(processes))
			return NULL;
		place = place_of(processes->fact, processes->room, pid);
	}
	*place = process_read(processes->proc, pid);
	if (*place && processes->files)
		(*place)->files_known = !limits_files(processes->proc, pid, &(*place)->files);
	processes->count += *place != NULL;
	return *place;
}
