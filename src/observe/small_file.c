/* Until the kernel has no more: one read may give less. */
#include "observe/small_file.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

ssize_t small_file_reread(int fd, char *text, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while ((n = pread(fd, text + length, size - length, (off_t)length)) > 0)
		length += (size_t)n;
	if (n < 0)
		return -errno;
	if (length == size)
		return -EOVERFLOW;
	text[length] = 0;
	return (ssize_t)length;
}

ssize_t small_file_read(int directory, const char *path, char *text, size_t size)
{
	int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = small_file_reread(fd, text, size);
	close(fd);
	return n;
}
