/* Sysctls by path, through /proc/sys: three system calls a read. */
#include "base/sysctl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sysctl_open(const char *path, int flags)
{
	char file[160];
	int n = snprintf(file, sizeof file, "/proc/sys/%s", path);
	int fd;

	if (n < 0 || (size_t)n >= sizeof file || strstr(path, ".."))
		return -EINVAL;
	if (!strchr(path, '/'))
		for (char *dot = file + strlen("/proc/sys/"); (dot = strchr(dot, '.'));)
			*dot = '/';
	fd = open(file, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sysctl_read(const char *path, char *text, size_t size)
{
	int fd = sysctl_open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, text, size);
	n = n < 0 ? -errno : n;
	close(fd);
	if (n < 0)
		return (int)n;
	if ((size_t)n >= size)
		return -EOVERFLOW;
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return 0;
}

int sysctl_read_number(const char *path, unsigned index, int64_t *ret)
{
	char text[128], *at = text, *end;
	int r = sysctl_read(path, text, sizeof text);
	long long value;

	if (r)
		return r;
	do {
		errno = 0;
		value = strtoll(at, &end, 10);
		if (end == at || errno)
			return -EINVAL;
		at = end;
	} while (index--);
	*ret = value;
	return 0;
}

int sysctl_write(const char *path, const char *text)
{
	int fd = sysctl_open(path, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = write(fd, text, strlen(text));
	n = n < 0 ? -errno : 0;
	close(fd);
	return (int)n;
}

const char *sysctl_name(const char *path, char *text, size_t size)
{
	snprintf(text, size, "%s", path ? path : "");
	for (char *slash = text; (slash = strchr(slash, '/'));)
		*slash = '.';
	return text;
}
