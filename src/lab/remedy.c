/* The table, and names of sysctls. */
#include "lab/remedy.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/sysctl.h"
#include "catalog/suggest.h"

const struct remedy remedies[] = {
	{.option = OPTION_nodelay,
	 .loads = FOR_REQUESTS,
	 .cause = CAUSE_NAGLE,
	 .cost = "more small packets where the program writes in small pieces"},
	{.sysctl = "net/ipv4/tcp_wmem",
	 .triple = true,
	 .loads = FOR_BULK,
	 .ordered = true,
	 .from = FROM_HERE,
	 .values = "8M..64M",
	 .cause = CAUSE_SNDBUF,
	 .cost = "each sending socket may use that much kernel memory; autotuning stays on; it is for the whole host"},
	{.option = OPTION_sndbuf,
	 .loads = FOR_BULK,
	 .ordered = true,
	 .from = FROM_BDP,
	 .values = "256K..16M",
	 .cause = CAUSE_SNDBUF,
	 .cost = "autotuning of the send buffer ends: every such socket may fill it, on every path"},
	{.sysctl = "net/ipv4/tcp_rmem",
	 .triple = true,
	 .loads = FOR_BULK,
	 .ordered = true,
	 .from = FROM_HERE,
	 .values = "8M..64M",
	 .cause = CAUSE_RWND,
	 .cost = "each receiving socket may use that much kernel memory; autotuning stays on; it is for the whole host"},
	{.option = OPTION_rcvbuf,
	 .loads = FOR_BULK,
	 .ordered = true,
	 .from = FROM_BDP,
	 .values = "256K..16M",
	 .cause = CAUSE_RWND,
	 .cost = "autotuning of the receive buffer ends: every such socket may fill it, on every path"},
	{.option = OPTION_cc,
	 .loads = FOR_BULK,
	 .values = "cubic|bbr|reno",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "another congestion control shares a bottleneck differently: fairness to others was not measured"},
	{.option = OPTION_notsent_lowat,
	 .loads = FOR_BULK,
	 .values = "16K|128K|1M",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "the program is woken more often to write"},
	{.option = OPTION_quickack,
	 .loads = FOR_REQUESTS,
	 .cause = CAUSE_NAGLE,
	 .cost = "more acknowledgements; it does not last: the kernel may leave it at any time"},
	{.sysctl = "net/ipv4/tcp_slow_start_after_idle",
	 .loads = FOR_REQUESTS,
	 .values = "0",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "an idle connection resumes with its old window, right or wrong; it is for the whole host"},
	{.sysctl = "net/core/somaxconn",
	 .ordered = true,
	 .values = "128..8192",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "longer accept queues; it is for the whole host"},
	{.option = OPTION_backlog,
	 .ordered = true,
	 .values = "128..4096",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "connections may wait longer in the accept queue"},
	{.option = OPTION_shards,
	 .ordered = true,
	 .values = "1..8",
	 .cause = CAUSE_UNKNOWN,
	 .cost = "one listener and one queue more for each shard; each needs somebody who accepts"},
	{0},
};

/* Not per namespace: writing them would change the machine, so the lab has to take them as they are. */
static const char host_wide[] = "rmem_max wmem_max rmem_default wmem_default tcp_mem udp_mem netdev_max_backlog";

static bool remedy_ends(const struct remedy *r)
{
	return !r->option && !r->sysctl;
}

const struct remedy *remedy_of_option(enum option_id id)
{
	for (const struct remedy *r = remedies; !remedy_ends(r); r++)
		if (id != OPTION_NONE && r->option == id)
			return r;
	return NULL;
}

const struct remedy *remedy_of_sysctl(const char *path)
{
	for (const struct remedy *r = remedies; !remedy_ends(r); r++)
		if (r->sysctl && !strcmp(r->sysctl, path))
			return r;
	return NULL;
}

static bool name_is_clean(const char *name, size_t length)
{
	return length && length < 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_./") >= length &&
	       !memmem(name, length, "..", 2);
}

static bool word_in(const char *list, const char *word, size_t length)
{
	for (const char *at = list; (at = strstr(at, word)) && length; at += length)
		if ((at == list || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

int sysctl_resolve(const char *name, size_t length, char *path, size_t size)
{
	static const char *const folders[] = {"", "net/ipv4/", "net/core/", "net/ipv6/"};
	char clean[48], value[256], *last;

	if (!name_is_clean(name, length))
		return -ENOENT;
	snprintf(clean, sizeof clean, "%.*s", (int)length, name);
	for (char *dot = clean; (dot = strchr(dot, '.'));)
		*dot = '/';
	last = strrchr(clean, '/');
	last = last ? last + 1 : clean;
	if (word_in(host_wide, last, strlen(last)))
		return -EPERM;
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
		int n = snprintf(path, size, "%s%s", folders[i], clean);

		if (n > 0 && (size_t)n < size && !strncmp(path, "net/", 4) && !sysctl_read(path, value, sizeof value))
			return 0;
	}
	return -ENOENT;
}

const char *sysctl_nearest(const char *name, size_t length)
{
	const char *best = NULL;
	unsigned nearest = 4;

	for (const struct remedy *r = remedies; !remedy_ends(r); r++) {
		const char *known = r->sysctl ? strrchr(r->sysctl, '/') + 1 : "";
		unsigned distance = r->sysctl ? suggest_distance(name, length, known, strlen(known)) : SUGGEST_FAR;

		if (distance < nearest) {
			nearest = distance;
			best = known;
		}
	}
	return best;
}
