/* Where to listen: ITEM[ ITEM...], an ITEM being [tcp:|udp:][HOST][%DEVICE]:PORT. */
#include "socket/endpoint.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "base/text.h"
#include "catalog/option.h"
#include "socket/address.h"

#define SEPARATORS " ,\t\n"

static int endpoint_refuse(const char *text, int code, struct sockctl_error *error)
{
	if (code != -EINVAL && code != -ENODEV)
		return error_set(error, code, "if_nametoindex", text, NULL);
	return error_set(error, code, "address", text, "%s",
			 code == -ENODEV ?
				 "no interface here has that name" :
				 "expects a numeric ADDRESS:PORT such as 127.0.0.1:8080, [::]:443, [fe80::1%eth0]:80 "
				 "or udp:[::]%eth0:53; :80 is every address, port 0 picks one");
}

/* "udp:" and "tcp:" are words of ours, and no host begins like that. */
static const char *protocol_take(const char *text, uint8_t *ret)
{
	*ret = strncmp(text, "udp:", 4) ? PROTOCOL_TCP : PROTOCOL_UDP;
	return strncmp(text, "udp:", 4) && strncmp(text, "tcp:", 4) ? text : text + 4;
}

/* What an interface may be called (net/core/dev.c, dev_valid_name), but for the characters that have a meaning here. */
static bool device_is_legal(const char *name, size_t length, size_t room)
{
	return length && length < room && strcspn(name, "%/:[]") >= length &&
	       !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

/* "HOST%DEVICE:PORT" into "HOST:PORT" and DEVICE. The % within brackets is a scope. */
static int device_take(char *text, char device[], size_t room)
{
	char *bracket = strchr(text, ']'), *percent = strchr(bracket ? bracket : text, '%'), *colon;
	size_t length;

	if (!percent)
		return 0;
	colon = strchr(percent, ':');
	length = colon ? (size_t)(colon - percent - 1) : 0;
	if (!colon || !device_is_legal(percent + 1, length, room))
		return -EINVAL;
	memcpy(device, percent + 1, length);
	device[length] = 0;
	memmove(percent, colon, strlen(colon) + 1);
	return 0;
}

/* No host, or ss's *, is every address of both families. */
static int host_take(const char *text, struct endpoint *endpoint)
{
	const char *port = text + (*text == '*');
	char all[16];

	endpoint->both = *port == ':';
	if (!endpoint->both)
		return address_parse(text, &endpoint->address, &endpoint->length);
	if (strlen(port) > strlen(":65535"))
		return -EINVAL;
	snprintf(all, sizeof all, "[::]%s", port);
	return address_parse(all, &endpoint->address, &endpoint->length);
}

static int endpoint_parse(struct endpoint *endpoint)
{
	char text[sizeof endpoint->text];
	int r;

	snprintf(text, sizeof text, "%s", protocol_take(endpoint->text, &endpoint->protocol));
	r = device_take(text, endpoint->device, sizeof endpoint->device);
	return r ? r : host_take(text, endpoint);
}

int endpoint_next(const char **list, struct endpoint *ret, struct sockctl_error *error)
{
	const char *start = *list + strspn(*list, SEPARATORS);
	size_t length = strcspn(start, SEPARATORS);
	struct endpoint endpoint = {0};
	int r;

	if (!length)
		return 0;
	snprintf(endpoint.text, sizeof endpoint.text, "%.*s", (int)(length < INT16_MAX ? length : INT16_MAX), start);
	r = length < sizeof endpoint.text ? endpoint_parse(&endpoint) : -EINVAL;
	if (r)
		return endpoint_refuse(endpoint.text, r, error);
	*list = start + length;
	*ret = endpoint;
	return 1;
}

int endpoint_count(const char *list, struct sockctl_error *error)
{
	struct endpoint endpoint;
	int r = 0, count = 0;

	while (list && (r = endpoint_next(&list, &endpoint, error)) > 0)
		count++;
	if (r)
		return r;
	return count ? count : endpoint_refuse("", -EINVAL, error);
}

int endpoint_format(const struct endpoint *endpoint, char *text, size_t size)
{
	struct text out = {text, size, 0};
	char address[80];
	const char *colon;

	address_format((const struct sockaddr *)&endpoint->address, endpoint->length, address, sizeof address);
	colon = strrchr(address, ':');
	text_add(&out, "%s", endpoint->protocol == PROTOCOL_UDP ? "udp:" : "");
	if (!colon)
		text_add(&out, "%s", address);
	else
		text_add(&out, "%.*s%s%s%s", endpoint->both ? 0 : (int)(colon - address), address,
			 *endpoint->device ? "%" : "", endpoint->device, colon);
	return (int)out.length;
}

void endpoint_make_ipv4(struct endpoint *endpoint)
{
	struct sockaddr_in four = {.sin_family = AF_INET};

	four.sin_port = ((const struct sockaddr_in6 *)(const void *)&endpoint->address)->sin6_port;
	memset(&endpoint->address, 0, sizeof endpoint->address);
	memcpy(&endpoint->address, &four, sizeof four);
	endpoint->length = sizeof four;
}
