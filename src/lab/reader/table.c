/* The readers, in the order in which help lists them. */
#include "lab/reader/reader.h"
#include <string.h>

extern const struct reader reader_iperf3, reader_redis_benchmark, reader_wall;

const struct reader *const readers[] = {
	&reader_iperf3,
	&reader_redis_benchmark,
	&reader_wall,
	NULL,
};

const struct reader *reader_find(const char *name)
{
	for (const struct reader *const *reader = readers; *reader; reader++)
		if (!strcmp((*reader)->name, name))
			return *reader;
	return NULL;
}
