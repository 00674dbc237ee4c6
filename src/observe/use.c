/* /proc/thread-self/net/sockstat, sockstat6 and /proc/sys/fs/file-nr. */
#include "observe/use.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "observe/procnet.h"

static const struct procnet_row rows[HOST_USE_COUNT] = {
#define USE(name, group, kernel_name, help) {group, kernel_name, offsetof(struct host_use, name)},
#include "fact/host_use.def"
#undef USE
};
static const struct procnet_table table = {rows, HOST_USE_COUNT};

void use_parse(const char *text, struct host_use *use)
{
	procnet_lists(&table, text, use);
}

/* A few hundred bytes, which the kernel hands over at once. */
static int sockstat_read(const char *path, struct host_use *use)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[4096];
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof text - 1);
	n = n < 0 ? -errno : n;
	close(fd);
	if (n < 0)
		return (int)n;
	text[n] = 0;
	use_parse(text, use);
	return 0;
}

int use_read(struct host_use *use)
{
	char files[128];
	int code;

	memset(use, 0, sizeof *use);
	code = sockstat_read("/proc/thread-self/net/sockstat", use);
	sockstat_read("/proc/thread-self/net/sockstat6", use); /* a kernel without IPv6 has none */
	if (!sysctl_read("fs/file-nr", files, sizeof files))
		procnet_numbers(&table, files, use);
	return use->have ? 0 : code;
}
