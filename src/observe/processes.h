/* Where processes belong, each read once, when it is first asked for. Changes nothing. */
#ifndef OBSERVE_PROCESSES_H
#define OBSERVE_PROCESSES_H
#include "fact/process_fact.h"

struct processes;
/* proc: "/proc", kept by the caller. files: how many each has open is counted, too. NULL: no memory. */
struct processes *processes_new(const char *proc, bool files);
void processes_free(struct processes *);             /* takes NULL; the facts end with it */
/* NULL: it is gone, may not be seen, or there is no memory. A process id that has gone to another process meanwhile
 * is that one's: what was read first stays. */
const struct process_fact *processes_find(struct processes *, pid_t);
#endif
