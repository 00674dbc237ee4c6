/* LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, taken literally: what is not quite right is an error, not a guess. */
#include "socket/inherited.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/units.h"

enum { FIRST_FD = 3 }; /* SD_LISTEN_FDS_START */

static int variable_refuse(struct sockctl_error *error, int code, const char *name, const char *value, const char *why)
{
	char subject[sizeof error->subject];

	snprintf(subject, sizeof subject, "%s=%s", name, value);
	return error_set(error, code, "inherit", subject, "%s", why);
}

/* Digits alone: no sign, no space, no 0x. */
static int number_parse(const char *text, int64_t max, int64_t *ret)
{
	size_t length = strlen(text);

	if (!length || strspn(text, "0123456789") != length || units_parse(MEASURE_COUNT, text, length, ret) ||
	    *ret > max)
		return -EINVAL;
	return 0;
}

/* One name, up to a colon; a backslash takes away the meaning of what follows, as sd_listen_fds_with_names reads it. */
static int name_take(const char **names, char name[SOCKCTL_NAME_MAX + 1])
{
	const char *at = *names;
	size_t length = 0;

	for (; *at && *at != ':'; at++) {
		at += *at == '\\';
		if (length == SOCKCTL_NAME_MAX || (unsigned char)*at < ' ' || *at == 0x7f)
			return -EINVAL;
		name[length++] = *at;
	}
	name[length] = 0;
	*names = at;
	return 0;
}

/* As many names as sockets, or none at all: then each is "unknown", as systemd has it. */
static int names_parse(const char *names, struct sockctl_named sockets[], unsigned count)
{
	bool named = names && *names;

	for (unsigned i = 0; i < count; i++) {
		if (!named)
			strcpy(sockets[i].name, "unknown");
		else if (name_take(&names, sockets[i].name) || *names != (i + 1 < count ? ':' : 0))
			return -EINVAL;
		names += named && i + 1 < count;
	}
	return 0;
}

int inherited_parse(const struct inherited_environment *environment, pid_t self, struct sockctl_named sockets[],
		    unsigned max, struct sockctl_error *error)
{
	int64_t pid, count;

	if (!environment->pid || !environment->fds)
		return 0;
	if (number_parse(environment->pid, INT_MAX, &pid) || !pid)
		return variable_refuse(error, -EINVAL, "LISTEN_PID", environment->pid, "expects a process id");
	if (pid != self)
		return 0;
	if (number_parse(environment->fds, INT_MAX - FIRST_FD, &count) || !count)
		return variable_refuse(error, -EINVAL, "LISTEN_FDS", environment->fds,
				       "expects a number of descriptors");
	if (count > max)
		return variable_refuse(error, -E2BIG, "LISTEN_FDS", environment->fds,
				       "more than the caller has room for");
	for (unsigned i = 0; i < count; i++)
		sockets[i].fd = FIRST_FD + (int)i;
	if (names_parse(environment->names, sockets, (unsigned)count))
		return variable_refuse(error, -EINVAL, "LISTEN_FDNAMES", environment->names,
				       "expects one name for each of LISTEN_FDS, with colons between them");
	return (int)count;
}

int sockctl_inherited(struct sockctl_named sockets[], unsigned max, struct sockctl_error *error)
{
	struct inherited_environment environment = {getenv("LISTEN_PID"), getenv("LISTEN_FDS"),
						    getenv("LISTEN_FDNAMES")};
	int count = inherited_parse(&environment, getpid(), sockets, max, error);
	char subject[24];

	for (int i = 0; i < count; i++)
		if (fcntl(sockets[i].fd, F_SETFD, FD_CLOEXEC)) {
			int r = -errno;

			snprintf(subject, sizeof subject, "fd %d", sockets[i].fd);
			return error_set(error, r, "inherit", subject, "%s; LISTEN_FDS=%s promises it", strerror(-r),
					 environment.fds);
		}
	return count;
}
