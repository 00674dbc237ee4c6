/* Names for what a finding is about. */
#include "doctor/subject.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

static void address_text(uint8_t family, const uint8_t *address, uint16_t port, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, address, host, sizeof host);
	snprintf(text, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
}

static void socket_text(const struct socket_fact *socket, char *text, size_t size)
{
	char local[64], peer[64];

	address_text(socket->family, socket->source, socket->source_port, local, sizeof local);
	address_text(socket->family, socket->destination, socket->destination_port, peer, sizeof peer);
	if (socket->state == TCP_LISTEN)
		snprintf(text, size, "listener %s", local);
	else if (!socket->destination_port)
		snprintf(text, size, "UDP socket %s", local);
	else
		snprintf(text, size, "%s to %s", local, peer);
}

bool subject_port_is_ephemeral(const struct host *host, uint16_t port)
{
	const struct sysctl_fact *range = &host->sysctls.fact[SYSCTL_port_range];

	return range->known && range->count == 2 && port >= range->number[0] && port <= range->number[1];
}

static enum direction direction_of(const struct exam *exam, const struct socket_fact *socket)
{
	if (socket->state == TCP_LISTEN || exam->listener)
		return DIRECTION_IN;
	return socket->destination_port && subject_port_is_ephemeral(exam->host, socket->source_port) ?
		       DIRECTION_OUT :
		       DIRECTION_UNKNOWN;
}

static void subject_of_socket(const struct exam *exam, const struct socket_fact *socket, struct subject *ret,
			      struct finding *finding)
{
	bool own_port = socket->state == TCP_LISTEN || exam->listener || !socket->destination_port ||
			!subject_port_is_ephemeral(exam->host, socket->source_port);

	ret->owner = socket->owners_count ? socket->owners : NULL;
	/* What nobody has accepted yet is the business of whoever listens. */
	if (!ret->owner && exam->listener && exam->listener->fact.owners_count)
		ret->owner = exam->listener->fact.owners;
	ret->direction = direction_of(exam, socket);
	ret->port = own_port ? socket->source_port : socket->destination_port;
	socket_text(socket, finding->what, sizeof finding->what);
}

static void subject_of_destination(const struct destination *to_whom, struct subject *ret, struct finding *finding)
{
	char from[64], to[64];

	ret->owner = to_whom->owner.pid ? &to_whom->owner : NULL;
	ret->port = to_whom->peer_port;
	ret->direction = DIRECTION_OUT;
	inet_ntop(to_whom->source.family, to_whom->source.bytes, from, sizeof from);
	address_text(to_whom->peer.family, to_whom->peer.bytes, to_whom->peer_port, to, sizeof to);
	snprintf(finding->what, sizeof finding->what, "%s from %s to %s",
		 to_whom->protocol == IPPROTO_UDP ? "UDP sockets" : "connections", from, to);
}

void subject_of(const struct exam *exam, struct subject *ret, struct finding *finding)
{
	char from[64];

	*ret = (struct subject){0};
	if (exam->now) {
		subject_of_socket(exam, exam->now, ret, finding);
	} else if (exam->listener) {
		subject_of_socket(exam, &exam->listener->fact, ret, finding);
	} else if (exam->group) {
		subject_of_socket(exam, &exam->group->member[0]->fact, ret, finding);
	} else if (exam->destination) {
		subject_of_destination(exam->destination, ret, finding);
	} else if (exam->source) {
		ret->owner = exam->source->owner.pid ? &exam->source->owner : NULL;
		ret->direction = DIRECTION_OUT;
		inet_ntop(exam->source->address.family, exam->source->address.bytes, from, sizeof from);
		snprintf(finding->what, sizeof finding->what, "connections from %s", from);
	} else {
		snprintf(finding->what, sizeof finding->what, "this network namespace");
	}
}
