/* show as lines: which columns, in which order, and what the list leaves unsaid. */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include "cli/show.h"
#include "cli/view/socket_note.h"

static int column_unknown(const char *flag, const char *name, size_t length)
{
	const char *nearest = socket_column_nearest(name, length);

	return fail_usage(&command_show, "%s: no column is called \"%.*s\"%s%s%s; `sockctl show -o help` lists them",
			  flag, (int)length, name, nearest ? "; \"" : "", nearest ? nearest : "",
			  nearest ? "\" is" : "");
}

static enum layout_kind layout_kind_of(const struct show *show)
{
	const struct sockets_query *query = &show->query;
	uint32_t states = query->states & filter_states_mask(show->filter);

	if (states & ~SHOW_LISTENERS)
		return states & 1 << TCP_LISTEN ? LAYOUT_MIXED : LAYOUT_CONNECTIONS;
	return !query->udp                         ? LAYOUT_LISTENERS :
	       !query->tcp && !query->unix_sockets ? LAYOUT_DATAGRAMS :
						     LAYOUT_LISTENERS_ALL;
}

static int columns_prepare(struct show *show)
{
	const char *wrong;
	size_t length;
	int r;

	if (!show->columns) {
		bool several = show->query.tcp + show->query.udp + show->query.unix_sockets > 1;

		socket_layout_usual(&show->rows.layout, layout_kind_of(show),
				    show->more | (several ? MORE_PROTOCOLS : 0) | (show->query.tcp ? 0 : NO_TCP));
		return EXIT_FINE;
	}
	r = socket_layout_parse(&show->rows.layout, show->columns, &wrong, &length);
	if (r == -ENOENT)
		return column_unknown("-o", wrong, length);
	return r ? fail_usage(&command_show, "-o: more than %d columns", TABLE_COLUMNS) : EXIT_FINE;
}

static int order_prepare(struct show *show)
{
	struct socket_rows *rows = &show->rows;
	const char *name = show->sort;

	rows->sort = -1;
	rows->best_only = show->sort || show->top;
	rows->top = show->top;
	if (!name)
		return EXIT_FINE;
	rows->descending = *name == '-';
	name += *name == '-';
	rows->sort = socket_column_find(name, strlen(name));
	if (rows->sort < 0)
		return column_unknown("--sort", name, strlen(name));
	if (!rows->layout.chosen)
		socket_layout_add(&rows->layout, (unsigned)rows->sort);
	return EXIT_FINE;
}

static const char *flag_of_lines(const struct show *show)
{
	return show->columns ? "-o" : show->sort ? "--sort" : show->top ? "--top" : NULL;
}

static int flags_fit(const struct show *show)
{
	const char *flag = flag_of_lines(show);

	if (show->diff_file && show->more & (MORE_OWNERS | MORE_DETAILS | MORE_INTERNALS | MORE_MEMORY))
		return fail_usage(&command_show,
				  "-p, -e, -i and -m are of a list: --diff says what has changed, with -v all of it");
	if (show->diff_file && show->form == &show_ndjson)
		return fail_usage(&command_show, "--diff has lines or, with -j, one object: no --ndjson");
	if (flag)
		return fail_usage(&command_show, "%s is of lines: JSON, -v and --diff have a form of their own", flag);
	return EXIT_FINE;
}

int show_lines_prepare(struct show *show)
{
	unsigned needs = 0;
	int code;

	if (show->columns && !strcmp(show->columns, "help")) {
		socket_columns_list(stdout, 0);
		return SHOW_DONE;
	}
	if (show->form != &show_lines)
		return flags_fit(show);
	if (show->query.options)
		return fail_usage(&command_show,
				  "-O is of JSON: with -j or --ndjson; of lines -o has options as columns");
	code = columns_prepare(show);
	code = code ? code : order_prepare(show);
	if (code)
		return code;
	needs = socket_layout_needs(&show->rows.layout);
	if (show->rows.sort >= 0)
		needs |= socket_column_needs((unsigned)show->rows.sort);
	show->query.owners |= needs & NEEDS_OWNERS;
	show->query.options |= needs & NEEDS_OPTIONS;
	show->query.processes |= needs & NEEDS_PROCESS;
	show->query.marks |= needs & NEEDS_MARKS;
	return EXIT_FINE;
}

static void lines_begin(struct show *show)
{
	struct socket_rows *rows = &show->rows;

	rows->out = stdout;
	rows->width = terminal_width(stdout);
	rows->colour = terminal_colour(stdout);
	rows->headless = show->headless;
	rows->grouped = !show->columns && !rows->best_only && layout_kind_of(show) >= LAYOUT_LISTENERS;
}

static void lines_socket(struct show *show, const struct socket_fact *socket)
{
	socket_rows_add(&show->rows, socket);
}

/* "queue full 3, drops 12": the first word of each note's sample, the worst first. */
static void notes_warn(const struct socket_rows *rows)
{
	const char *before = "";

	for (unsigned kind = NOTE_COUNT; --kind > NOTE_NONE;) {
		const char *sample = note_rows[kind].sample;
		size_t length = strcspn(sample, "0123456789");

		length -= length && sample[length] && sample[length - 1] == 'x';
		while (length && sample[length - 1] == ' ')
			length--;
		if (rows->notes[kind])
			fprintf(stderr, "%s%.*s %llu", before, (int)length, sample,
				(unsigned long long)rows->notes[kind]);
		before = rows->notes[kind] ? ", " : before;
	}
	if (!*before)
		fprintf(stderr, "nothing");
}

static void lines_end(struct show *show, const struct sockets_outcome *outcome)
{
	struct socket_rows *rows = &show->rows;
	char missing[400];

	(void)outcome;
	socket_rows_end(rows);
	socket_rows_missing(rows, missing, sizeof missing);
	if (*missing)
		fprintf(stderr,
			"sockctl show: no room for %s; all of it is in a wider terminal, in a pipe, or chosen by -o\n",
			missing);
	if (!rows->seen && !rows->headless)
		fprintf(stderr, "sockctl show: no socket matches\n");
	if (rows->blocks > 1) {
		fprintf(stderr,
			"sockctl show: %llu sockets in %u blocks, each sorted by itself; in all of them stand out: ",
			(unsigned long long)rows->seen, rows->blocks);
		notes_warn(rows);
		fprintf(stderr, ". `--top 20` shows the worst of all\n");
	}
	if (rows->left_off && !rows->top)
		fprintf(stderr, "sockctl show: the first %d of %llu sockets in this order; a FILTER makes them fewer\n",
			ROWS_AT_ONCE, (unsigned long long)rows->seen);
}

const struct show_form show_lines = {lines_begin, lines_socket, lines_end};
