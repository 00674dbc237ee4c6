/* The last of several counts. */
#include "cli/netns_flag.h"
#include <errno.h>
#include <stddef.h>
#include "cli/command.h"

int netns_flag(struct netns_list **list, const char *which)
{
	struct sockctl_error error = {0};
	int r;

	netns_free(*list);
	*list = NULL;
	r = netns_find(list, which, &error);
	return r ? fail(&error, r == -ESRCH ? EXIT_USAGE : exit_code_of(r)) : EXIT_FINE;
}
