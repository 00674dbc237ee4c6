/* Why a BPF program could not be loaded, in words: which capability is missing, or what the kernel lacks. */
#ifndef OBSERVE_BPF_OBSTACLE_H
#define OBSERVE_BPF_OBSTACLE_H
#include "sockctl.h"

/* libbpf writes to stderr, where nobody asked it to. */
void bpf_quiet(void);
/* Sets the error of a failed "bpf" call on `program`; returns code. */
int bpf_obstacle(struct sockctl_error *, int code, const char *program);
#endif
