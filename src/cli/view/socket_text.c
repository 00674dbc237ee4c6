/* The words for what a socket is: its ends, state, owners and timer. */
#include "cli/view/socket.h"
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "base/units.h"
#include "observe/cgroup_names.h"
#include "observe/filter_state.h"

const char *socket_protocol_text(const struct socket_fact *socket)
{
	return socket->family == AF_UNIX ? "unix" : socket->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

const char *socket_state_text(const struct socket_fact *socket)
{
	bool datagrams = socket->protocol == IPPROTO_UDP || (socket->family == AF_UNIX && socket->type == SOCK_DGRAM);

	return datagrams && socket->state == TCP_CLOSE ? "unconnected" : filter_state_name(socket->state);
}

/* Ends without a name are found by their inodes. */
static void unix_text(const struct socket_fact *socket, bool source, char *text, size_t size)
{
	uint32_t inode = source ? socket->inode : socket->known & KNOWN_PEER ? socket->peer_inode : 0;

	if (source && *socket->path)
		snprintf(text, size, "%s", socket->path);
	else if (inode)
		snprintf(text, size, "inode:%u", inode);
	else
		snprintf(text, size, "-");
}

/* As ss has it: a listener on [::] that takes IPv4 too. */
static bool is_dual_stack(const struct socket_fact *socket, bool source)
{
	static const uint8_t any[sizeof socket->source];

	return source && socket->family == AF_INET6 && socket->known & KNOWN_V6ONLY && !socket->v6only &&
	       !memcmp(socket->source, any, sizeof any);
}

void socket_interface_text(const struct socket_fact *socket, char *text, size_t size)
{
	char name[IF_NAMESIZE];

	if (if_indextoname(socket->interface, name))
		snprintf(text, size, "%s", name);
	else
		snprintf(text, size, "%u", socket->interface);
}

void socket_address_text(const struct socket_fact *socket, bool source, char *text, size_t size)
{
	unsigned port = source ? socket->source_port : socket->destination_port;
	char host[INET6_ADDRSTRLEN] = "?", device[1 + IF_NAMESIZE] = "";

	if (socket->family == AF_UNIX) {
		unix_text(socket, source, text, size);
		return;
	}
	if (!port) {
		snprintf(text, size, "%s", "-");
		return;
	}
	if (source && socket->interface) {
		*device = '%';
		socket_interface_text(socket, device + 1, sizeof device - 1);
	}
	inet_ntop(socket->family, source ? socket->source : socket->destination, host, sizeof host);
	if (is_dual_stack(socket, source))
		snprintf(text, size, "*%s:%u", device, port);
	else if (socket->family == AF_INET6)
		snprintf(text, size, "[%s]%s:%u", host, device, port);
	else
		snprintf(text, size, "%s%s:%u", host, device, port);
}

/* Owners stand by pid: those of one name are put together where the name comes first. */
static bool name_came_before(const struct socket_fact *socket, unsigned owner)
{
	for (unsigned i = 0; i < owner; i++)
		if (!strncmp(socket->owners[i].command, socket->owners[owner].command, sizeof socket->owners->command))
			return true;
	return false;
}

/* Room for ",+4294967295]". */
enum { PIDS_REST = 16 };

static void pids_add(const struct socket_fact *socket, unsigned first, unsigned most, struct text *out)
{
	const struct owner_fact *owners = socket->owners;
	unsigned pids = 0, more = 0;

	for (unsigned i = first; i < socket->owners_count; i++) {
		if (strncmp(owners[i].command, owners[first].command, sizeof owners->command) ||
		    (i > first && owners[i].pid == owners[i - 1].pid))
			continue;
		if (pids >= most || out->length + PIDS_REST > out->size)
			more++;
		else
			text_add(out, "%s%d", pids++ ? "," : "", (int)owners[i].pid);
	}
	if (more)
		text_add(out, ",+%u", more);
}

const char *socket_nobody_text(const struct socket_fact *socket)
{
	bool lives = socket->state == TCP_ESTABLISHED || socket->state == TCP_CLOSE_WAIT;

	if (socket->protocol == IPPROTO_TCP && !socket->inode)
		return lives ? "(not accepted)" : socket->state == TCP_SYN_RECV ? "(handshake)" : "(closed)";
	return socket->known & KNOWN_OWNERS ? "-" : "?";
}

const char *socket_options_why(const struct socket_fact *socket)
{
	switch (-socket->options_code) {
	case 0:
		return NULL;
	case EPERM:
	case EACCES:
		return "its owner may not be looked into: it takes the same user, or CAP_SYS_PTRACE";
	case ENODATA:
		return "it is half open or closed, and has none";
	case ENOENT:
		return socket->known & KNOWN_OWNERS ? "no program has it open, whose fd could be asked" :
						      "who has it open could not be seen";
	case ESTALE:
	case EBADF:
	case ESRCH:
		return "its owner closed it while we looked";
	case EOPNOTSUPP:
		return "a thread has it in a table of its own, which can be asked since Linux 6.9 (PIDFD_THREAD)";
	case ENOSYS:
		return "this kernel lacks pidfd_getfd (Linux 5.6), or a seccomp profile forbids it";
	default:
		return strerror(-socket->options_code);
	}
}

void socket_owners_text(const struct socket_fact *socket, unsigned pids_most, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (!socket->owners_count)
		text_add(&out, "%s", socket_nobody_text(socket));
	for (unsigned i = 0; i < socket->owners_count && text_fits(&out); i++) {
		if (name_came_before(socket, i))
			continue;
		text_add(&out, "%s%.*s[", i ? " " : "", (int)sizeof socket->owners->command, socket->owners[i].command);
		pids_add(socket, i, pids_most, &out);
		text_add(&out, "]");
	}
}

/* idiag_timer of net/ipv4/inet_diag.c. */
void socket_timer_text(const struct socket_fact *socket, char *text, size_t size)
{
	static const char *const names[] = {"-", "retransmit", "keepalive", "timewait", "probe"};
	char left[24];

	if (!socket->timer || socket->timer >= sizeof names / sizeof *names) {
		snprintf(text, size, "-");
		return;
	}
	units_round(MEASURE_TIME, 1000.0 * socket->expires_ms, left, sizeof left);
	if (socket->retransmits)
		snprintf(text, size, "%s %s x%u", names[socket->timer], left, socket->retransmits);
	else
		snprintf(text, size, "%s %s", names[socket->timer], left);
}

void socket_user_text(uint32_t uid, char *text, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(text, size, "%s", user->pw_name);
	else
		snprintf(text, size, "%u", uid);
}

/* Their names are read once, and serve as long as the program runs. */
void socket_cgroup_text(uint64_t id, char *text, size_t size)
{
	static struct cgroup_names *names;
	const char *path;

	if (!names)
		names = cgroup_names_new(cgroup_root());
	path = names ? cgroup_names_find(names, id) : NULL;
	if (path)
		snprintf(text, size, "%s", path);
	else
		snprintf(text, size, "id:%" PRIu64, id);
}

/* By the unit at the end of its name, as a filter has it. */
enum measure socket_fact_measure(enum tcp_fact_id fact)
{
	static const char lead[] = "bytes_", rate[] = "_bytes_per_s", size[] = "_bytes";
	const char *name = tcp_fact_fields[fact].name;
	size_t length = tcp_fact_fields[fact].name_length;
	const char *last = length > 3 ? name + length - 3 : name;

	if (length > strlen(rate) && !strcmp(name + length - strlen(rate), rate))
		return MEASURE_RATE;
	if (!strncmp(name, lead, strlen(lead)) ||
	    (length > strlen(size) && !strcmp(name + length - strlen(size), size)))
		return MEASURE_SIZE;
	return !strcmp(last, "_us") || !strcmp(last, "_ms") ? MEASURE_TIME : MEASURE_COUNT;
}

void socket_fact_text(enum tcp_fact_id fact, uint64_t value, char *text, size_t size)
{
	const char *name = tcp_fact_fields[fact].name;
	enum measure measure = socket_fact_measure(fact);
	bool in_ms = strlen(name) > 3 && !strcmp(name + strlen(name) - 3, "_ms");
	double scale = measure == MEASURE_RATE ? 8 : in_ms ? 1000 : 1;

	if (measure == MEASURE_COUNT)
		snprintf(text, size, "%llu", (unsigned long long)value);
	else
		units_round(measure, scale * (double)value, text, size);
}
