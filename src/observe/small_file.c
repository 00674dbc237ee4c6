/* Until the kernel has no more: one read() may give less. */
#include "observe/small_file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t small_file_read(int directory, const char *path, char *text, size_t size)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, text + length, size - length)) > 0)
		length += (size_t)n;
	n = n < 0 ? -errno : length == size ? -EOVERFLOW : (ssize_t)length;
	close(fd);
	if (n >= 0)
		text[n] = 0;
	return n;
}
