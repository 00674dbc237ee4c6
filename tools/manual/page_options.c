/* The catalogue and the profiles as one man page. */
#include "manual.h"
#include <string.h>
#include "catalog/profile.h"
#include "catalog/value.h"

static void item(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "\t- %s: ", label);
	scdoc_text(out, text);
	fputc('\n', out);
}

/* Names of the phases of a set, "" if it is empty. */
static const char *phase_names(uint8_t set, char *text, size_t size)
{
	size_t n = 0;

	*text = 0;
	for (unsigned phase = 0; phase < SOCKCTL_PHASES; phase++)
		if (set & 1u << phase && n < size)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? ", " : "",
					      sockctl_phase_name((enum sockctl_phase)phase));
	return text;
}

static void items_of_limits(FILE *out, const struct option *option)
{
	char text[128];
	int n;

	item(out, "capped, without an error, by the sysctl", option->limit);
	item(out, "autotuned by TCP, where it is not set, up to the maximum in", option->autotune);
	if (option->gate) {
		snprintf(text, sizeof text, "%s has no bit %d", option->gate, option->gate_bit);
		item(out, "without effect where", text);
	}
	if (!option->capability)
		return;
	n = snprintf(text, sizeof text, "%s%s%s", option->capability, option->capability_also ? " or " : "",
		     option->capability_also ? option->capability_also : "");
	if (option->capability_host)
		n += snprintf(text + n, sizeof text - (size_t)n, " of the host");
	if (option->free_max)
		snprintf(text + n, sizeof text - (size_t)n, " above %lld", (long long)option->free_max);
	item(out, "privilege", text);
}

static void items_of_interplay(FILE *out, const struct option *option)
{
	item(out, "does nothing without", catalogue[option->needs].name);
	for (size_t i = 0; i < sizeof option->overruled_by / sizeof *option->overruled_by; i++)
		item(out, "overruled, while it is on, by", catalogue[option->overruled_by[i]].name);
	for (size_t i = 0; i < sizeof option->after / sizeof *option->after; i++)
		item(out, "overwritten, when it is set, by", catalogue[option->after[i]].name);
}

static void option_put(FILE *out, const struct option *option)
{
	char text[256];

	fputs("*", out);
	scdoc_text(out, option->name);
	fputs("*\n\t", out);
	scdoc_text(out, option->summary);
	fputs(".\n\n", out);
	item(out, "use", option->use);
	item(out, "avoid", option->avoid);
	value_expects(option, text, sizeof text);
	item(out, "value", text);
	snprintf(text, sizeof text, "%s%s%s", option->name, option->example ? "=" : "",
		 option->example ? option->example : "");
	item(out, "example", text);
	item(out, "aliases", option->aliases);
	item(out, "protocols",
	     option_protocols(option) == PROTOCOL_TCP ? "TCP" :
	     option_protocols(option) == PROTOCOL_UDP ? "UDP" :
							"TCP, UDP");
	if (option_is_of_listeners(option))
		item(out, "accepted sockets", option->inherited == PASSES_ON ? "inherit it" : "do not inherit it");
	item(out, option->late & option->udp_works ? "too late, of a TCP socket" : "too late",
	     phase_names(option->late, text, sizeof text));
	item(out, "refused", phase_names(option->never, text, sizeof text));
	items_of_limits(out, option);
	items_of_interplay(out, option);
	item(out, "undo", option->irreversible ? "impossible" : NULL);
	item(out, "since Linux", option->since);
	item(out, "needs of the system", option->system);
	item(out, "sources", option->sources);
	fputc('\n', out);
}

static void group_put(FILE *out, enum group group)
{
	fputs("## ", out);
	scdoc_text(out, group_titles[group]);
	fputs("\n\n", out);
	for (const struct option *option = catalogue + 1; option < catalogue + OPTION_COUNT; option++)
		if (option_group(option) == group)
			option_put(out, option);
}

