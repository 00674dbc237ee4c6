/* What the parts of `sockctl show` share: what was asked for, and the ways to print it. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H
#include <netinet/tcp.h>
#include "cli/filter_operands.h"
#include "cli/view/socket_rows.h"
#include "cli/view/socket_setting.h"
#include "observe/sockets.h"
#include "record/sink.h"

/* UDP sockets without a peer are "closed". */
#define SHOW_LISTENERS (1u << TCP_LISTEN | 1u << TCP_CLOSE)
#define SHOW_CONNECTED (~(SHOW_LISTENERS | 1u << TCP_TIME_WAIT))

struct show;
struct envelope;
struct diff;
/* A way to print: one each in show_lines.c and show_json.c. */
struct show_form {
	void (*begin)(struct show *);
	void (*socket)(struct show *, const struct socket_fact *);
	void (*end)(struct show *, const struct sockets_outcome *);
};
extern const struct show_form show_lines, show_pages, show_json, show_ndjson, show_diff, show_diff_json;

struct show {
	struct sockets_query query;
	const struct show_form *form;
	bool pretty, headless, v4, v6;
	unsigned more;               /* MORE_OWNERS... */
	const char *columns;         /* of -o; NULL: the usual ones */
	const char *sort;
	unsigned top;
	struct filter *filter;       /* owned */
	struct netns_list *netns;    /* owned; NULL: our own */
	const char *netns_name;      /* as -N has it */
	char text[FILTER_BYTES];     /* of the filter */
	const char *diff_file;       /* of --diff; NULL: none */
	struct diff *diff;           /* owned */
	bool verbose;
	struct envelope *envelope;   /* owned: when the walk began */
	struct socket_context *context;              /* owned: of `context_netns`; NULL: not asked for yet */
	const struct netns_fact *context_netns;
	struct socket_rows rows;
	struct sink sink;
	struct option_texts *texts;  /* owned; of JSON */
};

enum { SHOW_DONE = -1 };             /* no error, but there is nothing left to do */
/* Columns and order, from the flags; EXIT_FINE, SHOW_DONE after having listed the columns, or the exit code after an
 * error. */
int show_lines_prepare(struct show *);
/* Reads the earlier look and sees that it can be compared; EXIT_FINE, or the exit code after an error. */
int show_diff_prepare(struct show *);
void show_diff_release(struct show *);
/* What the socket's namespace says of its options; NULL without memory for it. */
const struct socket_context *show_context(struct show *, const struct socket_fact *);
/* What the manual says from the tables. */
void show_reference(FILE *);
extern const struct command command_show;
#endif
