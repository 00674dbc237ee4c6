/* In the place of what loads BPF programs, where the build has no clang, bpftool or libbpf. */
#include <errno.h>
#include <netinet/in.h>
#include "base/error.h"
#include "observe/iterator.h"
#include "observe/owners_source.h"

int iterator_open(struct iterator **ret, uint8_t protocol, struct sockctl_error *error)
{
	(void)ret;
	return error_set(error, -EOPNOTSUPP, "bpf", protocol == IPPROTO_UDP ? "iter/udp" : "iter/tcp",
			 "this sockctl was built without BPF");
}

int iterator_open_asking(struct iterator **ret, struct sockctl_error *error)
{
	return iterator_open(ret, IPPROTO_TCP, error);
}

int iterator_walk(struct iterator *iterator, const struct iterator_request *request, diag_visit *visit, void *arg,
		  struct sockctl_error *error)
{
	(void)iterator;
	(void)request;
	(void)visit;
	(void)arg;
	return error_set(error, -EOPNOTSUPP, "bpf", "iter/tcp", "this sockctl was built without BPF");
}

void iterator_close(struct iterator *iterator)
{
	(void)iterator;
}

int owners_from_bpf(struct owner_table *table, struct sockctl_error *error)
{
	(void)table;
	return error_set(error, -EOPNOTSUPP, "bpf", "iter/task_file", "this sockctl was built without BPF");
}
