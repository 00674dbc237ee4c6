/* Sockets for tests of what is shown of them. */
#ifndef TEST_SOCKET_SAMPLE_H
#define TEST_SOCKET_SAMPLE_H
#include "fact/socket_fact.h"

/* An established one of TCP, known to be nobody's. */
struct socket_fact connection(const char *local, uint16_t port, const char *peer, uint16_t peer_port);
/* On 127.0.0.1. */
struct socket_fact listener(uint16_t port, unsigned queue, unsigned limit);
#endif
