/* Where a socket is, in the notation that sockctl_listen reads. */
#include <errno.h>
#include <string.h>
#include "catalog/option.h"
#include "socket/access.h"
#include "socket/endpoint.h"

int sockctl_local_address(int fd, char *text, size_t size)
{
	struct endpoint endpoint = {.length = sizeof endpoint.address};
	struct value device = {.form = FORM_TEXT};
	int type;
	socklen_t length = sizeof type;

	if (getsockname(fd, (struct sockaddr *)&endpoint.address, &endpoint.length) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length))
		return -errno;
	if (endpoint.address.ss_family != AF_INET && endpoint.address.ss_family != AF_INET6)
		return -EAFNOSUPPORT;
	endpoint.protocol = type == SOCK_DGRAM ? PROTOCOL_UDP : PROTOCOL_TCP;
	if (!access_get(fd, &catalogue[OPTION_bind_device], 0, &device))
		memcpy(endpoint.device, device.text, sizeof endpoint.device);
	return endpoint_format(&endpoint, text, size);
}
