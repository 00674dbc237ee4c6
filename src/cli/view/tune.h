/* How `sockctl tune` looks: plain data in, a page or a JSON object out. */
#ifndef CLI_VIEW_TUNE_H
#define CLI_VIEW_TUNE_H
#include <stdio.h>
#include "lab/tune.h"

struct tune_report {
	struct tune_result result;
	char load[512];                      /* "stream", or the client's command */
	char server[512];                    /* the server's command; "" if none */
	const char *base, *path;             /* as formatted; "" if none */
	int64_t rtt_us, bdp_bytes;
	char placement[128], kernel[64], cc[32];
	int cpus;
	int64_t limits[OPTION_COUNT];        /* in the tune's plan */
	uint64_t seed;
	double elapsed_s;
};

extern const char tune_view_unconfirmed[];           /* for a rung that should have met its neighbours */
extern const char tune_view_restored[];              /* for one that is kept although a duel preferred another */
void tune_text(FILE *, const struct tune_report *);
void tune_json(FILE *, const struct tune_report *, bool pretty);
#endif
