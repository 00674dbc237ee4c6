/* Two hosts and the link between them:
 *
 *      client                          middle                          server
 *   eth0 10.77.0.1, fd77::1  <-veth-> client | link | server  <-veth-> eth0 10.77.0.2, fd77::2
 *
 * Puts it up and takes it down; what the link does is link.c's. */
#include "lab/world.h"
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/sysctl.h"
#include "base/text.h"
#include "lab/device.h"
#include "lab/host_sysctls.h"
#include "lab/link.h"
#include "lab/netns.h"

static const struct host_names {
	const char *device; /* in the middle */
	const char *ipv4, *ipv6;
	uint8_t mac[DEVICE_MAC];
} hosts[HOSTS] = {
	[HOST_CLIENT] = {"client", "10.77.0.1", "fd77::1", {2, 0, 0, 0, 0, 1}},
	[HOST_SERVER] = {"server", "10.77.0.2", "fd77::2", {2, 0, 0, 0, 0, 2}},
};

enum { IPV4_PREFIX = 24, IPV6_PREFIX = 64, IPV6_AWAIT_US = 5000000 };

/* --- one host, in whose namespace the calling thread stands ---------------------------------------------------- */

/* ping without privilege is allowed to groups that exist in the user namespace: only our own. */
static void sysctls_start(void)
{
	char group[32];

	host_sysctls_apply();
	sysctl_write("net/ipv4/tcp_no_metrics_save", "1");
	sysctl_write("net/ipv4/ip_unprivileged_port_start", "0");
	snprintf(group, sizeof group, "%u %u", getegid(), getegid());
	sysctl_write("net/ipv4/ping_group_range", group);
}

static int family_set_up(int family, const char *own, const char *other, const uint8_t other_mac[DEVICE_MAC],
			 unsigned prefix_bits)
{
	uint8_t address[sizeof(struct in6_addr)];
	int code;

	inet_pton(family, own, address);
	code = device_add_address("eth0", family, address, prefix_bits);
	if (code)
		return code;
	inet_pton(family, other, address);
	return device_add_neighbour("eth0", family, address, other_mac);
}

/* An IPv6 address comes into force from a kernel work queue (addrconf_dad_work), even without duplicate detection:
 * what arrives before its host route exists is dropped. */
static bool ipv6_is_in_force(const char *address)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char wanted[40] = "", line[256];
	struct text text = TEXT(wanted);
	bool found = false;
	FILE *routes;

	inet_pton(AF_INET6, address, bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		text_add(&text, "%02x", bytes[i]);
	text_add(&text, " 80 ");
	routes = fopen("/proc/thread-self/net/ipv6_route", "re");
	while (routes && !found && fgets(line, sizeof line, routes))
		found = !strncmp(line, wanted, strlen(wanted));
	if (routes)
		fclose(routes);
	return found;
}

static int ipv6_await(const char *address)
{
	uint64_t end_us = clock_us() + IPV6_AWAIT_US;

	while (!ipv6_is_in_force(address)) {
		if (clock_us() > end_us)
			return -ETIMEDOUT;
		usleep(500);
	}
	return 0;
}

/* UDP super-packets: virtio_net_hdr cannot describe them before Linux 6.2, so the kernel has to cut them. */
static int host_set_up(const struct host_names *own, const struct host_names *other)
{
	int code = device_up("lo");

	sysctls_start();
	device_disable_feature("eth0", "tx-udp-segmentation");
	device_disable_feature("eth0", "tx-sctp-segmentation");
	if (!code)
		code = device_up("eth0");
	if (!code)
		code = family_set_up(AF_INET, own->ipv4, other->ipv4, other->mac, IPV4_PREFIX);
	if (code)
		return code;
	code = family_set_up(AF_INET6, own->ipv6, other->ipv6, other->mac, IPV6_PREFIX);
	if (code == -EOPNOTSUPP || code == -EACCES)
		return 0; /* the host has no IPv6, or turned it off */
	return code ? code : ipv6_await(own->ipv6);
}

static int lone_host_set_up(void)
{
	sysctls_start();
	return device_up("lo");
}

/* --- the middle ------------------------------------------------------------------------------------------------ */

static int middle_set_up(struct world *world, struct inbox inboxes[HOSTS])
{
	int code = 0;

	sysctl_write("net/ipv6/conf/all/disable_ipv6", "1");
	sysctl_write("net/ipv6/conf/default/disable_ipv6", "1");
	for (int i = 0; !code && i < HOSTS; i++) {
		code = device_add_veth(hosts[i].device, "eth0", world->netns[i], hosts[i].mac);
		if (!code)
			code = device_up(hosts[i].device);
		if (!code)
			code = inbox_open(&inboxes[i], hosts[i].device);
	}
	return code;
}

