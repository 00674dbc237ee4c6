/* What a BPF iterator writes, until its end. Knows nothing of what is in it. */
#ifndef OBSERVE_BPF_RECORDS_H
#define OBSERVE_BPF_RECORDS_H
#include <stddef.h>

enum { BPF_RECORD_MOST = 8192 };     /* the longest record */

/* data[0..size), aligned to 8 bytes: records and the beginning of one at its end. *ret_used: the bytes of those that
 * were whole. A non-zero result ends the reading. */
typedef int bpf_records_take(void *arg, const void *data, size_t size, size_t *ret_used);

/* fd: of bpf_iter_create(). 0, take's non-zero result, or -errno; -EPROTO: it ended within a record. */
int bpf_records_read(int fd, bpf_records_take *, void *arg);
#endif
