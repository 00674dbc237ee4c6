/* Whole reads of a netlink socket, of any bytes: the walk over messages, and each of them as one of inet_diag and
 * of unix_diag, with the options that they tell. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include "observe/diag_options.h"
#include "observe/unix_diag.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fact_check(struct socket_fact *socket, uint8_t protocol)
{
	static struct option_fact options[OPTION_COUNT];

	socket->protocol = protocol;
	if (socket->skmem_count > SOCKET_SKMEM || strnlen(socket->path, sizeof socket->path) > SOCKET_PATH)
		abort();
	if (socket->known & KNOWN_ULP && strnlen(socket->ulp, sizeof socket->ulp) == sizeof socket->ulp)
		abort();
	if (socket->known & KNOWN_CONGESTION &&
	    strnlen(socket->congestion, sizeof socket->congestion) == sizeof socket->congestion)
		abort();
	diag_options(socket, options);
	for (unsigned id = 0; id < OPTION_COUNT; id++) {
		char text[80];

		if (options[id].source != SOURCE_NONE)
			value_format(&catalogue[id], &options[id].value, text, sizeof text);
	}
}

static int message_visit(void *arg, const void *payload, size_t size)
{
	static struct socket_fact socket;

	(void)arg;
	if (!diag_parse(payload, size, &socket)) {
		fact_check(&socket, IPPROTO_TCP);
		fact_check(&socket, IPPROTO_UDP);
	}
	if (!unix_diag_parse(payload, size, &socket))
		fact_check(&socket, 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct netlink_reading reading = {.sequence = 1, .visit = message_visit};
	void *messages = malloc(size ? size : 1);

	if (!messages)
		return 0;
	memcpy(messages, data, size);
	netlink_parse(&reading, messages, size);
	netlink_ends(1, messages, size);
	message_visit(NULL, messages, size);
	free(messages);
	return 0;
}
