/* Names in filters as this host knows them: services, users, interfaces, cgroups, hosts. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "observe/cgroup_names.h"
#include "observe/filter.h"

static int service(const char *name, uint16_t *ret)
{
	const struct servent *entry = getservbyname(name, "tcp");

	if (!entry)
		entry = getservbyname(name, "udp");
	if (!entry)
		return -ENOENT;
	*ret = ntohs((uint16_t)entry->s_port);
	return 0;
}

static void host_copy(struct filter_host *host, const struct addrinfo *info)
{
	host->family = (uint8_t)info->ai_family;
	host->prefix_bits = info->ai_family == AF_INET ? 32 : 128;
	if (info->ai_family == AF_INET)
		memcpy(host->address, &((const struct sockaddr_in *)(const void *)info->ai_addr)->sin_addr, 4);
	else
		memcpy(host->address, &((const struct sockaddr_in6 *)(const void *)info->ai_addr)->sin6_addr, 16);
}

static int host(const char *name, uint8_t family, struct filter_host ret[], unsigned max)
{
	const struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	unsigned count = 0;

	if (getaddrinfo(name, NULL, &hints, &found))
		return -ENOENT;
	for (const struct addrinfo *i = found; i && count < max; i = i->ai_next)
		if (i->ai_family == AF_INET || i->ai_family == AF_INET6)
			host_copy(&ret[count++], i);
	freeaddrinfo(found);
	return (int)count;
}

static int device(const char *name, uint32_t *ret)
{
	unsigned index = if_nametoindex(name);

	if (!index)
		return -ENOENT;
	*ret = index;
	return 0;
}

static int user(const char *name, uint32_t *ret)
{
	const struct passwd *entry = getpwnam(name);

	if (!entry)
		return -ENOENT;
	*ret = entry->pw_uid;
	return 0;
}

/* A path as of `ss`, below where version 2 is mounted, or the whole. In version 1 the inode number is no id. */
static int cgroup(const char *path, uint64_t *ret)
{
	static const char mounts[] = "/sys/fs/cgroup";
	const char *root = strncmp(path, mounts, sizeof mounts - 1) ? cgroup_root() : "";
	char whole[512];
	struct statfs system;
	struct stat status;

	if (!root ||
	    snprintf(whole, sizeof whole, "%s%s%s", root, *root && *path != '/' ? "/" : "", path) >=
		    (int)sizeof whole ||
	    statfs(whole, &system) || system.f_type != CGROUP2_SUPER_MAGIC || stat(whole, &status) ||
	    !S_ISDIR(status.st_mode))
		return -ENOENT;
	*ret = status.st_ino;
	return 0;
}

const struct filter_names filter_names_system = {service, host, device, user, cgroup};