/* Each world of a process gets its own losses, the same ones each time the process is run. */
static uint64_t seed_next(void)
{
	static uint64_t worlds;

	return 0x5eed0000 + 2 * worlds++;
}

/* --- where to stand -------------------------------------------------------------------------------------------- */

/* Runs set_up(world, arg) in a namespace, and comes back. */
static int inside(int netns, int (*set_up)(struct world *, void *arg), struct world *world, void *arg)
{
	int home = netns_current(), code;

	if (home < 0)
		return home;
	code = netns_enter(netns);
	if (!code) {
		code = set_up(world, arg);
		netns_enter(home);
	}
	close(home);
	return code;
}

static int middle_step(struct world *world, void *arg)
{
	return middle_set_up(world, arg);
}

static int host_step(struct world *world, void *arg)
{
	enum host host = *(enum host *)arg;

	return world->linked ? host_set_up(&hosts[host], &hosts[1 - host]) : lone_host_set_up();
}

/* --- the world ------------------------------------------------------------------------------------------------- */

static int hosts_create(struct world *world)
{
	int code = 0;

	for (int i = 0; !code && i < HOSTS; i++) {
		world->netns[i] = world->linked || i == 0 ? netns_create() : dup(world->netns[0]);
		code = world->netns[i] < 0 ? world->netns[i] : 0;
	}
	return code;
}

static int hosts_set_up(struct world *world)
{
	int code = 0;

	for (enum host host = HOST_CLIENT; !code && host < (world->linked ? HOSTS : 1); host++)
		code = inside(world->netns[host], host_step, world, &host);
	return code;
}

static int link_set_up(struct world *world)
{
	struct inbox inboxes[HOSTS] = {INBOX_NONE, INBOX_NONE};
	int middle = netns_create(), code;

	if (middle < 0)
		return middle;
	code = inside(middle, middle_step, world, inboxes);
	if (!code)
		code = hosts_set_up(world);
	if (!code) {
		world->link_pid = link_start(inboxes, &world->path, seed_next(), world->shared);
		code = world->link_pid < 0 ? world->link_pid : 0;
	}
	for (int i = 0; i < HOSTS; i++)
		inbox_close(&inboxes[i]);
	close(middle);
	return code;
}

static int world_set_up(struct world *world)
{
	int code = hosts_create(world);

	if (code || !world->linked)
		return code ? code : hosts_set_up(world);
	world->shared = mmap(NULL, sizeof *world->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (world->shared == MAP_FAILED) {
		world->shared = NULL;
		return -errno;
	}
	return link_set_up(world);
}

int world_open(struct world *world, const struct path *path, struct sockctl_error *error)
{
	int code;

	host_sysctls_remember();
	*world = (struct world){.netns = {-1, -1}, .linked = path != NULL};
	if (path)
		world->path = *path;
	code = world_set_up(world);
	if (!code)
		return 0;
	world_close(world);
	if (code == -EPERM || code == -EACCES)
		return error_set(error, -EPERM, "build the network", NULL,
				 "not permitted to create network namespaces and devices here");
	if (code == -EOPNOTSUPP || code == -ENODEV)
		return error_set(error, code, "build the network", NULL,
				 "this kernel lacks veth devices or packet sockets (modules veth, af_packet)");
	return error_set(error, code, "build the network", NULL, NULL);
}

void world_close(struct world *world)
{
	if (world->link_pid > 0) {
		kill(world->link_pid, SIGKILL);
		waitpid(world->link_pid, NULL, 0);
	}
	if (world->shared)
		munmap(world->shared, sizeof *world->shared);
	for (int i = 0; i < HOSTS; i++)
		if (world->netns[i] >= 0)
			close(world->netns[i]);
	*world = (struct world){.netns = {-1, -1}};
}

int world_enter(const struct world *world, enum host host)
{
	return netns_enter(world->netns[host]);
}

const char *world_address(const struct world *world, enum host host)
{
	return world->linked ? hosts[host].ipv4 : "127.0.0.1";
}

const char *world_address6(const struct world *world, enum host host)
{
	return world->linked ? hosts[host].ipv6 : "::1";
}

int world_sysctl_read(const struct world *world, enum host host, const char *name, char *text, size_t size)
{
	int home = netns_current(), code;

	if (home < 0)
		return home;
	code = world_enter(world, host);
	if (!code) {
		code = sysctl_read(name, text, size);
		netns_enter(home);
	}
	close(home);
	return code;
}

int world_sysctl_write(const struct world *world, enum host host, const char *name, const char *text)
{
	int home = netns_current(), code;

	if (home < 0)
		return home;
	code = world_enter(world, host);
	if (!code) {
		code = sysctl_write(name, text);
		netns_enter(home);
	}
	close(home);
	return code;
}
