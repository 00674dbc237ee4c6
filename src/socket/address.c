/* Numeric addresses with ports. inet_pton and inet_ntop only: of names, those of interfaces alone are looked up. */
#include "socket/address.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "base/units.h"

static int number_parse(const char *text, size_t length, int64_t max, int64_t *ret)
{
	int64_t value;

	if (!length || length != strspn(text, "0123456789") || units_parse(MEASURE_COUNT, text, length, &value) ||
	    value > max)
		return -EINVAL;
	*ret = value;
	return 0;
}

/* The host between `from` and `to`, as a string of its own. */
static int host_copy(char host[INET6_ADDRSTRLEN], const char *from, const char *to)
{
	if (to <= from || to - from >= INET6_ADDRSTRLEN)
		return -EINVAL;
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = 0;
	return 0;
}

/* An interface by its index or its name, as it stands after the % of an address (RFC 4007 section 11). */
static int scope_parse(const char *text, size_t length, uint32_t *ret)
{
	char name[IF_NAMESIZE];
	int64_t index;

	if (!number_parse(text, length, UINT32_MAX, &index)) {
		*ret = (uint32_t)index;
		return 0;
	}
	if (!length || length >= sizeof name || strspn(text, "0123456789") >= length)
		return -EINVAL;
	memcpy(name, text, length);
	name[length] = 0;
	index = if_nametoindex(name);
	if (!index) /* it opens a socket to ask, for which there may be no descriptor left */
		return errno ? -errno : -ENODEV;
	*ret = (uint32_t)index;
	return 0;
}

static int ipv6_parse(const char *text, const char *end, int64_t port, struct sockaddr_in6 *ret)
{
	const char *percent = memchr(text, '%', (size_t)(end - text));
	char host[INET6_ADDRSTRLEN];

	if (host_copy(host, text, percent ? percent : end) || inet_pton(AF_INET6, host, &ret->sin6_addr) != 1)
		return -EINVAL;
	ret->sin6_family = AF_INET6;
	ret->sin6_port = htons((uint16_t)port);
	return percent ? scope_parse(percent + 1, (size_t)(end - percent - 1), &ret->sin6_scope_id) : 0;
}

static int ipv4_parse(const char *text, const char *end, int64_t port, struct sockaddr_in *ret)
{
	char host[INET6_ADDRSTRLEN];

	if (host_copy(host, text, end) || inet_pton(AF_INET, host, &ret->sin_addr) != 1)
		return -EINVAL;
	ret->sin_family = AF_INET;
	ret->sin_port = htons((uint16_t)port);
	return 0;
}

int address_parse(const char *text, struct sockaddr_storage *ret, socklen_t *ret_length)
{
	const char *colon = strrchr(text, ':');
	struct sockaddr_storage address = {0};
	bool bracket = *text == '[';
	int64_t port;
	int r;

	if (!colon || number_parse(colon + 1, strlen(colon + 1), UINT16_MAX, &port))
		return -EINVAL;
	if (bracket && (colon == text || colon[-1] != ']'))
		return -EINVAL;
	r = bracket ? ipv6_parse(text + 1, colon - 1, port, (struct sockaddr_in6 *)(void *)&address) :
		      ipv4_parse(text, colon, port, (struct sockaddr_in *)(void *)&address);
	if (r)
		return r;
	*ret_length = bracket ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	*ret = address;
	return 0;
}

int address_format(const struct sockaddr *address, socklen_t length, char *text, size_t size)
{
	const struct sockaddr_in6 *six = (const void *)address;
	const struct sockaddr_in *four = (const void *)address;
	char host[INET6_ADDRSTRLEN], scope[16] = "";

	if (length >= sizeof *four && address->sa_family == AF_INET &&
	    inet_ntop(AF_INET, &four->sin_addr, host, sizeof host))
		return snprintf(text, size, "%s:%u", host, ntohs(four->sin_port));
	if (length < sizeof *six || address->sa_family != AF_INET6 ||
	    !inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host))
		return snprintf(text, size, "address family %d",
				length >= sizeof address->sa_family ? address->sa_family : 0);
	if (six->sin6_scope_id)
		snprintf(scope, sizeof scope, "%%%u", (unsigned)six->sin6_scope_id);
	return snprintf(text, size, "[%s%s]:%u", host, scope, ntohs(six->sin6_port));
}

void address_set_port(struct sockaddr_storage *address, const struct sockaddr_storage *from)
{
	/* sin_port and sin6_port lie at the same offset */
	((struct sockaddr_in *)(void *)address)->sin_port = ((const struct sockaddr_in *)(const void *)from)->sin_port;
}
