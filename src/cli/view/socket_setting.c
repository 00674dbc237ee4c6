/* Defaults are those of a socket that was just opened; buffers are doubled, capped and tuned as net/core/sock.c does.
 * */
#include "cli/view/socket_setting.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#define NAME_OF(ID, name, help) [SETTING_##ID] = name,
#define HELP_OF(ID, name, help) [SETTING_##ID] = help,
#define ASKED_OF(ID, name) [ASKED_##ID] = name,
const char *const setting_names[SETTING_COUNT] = {SETTING_LIST(NAME_OF)};
const char *const setting_help[SETTING_COUNT] = {SETTING_LIST(HELP_OF)};
const char *const asked_names[ASKED_COUNT] = {ASKED_LIST(ASKED_OF)};

/* SOCK_MIN_SNDBUF (include/net/sock.h) is twice SOCK_MIN_RCVBUF, 2304 on 64-bit builds: what was asked for below the
 * half of it reads the same. */
enum { BUFFER_FLOOR_BYTES = 4608, WINDOW_UNSCALED = UINT16_MAX, NEGOTIATED_WSCALE = 4 /* TCPI_OPT_WSCALE */ };

const struct option_fact *socket_default(const struct option *option, const struct socket_fact *socket,
					 const struct socket_context *context)
{
	bool udp = socket->protocol == IPPROTO_UDP, six = socket->family == AF_INET6;
	const struct option_fact *fact;

	if (!context || socket->family == AF_UNIX || !context->known[udp][six])
		return NULL;
	fact = &context->defaults[udp][six][option_id(option)];
	return fact->source == SOURCE_NONE ? NULL : fact;
}

static bool is_buffer(const struct option *option)
{
	return option->reads == READS_DOUBLED;
}

/* sock_diag tells a buffer's size, not whether somebody fixed it; SO_BUF_LOCK does, and who read the option with it. */
static enum setting buffer_setting(const struct option *option, const struct socket_fact *socket)
{
	const struct option_fact *fact = &socket->options[option_id(option)];

	if (fact->value.form == FORM_AUTO)
		return SETTING_AUTO;
	return fact->source == SOURCE_DIAG ? SETTING_UNKNOWN : SETTING_FIXED;
}

/* The forced twins read what their brothers do: those have the say. */
static const struct option *brother(const struct option *option)
{
	return option->may_auto || !option->twin ? option : &catalogue[option->twin];
}

enum setting socket_setting(const struct option *option, const struct socket_fact *socket,
			    const struct socket_context *context)
{
	const struct option_fact *fact = socket->options ? &socket->options[option_id(option)] : NULL, *usual;

	if (!fact || fact->source == SOURCE_NONE)
		return SETTING_UNKNOWN;
	if (is_buffer(option))
		return socket->options[option_id(brother(option))].source == SOURCE_NONE ?
			       SETTING_UNKNOWN :
			       buffer_setting(brother(option), socket);
	if (option_is_pseudo(option))
		return SETTING_SET; /* listen() always has a backlog */
	if (option->fades || option->reads == READS_AT_MOST)
		return SETTING_KERNEL;
	usual = socket_default(option, socket, context);
	if (!usual && (option->reads == READS_OTHER || option->reads == READS_NEVER)) /* BPF tells; 0: nobody set it */
		return fact->value.number ? SETTING_SET : SETTING_DEFAULT;
	return !usual ? SETTING_UNKNOWN : value_equal(&usual->value, &fact->value) ? SETTING_DEFAULT : SETTING_SET;
}

static int64_t sysctl_number(const struct socket_context *context, enum sysctl_id id, unsigned index)
{
	const struct sysctl_fact *fact = context && id < SYSCTL_COUNT ? &context->sysctls.fact[id] : NULL;

	return fact && fact->known && fact->count > index ? fact->number[index] : -1;
}

/* net/core/sock.c: min(asked, cap), then doubled, then raised to the least. */
static void asked_derive(struct socket_buffer *buffer)
{
	buffer->asked_bytes = buffer->granted_bytes / 2;
	if (buffer->setting != SETTING_FIXED)
		buffer->asked = buffer->setting == SETTING_AUTO ? ASKED_NOTHING : ASKED_UNKNOWN;
	else if (buffer->granted_bytes <= BUFFER_FLOOR_BYTES)
		buffer->asked = ASKED_AT_MOST;
	else if (buffer->cap_bytes < 0)
		buffer->asked = ASKED_UNKNOWN; /* it may have been cut */
	else
		buffer->asked = buffer->asked_bytes == (uint64_t)buffer->cap_bytes ? ASKED_AT_LEAST :
				buffer->asked_bytes > (uint64_t)buffer->cap_bytes  ? ASKED_BEYOND :
										     ASKED_EXACTLY;
}

/* RFC 7323: 16 bits, shifted by what the handshake settled. */
static void window_derive(const struct socket_fact *socket, struct socket_buffer *buffer)
{
	const struct tcp_fact *tcp = &socket->tcp;

	if (buffer->option != &catalogue[OPTION_rcvbuf] || socket->state != TCP_ESTABLISHED ||
	    socket->protocol != IPPROTO_TCP || !tcp_fact_has(tcp, TCP_FACT_rcv_wscale) ||
	    !tcp_fact_has(tcp, TCP_FACT_negotiated_bits))
		return;
	buffer->has_window = true;
	buffer->window_shift = tcp->negotiated_bits & NEGOTIATED_WSCALE ? (unsigned)tcp->rcv_wscale : 0;
	buffer->window_cap_bytes = (uint64_t)WINDOW_UNSCALED << buffer->window_shift;
	buffer->window_cuts = buffer->window_cap_bytes < buffer->usable_bytes;
}

bool socket_buffer(const struct socket_fact *socket, bool receive, const struct socket_context *context,
		   struct socket_buffer *ret)
{
	unsigned word = receive ? SK_MEMINFO_RCVBUF : SK_MEMINFO_SNDBUF;
	bool tcp = socket->protocol == IPPROTO_TCP;

	if (socket->skmem_count <= word || socket->family == AF_UNIX)
		return false;
	*ret = (struct socket_buffer){.option = &catalogue[receive ? OPTION_rcvbuf : OPTION_sndbuf]};
	ret->granted_bytes = socket->skmem[word];
	ret->usable_bytes = ret->granted_bytes / 2;
	ret->setting = socket_setting(ret->option, socket, context);
	ret->cap = sysctl_find(ret->option->limit);
	ret->cap_bytes = sysctl_number(context, ret->cap, 0);
	ret->autotune = tcp ? sysctl_find(ret->option->autotune) : SYSCTL_COUNT;
	ret->autotune_bytes = sysctl_number(context, ret->autotune, 2);
	asked_derive(ret);
	window_derive(socket, ret);
	return true;
}
