/* One verdict as a JSON object, alike in every command. */
#ifndef CLI_VIEW_VERDICT_H
#define CLI_VIEW_VERDICT_H
#include "record/sink.h"
#include "sockctl.h"

void verdict_json(struct sink *, const struct sockctl_verdict *);
#endif
