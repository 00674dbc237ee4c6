/* Copies of listeners, found by port. */
#include "doctor/listeners.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = sizeof((struct listeners *)0)->by_port / sizeof(unsigned) };

static int room_make(struct listeners *listeners)
{
	unsigned room = listeners->room ? 2 * listeners->room : 64;
	struct listener **listener;
	unsigned *next;

	if (listeners->count < listeners->room)
		return 0;
	listener = reallocarray(listeners->listener, room, sizeof *listener);
	if (!listener)
		return -ENOMEM;
	listeners->listener = listener;
	next = reallocarray(listeners->next, room, sizeof *next);
	if (!next)
		return -ENOMEM;
	listeners->next = next;
	listeners->room = room;
	return 0;
}

static struct listener *listener_copy(const struct socket_fact *fact, const struct past *before)
{
	struct listener *copy = calloc(1, sizeof *copy);

	if (!copy)
		return NULL;
	copy->fact = *fact;
	copy->fact.owners_count = fact->owners_count < LISTENER_OWNERS ? fact->owners_count : LISTENER_OWNERS;
	for (unsigned i = 0; i < copy->fact.owners_count; i++)
		copy->owners[i] = fact->owners[i];
	copy->fact.owners = copy->owners;
	if (fact->options) {
		copy->options = reallocarray(NULL, OPTION_COUNT, sizeof *copy->options);
		if (!copy->options) {
			free(copy);
			return NULL;
		}
		memcpy(copy->options, fact->options, OPTION_COUNT * sizeof *copy->options);
		copy->fact.options = copy->options;
	}
	copy->had_before = before != NULL;
	if (before)
		copy->before = *before;
	return copy;
}

static bool address_is_same(const struct socket_fact *a, const struct socket_fact *b)
{
	return a->family == b->family && a->source_port == b->source_port && a->interface == b->interface &&
	       !memcmp(a->source, b->source, a->family == AF_INET6 ? 16 : 4);
}

static void siblings_mark(struct listeners *listeners, struct listener *newcomer)
{
	for (unsigned i = listeners->by_port[newcomer->fact.source_port % PORTS]; i; i = listeners->next[i - 1]) {
		struct listener *listener = listeners->listener[i - 1];

		if (address_is_same(&listener->fact, &newcomer->fact))
			listener->shared = newcomer->shared = true;
	}
}

int listeners_add(struct listeners *listeners, const struct socket_fact *fact, const struct past *before)
{
	unsigned *head = &listeners->by_port[fact->source_port % PORTS], index = listeners->count;
	int r = room_make(listeners);

	if (r)
		return r;
	listeners->listener[index] = listener_copy(fact, before);
	if (!listeners->listener[index])
		return -ENOMEM;
	siblings_mark(listeners, listeners->listener[index]);
	listeners->next[index] = *head;
	*head = index + 1;
	listeners->count++;
	return 0;
}

static bool address_is_any(const struct socket_fact *fact)
{
	static const uint8_t any[16];

	return !memcmp(fact->source, any, fact->family == AF_INET6 ? 16 : 4);
}

/* A connection over IPv4 to a [::] listener has a socket of AF_INET6. */
static bool takes(const struct socket_fact *listener, const struct socket_fact *socket)
{
	size_t size = listener->family == AF_INET6 ? 16 : 4;

	return listener->source_port == socket->source_port && listener->family == socket->family &&
	       (!listener->interface || listener->interface == socket->interface) &&
	       (address_is_any(listener) || !memcmp(listener->source, socket->source, size));
}

struct listener *listeners_find(const struct listeners *listeners, const struct socket_fact *socket)
{
	struct listener *found = NULL;

	for (unsigned i = listeners->by_port[socket->source_port % PORTS]; i; i = listeners->next[i - 1]) {
		struct listener *listener = listeners->listener[i - 1];

		if (takes(&listener->fact, socket) && (!found || !address_is_any(&listener->fact)))
			found = listener;
	}
	return found;
}

static int address_compare(const struct socket_fact *a, const struct socket_fact *b)
{
	int r = a->family != b->family ? a->family - b->family : a->source_port - b->source_port;

	if (!r)
		r = memcmp(a->source, b->source, sizeof a->source);
	if (!r)
		r = a->interface < b->interface ? -1 : a->interface > b->interface;
	return r;
}

static int listener_compare(const void *left, const void *right)
{
	const struct listener *a = *(const struct listener *const *)left, *b = *(const struct listener *const *)right;
	int r = address_compare(&a->fact, &b->fact);

	return r ? r : a->fact.cookie < b->fact.cookie ? -1 : a->fact.cookie > b->fact.cookie;
}

int listeners_group(struct listeners *listeners)
{
	unsigned first = 0;

	if (!listeners->count)
		return 0;
	listeners->group = reallocarray(NULL, listeners->count, sizeof *listeners->group);
	listeners->member = reallocarray(NULL, listeners->count, sizeof *listeners->member);
	if (!listeners->group || !listeners->member)
		return -ENOMEM;
	memcpy(listeners->member, listeners->listener, listeners->count * sizeof *listeners->member);
	qsort(listeners->member, listeners->count, sizeof *listeners->member, listener_compare);
	for (unsigned i = 0; i < listeners->count; i++) {
		if (i && !address_compare(&listeners->member[i]->fact, &listeners->member[first]->fact)) {
			listeners->group[listeners->groups - 1].count++;
			continue;
		}
		first = i;
		listeners->group[listeners->groups++] = (struct listener_group){&listeners->member[i], 1};
	}
	return 0;
}

/* Half of what it may have: by the second look a burst has partly passed. Without cookies the sysctl counts as well. */
static bool is_near_its_limit(const struct listener *listener, const struct sysctl_fact *syn_backlog)
{
	uint64_t limit = listener->fact.tcp.sacked_segs;

	if (syn_backlog->known && syn_backlog->count && (uint64_t)syn_backlog->number[0] < limit)
		limit = (uint64_t)syn_backlog->number[0];
	return listener->handshakes && 2 * listener->handshakes >= limit;
}

const struct listener *listeners_flooded(const struct listeners *listeners, const struct sysctl_fact *syn_backlog)
{
	const struct listener *most = NULL;

	for (unsigned i = 0; i < listeners->count; i++)
		if (is_near_its_limit(listeners->listener[i], syn_backlog) &&
		    listeners->listener[i]->handshakes > (most ? most->handshakes : 0))
			most = listeners->listener[i];
	return most;
}

void listeners_release(struct listeners *listeners)
{
	for (unsigned i = 0; i < listeners->count; i++) {
		free(listeners->listener[i]->options);
		free(listeners->listener[i]);
	}
	free(listeners->listener);
	free(listeners->next);
	free(listeners->group);
	free(listeners->member);
	memset(listeners, 0, sizeof *listeners);
}
