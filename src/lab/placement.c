/* Spreads three roles over the CPUs at hand. */
#include "lab/placement.h"
#include "base/text.h"
#include <errno.h>

/* The index-th of the set, counted in a circle; for index 0 and up. */
static int cpu_at(const cpu_set_t *set, int index)
{
	int left = index % CPU_COUNT(set);

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, set) && !left--)
			return cpu;
	return 0;
}

static void programs_place(struct placement *placement, const cpu_set_t *usable, bool linked)
{
	cpu_set_t rest = *usable;

	if (linked && CPU_COUNT(usable) > 1)
		CPU_CLR(cpu_at(usable, 0), &rest);
	placement->host[HOST_CLIENT] = placement->host[HOST_SERVER] = rest;
}

static void hosts_place(struct placement *placement, const cpu_set_t *usable, bool linked, bool shared)
{
	int count = CPU_COUNT(usable), first = linked && count > 1;
	bool apart = !shared && count - first > 1;

	CPU_SET(cpu_at(usable, first), &placement->host[HOST_SERVER]);
	CPU_SET(cpu_at(usable, first + apart), &placement->host[HOST_CLIENT]);
}

int placement_make(struct placement *placement, bool linked, enum placement_kind kind)
{
	cpu_set_t usable;

	CPU_ZERO(&usable);
	if (sched_getaffinity(0, sizeof usable, &usable))
		return -errno;
	CPU_ZERO(&placement->link);
	CPU_ZERO(&placement->host[HOST_CLIENT]);
	CPU_ZERO(&placement->host[HOST_SERVER]);
	if (linked)
		CPU_SET(cpu_at(&usable, 0), &placement->link);
	if (kind == PLACEMENT_PROGRAMS)
		programs_place(placement, &usable, linked);
	else
		hosts_place(placement, &usable, linked, kind == PLACEMENT_TURNS);
	return 0;
}

int placement_pin_link(const struct placement *placement, const struct world *world)
{
	if (!world->link_pid || !CPU_COUNT(&placement->link))
		return 0;
	return sched_setaffinity(world->link_pid, sizeof placement->link, &placement->link) ? -errno : 0;
}

int placement_enter(const struct placement *placement, enum host host)
{
	return sched_setaffinity(0, sizeof placement->host[host], &placement->host[host]) ? -errno : 0;
}

/* "CPU 1", "CPUs 1-3,5" */
static void set_text(struct text *text, const cpu_set_t *set)
{
	const char *comma = CPU_COUNT(set) == 1 ? "CPU " : "CPUs ";

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		int last = cpu;

		if (!CPU_ISSET(cpu, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		text_add(text, last > cpu ? "%s%d-%d" : "%s%d", comma, cpu, last);
		comma = ",";
		cpu = last;
	}
}

int placement_text(const struct placement *placement, char *buffer, size_t size)
{
	struct text text = {buffer, size, 0};
	bool together = CPU_EQUAL(&placement->host[HOST_CLIENT], &placement->host[HOST_SERVER]);

	if (CPU_COUNT(&placement->link)) {
		text_add(&text, "link on ");
		set_text(&text, &placement->link);
		text_add(&text, "; ");
	}
	text_add(&text, together ? "server and client on " : "server on ");
	set_text(&text, &placement->host[HOST_SERVER]);
	if (!together) {
		text_add(&text, "; client on ");
		set_text(&text, &placement->host[HOST_CLIENT]);
	}
	return (int)text.length;
}
