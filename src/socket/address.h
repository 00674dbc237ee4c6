/* Numeric addresses with ports, as text and as sockaddr. Resolves no names of hosts. */
#ifndef SOCKET_ADDRESS_H
#define SOCKET_ADDRESS_H
#include <stddef.h>
#include <sys/socket.h>

/* "[::]:7000", "127.0.0.1:0", "[fe80::1%2]:80", "[fe80::1%eth0]:80". 0, -EINVAL, or -ENODEV: no interface has that name;
 * outputs untouched on failure. */
int address_parse(const char *text, struct sockaddr_storage *ret, socklen_t *ret_length);
/* As snprintf. What is neither IPv4 nor IPv6 is named by its family's number. */
int address_format(const struct sockaddr *, socklen_t, char *text, size_t size);
/* Takes over the port of `from`. */
void address_set_port(struct sockaddr_storage *, const struct sockaddr_storage *from);
#endif
