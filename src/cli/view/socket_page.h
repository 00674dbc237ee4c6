/* One socket in full, for people. */
#ifndef CLI_VIEW_SOCKET_PAGE_H
#define CLI_VIEW_SOCKET_PAGE_H
#include <stdio.h>
#include "cli/view/socket_setting.h"
#include "record/table.h"

/* width 0: no terminal. context NULL: nothing is known of the namespace. */
void socket_page(FILE *, const struct socket_fact *, const struct socket_context *, unsigned width);
/* Its parts. */
void socket_page_buffers(FILE *, const struct socket_fact *, const struct socket_context *, unsigned width);
void socket_page_options(FILE *, const struct socket_fact *, const struct socket_context *, unsigned width);
void socket_page_tcp(FILE *, const struct socket_fact *, unsigned width);
/* Prints and releases it, below its title; nothing if it has no rows. */
void page_section(FILE *, const char *title, struct table *, unsigned width);
#endif
