/* How a socket looks: a line for people, a record for programs. */
#ifndef CLI_VIEW_SOCKET_H
#define CLI_VIEW_SOCKET_H
#include <stdio.h>
#include "fact/socket_fact.h"
#include "record/sink.h"
#include "record/table.h"

enum socket_view { VIEW_CONNECTIONS, VIEW_LISTENERS };

/* Columns that fit the terminal's width; 0: all of them. */
void socket_table_init(struct table *, enum socket_view, unsigned width, bool owners);
void socket_row(struct table *, enum socket_view, unsigned width, bool owners, const struct socket_fact *);
/* One object. What is unknown is null. */
void socket_record(struct sink *, const struct socket_fact *);
const char *socket_state_text(const struct socket_fact *);           /* "established" */
void socket_address_text(const struct socket_fact *, bool source, char *text, size_t size);  /* "[::1]:443" */
#endif
