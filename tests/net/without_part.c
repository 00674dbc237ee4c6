/* For the linker's --wrap: every other time there is no file in memory, as under some filters of system calls, so that BPF programs
 * are loaded with all of the kernel's type information. */
#include <errno.h>
#include <sys/mman.h>

int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);

int __wrap_memfd_create(const char *name, unsigned flags)
{
	static unsigned calls;

	if (calls++ % 2)
		return __real_memfd_create(name, flags);
	errno = EPERM;
	return -1;
}
