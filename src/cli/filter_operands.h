/* A FILTER from a command's operands. */
#ifndef CLI_FILTER_OPERANDS_H
#define CLI_FILTER_OPERANDS_H
#include "cli/command.h"
#include "observe/filter.h"

/* What stands from optind on, joined by spaces. *ret is the caller's to free. An exit code; what is wrong is printed. */
int filter_operands(const struct command *, int argc, char **argv, struct filter **ret);
#endif
