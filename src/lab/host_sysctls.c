/* The host's TCP sysctls, carried into new namespaces. They are listed from /proc, so that a new kernel's are carried
 * too. */
#include "lab/host_sysctls.h"
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/sysctl.h"

enum { SYSCTLS = 160 };

static struct {
	bool known;
	unsigned count;
	struct {
		char name[64], value[96];
	} entry[SYSCTLS];
} host;

static void remember(const char *name)
{
	if (host.count == SYSCTLS || strlen(name) >= sizeof host.entry->name)
		return;
	strcpy(host.entry[host.count].name, name);
	if (!sysctl_read(name, host.entry[host.count].value, sizeof host.entry->value))
		host.count++;
}

/* Keys belong to the host alone, and the available congestion controls are the kernel's. */
static bool is_carried(const char *file)
{
	return !strncmp(file, "tcp_", 4) && !strstr(file, "_key") && !strstr(file, "available");
}

void host_sysctls_remember(void)
{
	struct dirent *entry;
	char name[300];
	DIR *directory;

	if (host.known)
		return;
	host.known = true;
	remember("net/core/somaxconn");
	remember("net/ipv4/ip_local_port_range");
	directory = opendir("/proc/sys/net/ipv4");
	while (directory && (entry = readdir(directory)))
		if (is_carried(entry->d_name)) {
			snprintf(name, sizeof name, "net/ipv4/%s", entry->d_name);
			remember(name);
		}
	if (directory)
		closedir(directory);
}

void host_sysctls_apply(void)
{
	char value[sizeof host.entry->value];

	for (unsigned i = 0; i < host.count; i++)
		if (!sysctl_read(host.entry[i].name, value, sizeof value) && strcmp(value, host.entry[i].value))
			sysctl_write(host.entry[i].name, host.entry[i].value);
}
