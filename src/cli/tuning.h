/* One call of `sockctl tune`: what was asked for, and what its runs need. */
#ifndef CLI_TUNING_H
#define CLI_TUNING_H
#include <stdio.h>
#include "cli/view/tune.h"
#include "lab/builtin.h"
#include "lab/command.h"

struct tuning {
	/* as asked for */
	const struct workload *workload; /* NULL: the commands */
	const char *server, *client;
	const struct reader *reader;
	const char *base, *vary, *save;
	struct path path;
	bool linked, json, pretty;
	struct tune_plan plan;
	/* inside the containment */
	struct world world;
	struct builtin builtin;
	struct command_load commands;
	struct tune_report report;
	char base_text[512], path_text[256];
	FILE *saved;           /* of --save; NULL: nowhere */
	size_t progress_width; /* of what stands on the terminal's line */
};

/* The body of the containment: measures, prints and saves. arg: the tuning. Returns an exit code. */
int tuning_inside(void *arg);
/* One line on stderr that overwrites itself; for struct tune_plan, with the tuning as its arg. */
void tuning_progress(void *arg, const struct tune_progress *);
#endif
