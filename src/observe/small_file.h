/* Small files of /proc, whole. */
#ifndef OBSERVE_SMALL_FILE_H
#define OBSERVE_SMALL_FILE_H
#include <sys/types.h>

/* path: below `directory`, or absolute. Ends with a 0. How long it is, or -errno: -EOVERFLOW if size is too small. */
ssize_t small_file_read(int directory, const char *path, char *text, size_t size);
/* The same of an open one, from its beginning. Its offset is left alone: forked processes share that. */
ssize_t small_file_reread(int fd, char *text, size_t size);
#endif
