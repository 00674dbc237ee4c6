/* Facts of sockets that never were. */
#include "scene.h"
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>

static struct doctor *doctor;

static void sysctl_set(struct scene *scene, enum sysctl_id id, unsigned count, int64_t a, int64_t b, int64_t c)
{
	scene->host.sysctls.fact[id] = (struct sysctl_fact){.known = true, .count = count, .number = {a, b, c}};
}

void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof *scene);
	sysctl_set(scene, SYSCTL_somaxconn, 1, 4096, 0, 0);
	sysctl_set(scene, SYSCTL_syn_backlog, 1, 2048, 0, 0);
	sysctl_set(scene, SYSCTL_rmem_max, 1, 212992, 0, 0);
	sysctl_set(scene, SYSCTL_wmem_max, 1, 212992, 0, 0);
	sysctl_set(scene, SYSCTL_tcp_rmem, 3, 4096, 131072, 6291456);
	sysctl_set(scene, SYSCTL_tcp_wmem, 3, 4096, 16384, 4194304);
	sysctl_set(scene, SYSCTL_port_range, 2, 32768, 60999, 0);
	sysctl_set(scene, SYSCTL_fastopen, 1, 1, 0, 0);
	sysctl_set(scene, SYSCTL_slow_start_after_idle, 1, 1, 0, 0);
	port_range_count(&scene->host.ports, 32768, 60999, "");
	scene->host.idle_us = 600 * 1000000ull;
	scene->host.interval_us = 2000000;
	scene->counted.have = UINT64_MAX;
}

static struct scene_socket *socket_add(struct scene *scene, uint8_t protocol, uint8_t state, uint16_t port)
{
	struct scene_socket *socket = &scene->socket[scene->count++];
	struct socket_fact *fact = &socket->first;

	socket->owner = (struct owner_fact){.inode = 1000 + scene->count, .fd = 5, .pid = 100, .command = "python3"};
	fact->protocol = protocol;
	fact->family = AF_INET;
	fact->state = state;
	fact->source_port = port;
	inet_pton(AF_INET, "127.0.0.1", fact->source);
	fact->cookie = scene->count;
	fact->inode = socket->owner.inode;
	fact->skmem_count = SOCKET_SKMEM;
	fact->skmem[SK_MEMINFO_RCVBUF] = 131072;
	fact->skmem[SK_MEMINFO_SNDBUF] = 87040;
	return socket;
}

struct scene_socket *scene_listener(struct scene *scene, uint16_t port)
{
	struct scene_socket *socket = socket_add(scene, IPPROTO_TCP, TCP_LISTEN, port);

	socket->first.tcp.have = UINT64_MAX;
	socket->first.tcp.sacked_segs = 128;
	return socket;
}

struct scene_socket *scene_connection(struct scene *scene, uint16_t port, uint16_t peer)
{
	struct scene_socket *socket = socket_add(scene, IPPROTO_TCP, TCP_ESTABLISHED, port);
	struct tcp_fact *tcp = &socket->first.tcp;

	inet_pton(AF_INET, "127.0.0.1", socket->first.destination);
	socket->first.destination_port = peer;
	strcpy(socket->first.congestion, "cubic");
	socket->first.known = KNOWN_CONGESTION | KNOWN_OWNERS;
	tcp->have = UINT64_MAX;
	tcp->rtt_us = tcp->min_rtt_us = 20000;
	tcp->rto_us = 220000;
	tcp->mss_bytes = 1448;
	tcp->cwnd_segs = 10;
	tcp->snd_wnd_bytes = tcp->rcv_wnd_bytes = 65536;
	tcp->snd_wscale = tcp->rcv_wscale = 7;
	return socket;
}

struct scene_socket *scene_waiting(struct scene *scene, uint16_t port, uint16_t peer)
{
	struct scene_socket *socket = scene_connection(scene, port, peer);

	socket->first.inode = 0;
	return socket;
}

void scene_sysctl(struct scene *scene, enum sysctl_id id, int64_t number)
{
	sysctl_set(scene, id, 1, number, 0, 0);
}

struct scene_socket *scene_remote(struct scene *scene, uint16_t port, uint16_t peer)
{
	struct scene_socket *socket = scene_connection(scene, port, peer);

	inet_pton(AF_INET, "192.0.2.7", socket->first.source);
	inet_pton(AF_INET, "192.0.2.1", socket->first.destination);
	return socket;
}

struct scene_socket *scene_udp(struct scene *scene, uint16_t port)
{
	return socket_add(scene, IPPROTO_UDP, TCP_CLOSE, port);
}

void scene_option(struct scene_socket *socket, enum option_id id, int64_t number)
{
	socket->options[id].source = SOURCE_GETSOCKOPT;
	socket->options[id].value = (struct value){.form = FORM_NUMBER, .number = number};
}

void scene_option_auto(struct scene_socket *socket, enum option_id id, int64_t number)
{
	scene_option(socket, id, number);
	socket->options[id].value.form = FORM_AUTO;
}

void scene_settle(struct scene *scene)
{
	for (unsigned i = 0; i < scene->count; i++)
		scene->socket[i].second = scene->socket[i].first;
}

static void second_show(const struct scene_socket *socket)
{
	struct socket_fact fact = socket->second;
	bool told = false;

	for (unsigned id = 0; id < OPTION_COUNT; id++)
		told |= socket->options[id].source != SOURCE_NONE;
	fact.options = told ? socket->options : NULL;
	fact.owners = fact.inode ? &socket->owner : NULL;
	fact.owners_count = fact.inode ? 1 : 0;
	doctor_second(doctor, &fact);
}

/* Suspects are few: the first look copies them. */
static void suspects_show(const struct scene *scene)
{
	const struct socket_fact *suspect;

	for (unsigned i = 0; (suspect = doctor_suspect(doctor, i)); i++) {
		const struct scene_socket *socket = &scene->socket[suspect->cookie - 1];
		struct socket_fact fact = socket->second;

		for (unsigned n = 0; n < socket->between; n++) {
			if (n == socket->between - socket->between_well)
				fact.tcp.notsent_bytes = fact.tcp.unacked_segs = 0;
			doctor_between(doctor, i, &fact);
		}
	}
}

const struct finding *scene_ask(const struct scene *scene, enum rule_id id, unsigned *ret_count,
				struct tally *ret_tally)
{
	scene_end();
	if (doctor_new(&doctor, &scene->host, 1ull << id))
		return NULL;
	for (unsigned i = 0; i < scene->count; i++)
		if (!scene->socket[i].is_new)
			doctor_first(doctor, &scene->socket[i].first);
	suspects_show(scene);
	doctor_waited(doctor, scene->host.interval_us, &scene->counted);
	for (unsigned i = 0; i < scene->count; i++)
		if (!scene->socket[i].is_gone)
			second_show(&scene->socket[i]);
	doctor_finish(doctor, &scene->counted, &scene->use);
	*ret_tally = *doctor_tally(doctor, id);
	return doctor_findings(doctor, ret_count);
}

void scene_end(void)
{
	doctor_free(doctor);
	doctor = NULL;
}
