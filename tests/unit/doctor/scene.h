/* Sockets as the doctor is shown them, made of facts: nothing is opened. */
#ifndef UNIT_DOCTOR_SCENE_H
#define UNIT_DOCTOR_SCENE_H
#include "doctor/doctor.h"

enum { SCENE_SOCKETS = 128, SCENE_OWNERS = 4 };

/* One socket at both looks. The second starts as a copy of the first: scene_settle() makes it so. */
struct scene_socket {
	struct socket_fact first, second;
	struct option_fact options[OPTION_COUNT]; /* of the second look */
	struct owner_fact owner;
	bool is_new, is_gone;           /* only at the second look; only at the first */
	unsigned between, between_well; /* looks in between if it is a suspect: as the second; of them, with all sent */
};

struct scene {
	struct host host;
	struct host_fact counted;
	struct host_use use;
	struct scene_socket socket[SCENE_SOCKETS];
	unsigned count;
};

/* A namespace with the kernel's usual sysctls, no sockets, two seconds between the looks. */
void scene_init(struct scene *);
/* A listener of python3[100] on 127.0.0.1:port with an empty queue; its limit is 128. */
struct scene_socket *scene_listener(struct scene *, uint16_t port);
/* An established TCP connection 127.0.0.1:port to 127.0.0.1:peer of python3[100], 20 ms away, quiet, with every
 * tcp_fact known. */
struct scene_socket *scene_connection(struct scene *, uint16_t port, uint16_t peer);
/* The same to another host, 192.0.2.1. */
struct scene_socket *scene_remote(struct scene *, uint16_t port, uint16_t peer);
/* An UDP socket. */
struct scene_socket *scene_udp(struct scene *, uint16_t port);
/* One that is part of a listener's queue at both looks: nobody has accepted it. */
struct scene_socket *scene_waiting(struct scene *, uint16_t port, uint16_t peer);
void scene_sysctl(struct scene *, enum sysctl_id, int64_t number);
/* The option as read from the owner. */
void scene_option(struct scene_socket *, enum option_id, int64_t number);
void scene_option_auto(struct scene_socket *, enum option_id, int64_t number);
/* The second look from the first; then change what has changed. */
void scene_settle(struct scene *);
/* Asks one rule: its findings, of a doctor that lives until the next call. */
const struct finding *scene_ask(const struct scene *, enum rule_id, unsigned *ret_count, struct tally *ret_tally);
void scene_end(void); /* frees the last doctor */
#endif
