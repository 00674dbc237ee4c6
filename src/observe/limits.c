/* /proc/PID/limits and fd, and the ephemeral ports. */
#include "observe/limits.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "observe/small_file.h"

enum { RESERVED_BYTES = 1 << 16 };

/* The kernel hands a list of ports over in one read only, and cuts it where the buffer ends
 * (proc_do_large_bitmap()). */
int limits_ports(struct port_range *ret)
{
	static const char range[] = "net/ipv4/ip_local_port_range";
	char *reserved;
	int64_t low, high;
	int r = sysctl_read_number(range, 0, &low);

	r = r ? r : sysctl_read_number(range, 1, &high);
	if (r)
		return r;
	reserved = malloc(RESERVED_BYTES);
	if (!reserved)
		return -ENOMEM;
	r = sysctl_read("net/ipv4/ip_local_reserved_ports", reserved, RESERVED_BYTES);
	if (!r)
		port_range_count(ret, (uint16_t)low, (uint16_t)high, reserved);
	free(reserved);
	return r;
}

static uint64_t limit_read(const char **at)
{
	uint64_t number = UINT64_MAX;
	char *end;

	*at += strspn(*at, " ");
	if (isdigit((unsigned char)**at)) {
		number = strtoull(*at, &end, 10);
		*at = end;
	} else {
		*at += strcspn(*at, " \n"); /* "unlimited" */
	}
	return number;
}

int limits_parse(const char *text, struct process_files *ret)
{
	static const char name[] = "Max open files";
	const char *at = strstr(text, name);

	if (!at || (at > text && at[-1] != '\n'))
		return -EPROTO;
	at += sizeof name - 1;
	if (!strpbrk(at, "0123456789u"))
		return -EPROTO;
	ret->soft = limit_read(&at);
	ret->hard = limit_read(&at);
	return 0;
}

static int64_t files_count(int directory)
{
	int fd = openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int64_t count = 0;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(stream)))
		count += isdigit((unsigned char)*entry->d_name) != 0;
	closedir(stream);
	return count;
}

int limits_files(const char *proc, pid_t pid, struct process_files *ret)
{
	char path[300], text[4096];
	int directory, r;

	snprintf(path, sizeof path, "%s/%d", proc, (int)pid);
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	r = (int)small_file_read(directory, "limits", text, sizeof text);
	r = r < 0 ? r : limits_parse(text, ret);
	if (!r)
		ret->open = files_count(directory);
	close(directory);
	return r;
}
