/* Hosts and ports of a FILTER: [FAMILY:]ADDRESS[/BITS][:PORT]. */
#ifndef OBSERVE_FILTER_HOST_H
#define OBSERVE_FILTER_HOST_H
#include "observe/filter.h"

enum { HOST_ADDRESSES = 16 };

/* Returns how many alternatives were written to ret (a name may have several addresses), or -EINVAL, -ENOENT.
 * `pattern` receives a unix path's. */
int host_parse(const char *text, const struct filter_names *, struct filter_host ret[HOST_ADDRESSES],
	       char pattern[FILTER_TEXT]);
/* Of sport and dport: "443", ":443", ":https", "*". */
int host_parse_port(const char *text, const struct filter_names *, struct filter_host *ret);
#endif
