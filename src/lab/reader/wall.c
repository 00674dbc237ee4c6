/* How long the client ran: for any program that does a fixed amount of work. */
#include "base/error.h"
#include "lab/reader/reader.h"
#include <errno.h>

static int wall_read(const struct reader_input *input, double *ret, struct sockctl_error *error)
{
	if (!input->wall_us)
		return error_set(error, -EPROTO, "wall", NULL, "the client took no measurable time");
	*ret = (double)input->wall_us;
	return 0;
}

const struct reader reader_wall = {
	.name = "wall",
	.summary = "wall-clock time of the client, of a program that does a fixed amount of work",
	.metric = {"wall_time_us", true},
	.read = wall_read,
};