static void profile_put(FILE *out, const struct profile *profile)
{
	fputs("*@", out);
	scdoc_text(out, profile->name);
	fputs("*\n\t", out);
	scdoc_text(out, profile->spec);
	fputs("\n\n", out);
	scdoc_paragraphs(out, profile->text, "\t");
	fputs("\tSource: ", out);
	scdoc_text(out, profile->source);
	fputs("\n\n", out);
}

/* What setsockopt knows and the catalogue does not, and why. */
static const struct {
	const char *symbols, *why;
} left_out[] = {
	{"TCP_MD5SIG, TCP_MD5SIG_EXT, TCP_AO_*, TCP_FASTOPEN_KEY",
	 "keys: a secret has no place in a spec, on a command line or in a report"},
	{"TCP_REPAIR, TCP_REPAIR_*, TCP_QUEUE_SEQ, TCP_TIMESTAMP",
	 "checkpoint and restore: they make a connection up, and are no property of one"},
	{"TCP_INFO, TCP_CC_INFO, TCP_SAVED_SYN, TCP_IS_MPTCP, IP_MTU, IPV6_PATHMTU",
	 "they are only told, and nobody sets them"},
	{"TCP_ZEROCOPY_RECEIVE, IPV6_FLOWLABEL_MGR, IPV6_ADDRFORM, SO_ATTACH_*",
	 "calls with structures or programs, not values"},
	{"TCP_COOKIE_TRANSACTIONS", "Linux 3.10 took it out"},
	{"IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP, MCAST_*",
	 "a program joins and leaves groups, on interfaces that it chooses, while it runs"},
	{"IP_OPTIONS, IP_RECVOPTS, IP_RETOPTS, IPV6_HOPOPTS, IPV6_RTHDR, IPV6_DSTOPTS and their RECV forms",
	 "options in packet headers: networks drop such packets"},
	{"IP_HDRINCL, IP_NODEFRAG, IP_ROUTER_ALERT, IPV6_CHECKSUM, IPV6_HDRINCL", "of raw sockets"},
	{"IP_XFRM_POLICY, IP_IPSEC_POLICY, IP_PASSSEC", "of IPsec and security modules"},
	{"IPV6_PKTINFO, IPV6_2292*", "sendmsg() says it for each packet; the old form of RFC 2292"},
};

static void left_out_put(FILE *out)
{
	fputs("# WHAT IS LEFT OUT\n\n", out);
	for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++) {
		scdoc_text(out, left_out[i].symbols);
		fputs("\n\t", out);
		scdoc_text(out, left_out[i].why);
		fputs(".\n\n", out);
	}
}

void page_options(FILE *out)
{
	fputs("sockctl-options(7)\n\n# NAME\n\nsockctl-options - the socket options that sockctl knows\n\n# DESCRIPTION\n\n",
	      out);
	scdoc_paragraphs(
		out,
		"Every option is set by its name in a SPEC, see sockctl-spec(7). A phase is the state of a socket when "
		"it is touched: created, pre-bind, pre-listen, listening, pre-connect, connected, accepted. What the running kernel "
		"makes of an option, and where its limits stand on this host, is what `sockctl options NAME` tells.\n\n"
		"Left out is what is no setting of a service's socket: what the kernel only tells (SO_ERROR, TCP_INFO), what takes a program "
		"or a list of members (SO_ATTACH_FILTER, IP_ADD_MEMBERSHIP, IP_OPTIONS), and what only raw and unix sockets have "
		"(IP_HDRINCL, SO_PASSCRED).",
		"");
	fputs("# OPTIONS\n\nIn each part in the order in which they are applied.\n\n", out);
	for (enum group group = 0; group < GROUP_COUNT; group++)
		group_put(out, group);
	fputs("# PROFILES\n\n", out);
	for (const struct profile *profile = profiles; profile->name; profile++)
		profile_put(out, profile);
	left_out_put(out);
	fputs("# SEE ALSO\n\n*sockctl*(1), *sockctl-spec*(7), *socket*(7), *tcp*(7), *ip*(7)\n", out);
}
