/* How a socket looks: a record for programs, and the texts that lines and pages share. */
#ifndef CLI_VIEW_SOCKET_H
#define CLI_VIEW_SOCKET_H
#include "base/units.h"
#include "cli/view/socket_setting.h"
#include "fact/socket_fact.h"
#include "record/sink.h"

struct option_texts;

/* One object; key as of sink_object(). What is unknown is null. context NULL: without what is derived from it. texts
 * NULL: none are kept. */
void socket_record(struct sink *, const char *key, const struct socket_fact *, const struct socket_context *context,
		   struct option_texts *texts);
/* null, and "", of one that tells nothing. */
void socket_congestion_record(struct sink *, const char *key, const struct congestion_fact *);
void socket_congestion_text(const struct congestion_fact *, char *text, size_t size);
/* Why what sock_diag hides is not among the options; NULL: it is, or was not asked for. */
const char *socket_options_why(const struct socket_fact *);
const char *socket_protocol_text(const struct socket_fact *);        /* "tcp" */
const char *socket_state_text(const struct socket_fact *);           /* "established" */
/* "[::1]:443", "0.0.0.0%eth0:80" where it is bound to an interface, "*:80" of a listener for both families. */
void socket_address_text(const struct socket_fact *, bool source, char *text, size_t size);
/* The name of the interface to which it is bound, or its number where it has none here. */
void socket_interface_text(const struct socket_fact *, char *text, size_t size);
/* Of a socket without owners: "(not accepted)" waits in the queue of its listener, "(handshake)" is not complete yet
 * (or waits for data: TCP_DEFER_ACCEPT), "(closed)" was closed by its program; "-" nobody has it, "?" nobody could be seen. */
const char *socket_nobody_text(const struct socket_fact *);
/* "nginx[12,13,+6]", or that; of each program at most so many pids, and what there is room for. */
void socket_owners_text(const struct socket_fact *, unsigned pids_most, char *text, size_t size);
void socket_timer_text(const struct socket_fact *, char *text, size_t size); /* "keepalive 42s" */
void socket_user_text(uint32_t uid, char *text, size_t size);        /* "www-data", or the number */
/* "/system.slice/nginx.service"; "id:4711" of one that this user's mount does not show, or that is gone. */
void socket_cgroup_text(uint64_t id, char *text, size_t size);
enum measure socket_fact_measure(enum tcp_fact_id);
/* "42ms", "1.2M", "38.2mbit" (of bytes a second); a count as it is. */
void socket_fact_text(enum tcp_fact_id, uint64_t value, char *text, size_t size);
#endif
