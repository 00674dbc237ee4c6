/* Sysctls by path ("net/core/somaxconn"; dots serve too), in the calling thread's network namespace. */
#ifndef BASE_SYSCTL_H
#define BASE_SYSCTL_H
#include <stddef.h>
#include <stdint.h>

/* Reads text without its newline; -errno, or -EOVERFLOW if it does not fit. */
int sysctl_read(const char *path, char *text, size_t size);
/* Reads the index-th number (0 = the first) of a value such as "4096 131072 6291456". -EINVAL if there is none. */
int sysctl_read_number(const char *path, unsigned index, int64_t *ret);
/* Writes text; -errno. Only for namespaces of one's own. */
int sysctl_write(const char *path, const char *text);
/* The name that sysctl(8) uses, for people: "net.core.somaxconn". Returns text; "" for NULL. */
const char *sysctl_name(const char *path, char *text, size_t size);
#endif
