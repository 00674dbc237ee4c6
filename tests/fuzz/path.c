/* The language of paths on any text: no crash, and what was understood survives writing and reading. */
#include <stdlib.h>
#include <string.h>
#include "lab/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int way_equal(const struct path_way *a, const struct path_way *b)
{
	return a->delay_us == b->delay_us && a->rate_bps == b->rate_bps && a->queue_bytes == b->queue_bytes &&
	       a->loss == b->loss;
}

static void survives(const struct path *path)
{
	struct path again;
	char text[512];

	if (path_format(path, text, sizeof text) >= (int)sizeof text || path_parse(&again, text, NULL))
		abort();
	if (!way_equal(&path->up, &again.up) || !way_equal(&path->down, &again.down))
		abort();
	if (path_queue_bytes(&path->up) < 0 || (path->up.rate_bps && path_queue_bytes(&path->up) < 2048))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockctl_error error = {0};
	char *text = malloc(size + 1);           /* exactly as long as it is, so that a read too far is seen */
	struct path path;
	int code;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	code = path_parse(&path, text, &error);
	if (code > 0 || (code && (!*error.hint || error.code != code)))
		abort();
	if (!code)
		survives(&path);
	free(text);
	return 0;
}
