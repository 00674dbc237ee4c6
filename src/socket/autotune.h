/* When a buffer that is asked for as bandwidth x RTT is better left to the kernel's autotuning. Touches no socket. */
#ifndef SOCKET_AUTOTUNE_H
#define SOCKET_AUTOTUNE_H
#include "catalog/value.h"

/* May autotuning grow the buffer at least as far as setting it would? size_bytes: the payload it is for;
 * autotune_max_bytes: as getsockopt counts, about twice the payload; set_max_bytes: what setsockopt lets through,
 * -1: unknown. */
bool autotune_reaches(int64_t size_bytes, int64_t autotune_max_bytes, int64_t set_max_bytes);
/* The same for a bdp: value of this option, with the sysctls as they are now. Leaves what it read in the verdict,
 * which is the memory for the other shards. */
bool autotune_prefers(const struct option *, const struct value *, struct sockctl_verdict *);
/* Takes over what an earlier verdict remembers. */
void autotune_recall(const struct option *, const struct sockctl_verdict *from, struct sockctl_verdict *to);
/* The verdict of a buffer that was asked for as bdp: and is not locked at any size. */
void autotune_judge(const struct option *, int64_t asked_bytes, int64_t size_now_bytes, struct sockctl_verdict *);
#endif
