/* See btf_file.h. */
#include "observe/btf_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "observe/btf_subset.h"

static int bytes_read(int fd, char *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n = 1;

	for (; done < size && n > 0; done += n > 0 ? (size_t)n : 0)
		n = read(fd, bytes + done, size - done);
	return n < 0 ? -errno : done < size ? -ENODATA : 0;
}

static int part_write(int fd, const struct btf *part)
{
	uint32_t size, done = 0;
	const char *bytes = btf__raw_data(part, &size);
	ssize_t n = 0;

	for (; bytes && done < size && n >= 0; done += n > 0 ? (uint32_t)n : 0)
		n = write(fd, bytes + done, size - done);
	return !bytes ? -ENOMEM : n < 0 ? -errno : 0;
}

/* The kernel's own pages from 6.16 on, else a copy. To be unmapped. */
static int kernel_map(void **ret, size_t *ret_size)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC), r = 0;
	struct stat status;

	if (fd < 0 || fstat(fd, &status))
		r = -errno;
	*ret_size = r ? 0 : (size_t)status.st_size;
	*ret = r ? NULL : mmap(NULL, *ret_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (!r && *ret == MAP_FAILED) {
		*ret = mmap(NULL, *ret_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		r = *ret == MAP_FAILED ? -errno : bytes_read(fd, *ret, *ret_size);
		if (r && *ret != MAP_FAILED)
			munmap(*ret, *ret_size);
	}
	if (fd >= 0)
		close(fd);
	return r;
}

int btf_file_open(struct btf_file *ret)
{
	int r;

	memset(ret, 0, sizeof *ret);
	ret->fd = memfd_create("btf", MFD_CLOEXEC);
	snprintf(ret->path, sizeof ret->path, "/proc/self/fd/%d", ret->fd);
	r = ret->fd < 0 ? -errno : kernel_map(&ret->kernel, &ret->size);
	if (!r)
		return btf_source_read(&ret->source, ret->kernel, ret->size);
	ret->kernel = NULL;
	return r;
}

int btf_file_fill(const struct btf_file *file, const struct btf *program)
{
	struct btf *part = NULL;
	int r = btf_subset(&part, &file->source, program);

	r = r ? r : part_write(file->fd, part);
	btf__free(part);
	return r;
}

uint32_t btf_file_function(const struct btf_file *file, const char *name)
{
	for (uint32_t id = 1; id < file->source.count; id++) {
		const struct btf_type *type = btf_source_type(&file->source, id);

		if (btf_is_func(type) && !strcmp(btf_source_name(&file->source, type->name_off), name))
			return id;
	}
	return 0;
}

void btf_file_close(struct btf_file *file)
{
	btf_source_end(&file->source);
	if (file->kernel)
		munmap(file->kernel, file->size);
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct btf_file){.fd = -1};
}
