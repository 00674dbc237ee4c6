/* /proc/thread-self/net/sockstat, sockstat6 and /proc/sys/fs/file-nr. */
#include "observe/use.h"
#include <fcntl.h>
#include <string.h>
#include "base/sysctl.h"
#include "observe/procnet.h"
#include "observe/small_file.h"

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

static int sockstat_read(const char *path, struct host_use *use)
{
	char text[4096];
	ssize_t n = small_file_read(AT_FDCWD, path, text, sizeof text);

	if (n < 0)
		return (int)n;
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
