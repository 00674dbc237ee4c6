/* A FILTER from a command's operands. */
#ifndef CLI_FILTER_OPERANDS_H
#define CLI_FILTER_OPERANDS_H
#include "cli/command.h"
#include "observe/filter.h"

enum { FILTER_BYTES = 8192 };
/* What stands from optind on, joined by spaces: into text, which is "" without operands. *ret is the caller's to free, and never
 * NULL: an empty one lets all through. An exit code; what is wrong is printed. */
int filter_operands(const struct command *, int argc, char **argv, char text[FILTER_BYTES], struct filter **ret);
#endif
