/* Hosts: 10/8, 193.233.7:80, [::1]:443, ::1, :ssh, inet6:[::]:80, unix:PATTERN. Resolves only through its caller's
 * names. */
#include "observe/filter_host.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/units.h"

static int whole_number(const char *text, int64_t max, int64_t *ret)
{
	int64_t value;

	if (!*text || units_parse(MEASURE_COUNT, text, strlen(text), &value) || value > max)
		return -EINVAL;
	*ret = value;
	return 0;
}

static int port_parse(const char *text, const struct filter_names *names, int32_t *ret)
{
	uint16_t service;
	int64_t number;

	if (!*text || !strcmp(text, "*")) {
		*ret = -1;
		return 0;
	}
	if (!whole_number(text, UINT16_MAX, &number)) {
		*ret = (int32_t)number;
		return 0;
	}
	if (*text >= '0' && *text <= '9')
		return -EINVAL;
	if (!names || !names->service || names->service(text, &service))
		return -ENOENT;
	*ret = service;
	return 0;
}

/* "inet:", "inet6:", "unix:": the family, and what follows it. */
static const char *family_cut(const char *text, uint8_t *ret)
{
	static const struct {
		const char *prefix;
		uint8_t family;
	} families[] = {{"inet6:", AF_INET6}, {"inet:", AF_INET}, {"unix:", AF_UNIX}};

	for (unsigned i = 0; i < sizeof families / sizeof *families; i++)
		if (!strncmp(text, families[i].prefix, strlen(families[i].prefix))) {
			*ret = families[i].family;
			return text + strlen(families[i].prefix);
		}
	*ret = *text == '/' || *text == '@' ? AF_UNIX : AF_UNSPEC;
	return text;
}

/* One to four numbers; those left out are 0, as in "10" and "192.168". */
static int ipv4_parse(const char *text, uint8_t ret[16])
{
	uint8_t bytes[4] = {0};
	unsigned count = 0;

	while (count < 4) {
		size_t length = strspn(text, "0123456789");
		char part[4] = "";
		int64_t number;

		if (!length || length >= sizeof part)
			return -EINVAL;
		memcpy(part, text, length);
		if (whole_number(part, UINT8_MAX, &number))
			return -EINVAL;
		bytes[count++] = (uint8_t)number;
		text += length;
		if (!*text)
			break;
		if (*text++ != '.')
			return -EINVAL;
	}
	if (*text)
		return -EINVAL;
	memcpy(ret, bytes, sizeof bytes);
	return 0;
}

static int address_numeric(const char *text, struct filter_host *host)
{
	if ((host->family != AF_INET && inet_pton(AF_INET6, text, host->address) == 1)) {
		host->family = AF_INET6;
		host->prefix_bits = 128;
		return 0;
	}
	if (host->family != AF_INET6 && !ipv4_parse(text, host->address)) {
		host->family = AF_INET;
		host->prefix_bits = 32;
		return 0;
	}
	return -EINVAL;
}

static int prefix_parse(char *address, int64_t *ret_bits)
{
	char *slash = strchr(address, '/');

	*ret_bits = -1;
	if (!slash)
		return 0;
	*slash = 0;
	return whole_number(slash + 1, 128, ret_bits);
}

static int address_resolve(const char *name, const struct filter_names *names, struct filter_host ret[])
{
	struct filter_host wanted = ret[0];
	int count;

	if (strchr(name, ':') || !names || !names->host || (*name >= '0' && *name <= '9'))
		return -EINVAL;
	count = names->host(name, wanted.family, ret, HOST_ADDRESSES);
	for (int i = 0; i < count; i++)
		ret[i].port = wanted.port;
	return count ? count : -ENOENT;
}

/* The address part, its brackets gone: into ret[0], or several from a name. */
static int address_parse(char *address, const struct filter_names *names, struct filter_host ret[])
{
	int64_t bits;

	if (!*address || !strcmp(address, "*"))
		return 1;
	if (prefix_parse(address, &bits))
		return -EINVAL;
	if (!strcmp(address, "*"))
		return bits <= 0 ? 1 : -EINVAL;
	if (address_numeric(address, &ret[0]))
		return bits < 0 ? address_resolve(address, names, ret) : -EINVAL;
	if (bits > ret[0].prefix_bits)
		return -EINVAL;
	ret[0].prefix_bits = bits < 0 ? ret[0].prefix_bits : (uint8_t)bits;
	return 1;
}

/* Where the port begins, its colon removed; "" without one. An address with several colons and no brackets is all
 * address. */
static int port_cut(char *text, char **ret_address, const char **ret_port)
{
	char *colon = strrchr(text, ':'), *close = strrchr(text, ']');

	*ret_address = text;
	*ret_port = "";
	if (*text == '[') {
		char *after = close ? close + 1 : text, *slash;

		if (!close)
			return -EINVAL;
		*close = 0;
		*ret_address = text + 1;
		slash = *after == '/' ? after : NULL;
		colon = strchr(after, ':');
		if ((*after && *after != ':' && !slash) || (slash && strchr(text + 1, '/')))
			return -EINVAL;
		if (colon)
			*colon = 0;
		if (slash) /* [2001:db8::]/32 */
			memmove(close, slash, strlen(slash) + 1);
	} else if (colon && strchr(text, ':') != colon) {
		return 0;
	} else if (colon) {
		*colon = 0;
	}
	if (colon)
		*ret_port = colon + 1;
	return 0;
}

int host_parse(const char *text, const struct filter_names *names, struct filter_host ret[HOST_ADDRESSES],
	       char pattern[FILTER_TEXT])
{
	char copy[FILTER_TEXT], *address;
	const char *port;
	int r;

	ret[0] = (struct filter_host){.port = -1};
	text = family_cut(text, &ret[0].family);
	if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
		return -EINVAL;
	if (ret[0].family == AF_UNIX) {
		memcpy(pattern, copy, sizeof copy);
		return 1; /* an empty pattern is that of sockets without a name */
	}
	if (!*copy || port_cut(copy, &address, &port))
		return -EINVAL;
	r = port_parse(port, names, &ret[0].port);
	return r ? r : address_parse(address, names, ret);
}

int host_parse_port(const char *text, const struct filter_names *names, struct filter_host *ret)
{
	*ret = (struct filter_host){.port = -1};
	text = family_cut(text, &ret->family);
	if (ret->family == AF_UNIX || !*text)
		return -EINVAL;
	return port_parse(*text == ':' ? text + 1 : text, names, &ret->port);
}
