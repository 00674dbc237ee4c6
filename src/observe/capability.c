/* See capability.h. glibc has no calls for them. */
#include "observe/capability.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sets_read(struct __user_cap_header_struct *header, struct __user_cap_data_struct sets[2])
{
	*header = (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
	return syscall(SYS_capget, header, sets) ? -errno : 0;
}

uint64_t capabilities_effective(void)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct sets[2];

	return sets_read(&header, sets) ? 0 : sets[0].effective | (uint64_t)sets[1].effective << 32;
}

int capabilities_make_effective(uint64_t bits)
{
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct sets[2];
	int r = sets_read(&header, sets);

	if (r)
		return r;
	for (unsigned i = 0; i < 2; i++)
		sets[i].effective = (uint32_t)(bits >> 32 * i) & sets[i].permitted;
	return syscall(SYS_capset, &header, sets) ? -errno : 0;
}
