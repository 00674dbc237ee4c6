/* What a world's link did, and its switch. */
#include "lab/world.h"
#include "lab/link.h"

static uint64_t counter_read(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

void world_link_stats(const struct world *world, struct link_stats *ret)
{
	*ret = (struct link_stats){0};
	if (!world->shared)
		return;
	for (int i = 0; i < 2; i++) {
		const struct queue_counters *way = &world->shared->way[i];

		ret->packets[i] = counter_read(&way->segments);
		ret->bytes[i] = counter_read(&way->bytes);
		ret->queue_drops[i] = counter_read(&way->drops);
		ret->losses[i] = counter_read(&way->losses);
		ret->overruns[i] = counter_read(&way->overruns);
	}
	for (int i = 0; i < LATENESS_BUCKETS; i++)
		ret->late[i] = counter_read(&world->shared->late[i]);
}

/* Within a bucket deliveries are taken as evenly spread. */
double link_lateness_us(const struct link_stats *before, const struct link_stats *after, double share)
{
	double total = 0, seen = 0, wanted;

	for (int i = 0; i < LATENESS_BUCKETS; i++)
		total += (double)(after->late[i] - before->late[i]);
	wanted = total * share;
	for (int i = 0; i < LATENESS_BUCKETS; i++) {
		double here = (double)(after->late[i] - before->late[i]);
		double low = i ? (double)(1u << i) : 0, high = (double)(2u << i);

		if (here > 0 && seen + here >= wanted)
			return low + (high - low) * (wanted - seen) / here;
		seen += here;
	}
	return 0;
}

void world_blackhole(struct world *world, bool on)
{
	if (world->shared)
		__atomic_store_n(&world->shared->blackhole, on, __ATOMIC_RELAXED);
}
