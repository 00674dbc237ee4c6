/* What can be shown of a socket by name: a column of `show -o`, the key of --sort. First what is told of every
 * socket, then the numbers of TCP (fact/tcp_fact.def), then the options of the catalogue. */
#ifndef CLI_VIEW_SOCKET_COLUMN_H
#define CLI_VIEW_SOCKET_COLUMN_H
#include <stdio.h>
#include "fact/socket_fact.h"

enum socket_column {
	COLUMN_NOTE,
	COLUMN_PROTO,
	COLUMN_STATE,
	COLUMN_LOCAL,
	COLUMN_PEER,
	COLUMN_LOCAL_PORT,
	COLUMN_PEER_PORT,
	COLUMN_RECV_Q,
	COLUMN_SEND_Q,
	COLUMN_QUEUE,
	COLUMN_LIMIT,
	COLUMN_DROPS,
	COLUMN_TIMER,
	COLUMN_CC,
	COLUMN_OWNER,
	COLUMN_COMM,
	COLUMN_PID,
	COLUMN_USER,
	COLUMN_UID,
	COLUMN_UNIT,
	COLUMN_OWNER_CGROUP,
	COLUMN_NETNS,
	COLUMN_SHUTDOWN,
	COLUMN_ULP,
	COLUMN_CGROUP,
	COLUMN_CGROUP_ID,
	COLUMN_INODE,
	COLUMN_COOKIE,
	COLUMN_INTERFACE,
	COLUMN_MARK,
	COLUMN_RMEM_ALLOC,
	COLUMN_RCVBUF_BYTES,
	COLUMN_WMEM_ALLOC,
	COLUMN_SNDBUF_BYTES,
	COLUMN_WMEM_QUEUED,
	COLUMN_BACKLOG_BYTES,
	COLUMNS_OWN                  /* then TCP_FACT_COUNT facts, then the catalogue's options */
};

unsigned socket_column_count(void);
unsigned socket_column_of_fact(enum tcp_fact_id);
/* The length of a name without "_us" and the like: what ss calls it. */
size_t socket_column_stem(const char *name);
/* By its name; of a fact the stem serves too (rtt), of an option its aliases. -1 if there is none. */
int socket_column_find(const char *name, size_t length);
/* The least misspelt name, or NULL. */
const char *socket_column_nearest(const char *name, size_t length);
const char *socket_column_name(unsigned column);             /* "rtt_us" */
const char *socket_column_help(unsigned column);
/* "RTT": above the column. */
void socket_column_heading(unsigned column, char *text, size_t size);
bool socket_column_is_number(unsigned column);               /* aligned right, sorted as a number */
/* What has to be asked for: bits. */
enum { NEEDS_OWNERS = 1, NEEDS_OPTIONS = 2, NEEDS_PROCESS = 4, NEEDS_MARKS = 8 };
unsigned socket_column_needs(unsigned column);
/* "-" for what such a socket does not have, "?" for what nobody told. */
void socket_column_text(unsigned column, const struct socket_fact *, char *text, size_t size);
/* To sort by; false if it is not known, or no number. */
bool socket_column_number(unsigned column, const struct socket_fact *, double *ret);
/* Every name with what it means, as the manual has it. */
void socket_columns_list(FILE *, unsigned width);     /* width 0: no line is broken */
#endif
