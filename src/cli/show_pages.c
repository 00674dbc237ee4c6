/* show -v: each socket in full. What its namespace says of defaults and caps is read when the walk comes there. */
#include "cli/show.h"
#include <netinet/in.h>
#include <stdlib.h>
#include "cli/view/socket_page.h"
#include "observe/defaults.h"
#include "observe/sysctls.h"

static void defaults_fill(struct socket_context *context)
{
	for (unsigned udp = 0; udp < 2; udp++)
		for (unsigned six = 0; six < 2; six++)
			context->known[udp][six] = !defaults_read(
				six ? AF_INET6 : AF_INET, udp ? IPPROTO_UDP : IPPROTO_TCP, context->defaults[udp][six]);
}

/* The walk is in the socket's namespace while it shows it. */
const struct socket_context *show_context(struct show *show, const struct socket_fact *socket)
{
	if (!show->context)
		show->context = malloc(sizeof *show->context);
	else if (show->context_netns == socket->netns)
		return show->context;
	if (!show->context)
		return NULL;
	show->context_netns = socket->netns;
	sysctls_read(&show->context->sysctls);
	defaults_fill(show->context);
	return show->context;
}

static void pages_begin(struct show *show)
{
	show->rows.width = terminal_width(stdout);
}

static void pages_socket(struct show *show, const struct socket_fact *socket)
{
	const struct socket_context *context = show_context(show, socket);

	if (show->rows.seen++)
		putchar('\n');
	socket_page(stdout, socket, context, show->rows.width);
}

static void pages_end(struct show *show, const struct sockets_outcome *outcome)
{
	(void)outcome;
	if (!show->rows.seen)
		fprintf(stderr, "sockctl show: no socket matches\n");
}

const struct show_form show_pages = {pages_begin, pages_socket, pages_end};
