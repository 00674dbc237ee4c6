/* show --diff FILE: what became of the sockets since an earlier look. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/error.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/earlier.h"
#include "cli/show.h"
#include "cli/view/socket.h"
#include "cli/view/socket_change.h"
#include "cli/view/socket_fit.h"
#include "record/table.h"

enum { CELL = 4096 };

struct diff {
	struct earlier earlier;
	double elapsed_s;
	struct table table;
	struct changes changes;
	uint64_t appeared, gone, changed, same;
};

/* Without `read` no socket was. */
static bool times_fit(const struct envelope *then, const struct envelope *now)
{
	if (then->origin.boot_us < 0)
		return false;
	return (!then->first_us && !then->last_us) ||
	       (then->first_us >= then->origin.boot_us && then->first_us <= then->last_us &&
		then->last_us < now->origin.boot_us);
}

static int envelope_refuse(struct sockctl_error *error, const char *file, const struct envelope *then,
			   const struct envelope *now)
{
	if (!*then->origin.boot_id || !*now->origin.boot_id || strcmp(then->origin.boot_id, now->origin.boot_id))
		return error_set(
			error, -EINVAL, "compare", file,
			"it was taken on another host or before another boot (%.64s); cookies name sockets only within one boot",
			*then->origin.name ? then->origin.name : "no name");
	if (then->origin.netns != now->origin.netns)
		return error_set(error, -EINVAL, "compare", file, "it was taken in another network namespace");
	if (strcmp(then->query, now->query) || strcmp(then->filter, now->filter))
		return error_set(
			error, -EINVAL, "compare", file,
			"it has other sockets: it was asked for \"%.60s\" and FILTER \"%.60s\", now it is \"%.60s\" and \"%.60s\"",
			then->query, then->filter, now->query, now->filter);
	if (then->origin.boot_us >= now->origin.boot_us)
		return error_set(error, -EINVAL, "compare", file, "it is not older than this moment");
	if (!times_fit(then, now))
		return error_set(error, -EINVAL, "compare", file,
				 "its times do not fit together: somebody has changed it");
	return 0;
}

/* A directory can be opened, and says no before it is read. */
static int file_open(const char *name, FILE **ret, struct sockctl_error *error)
{
	static const char next[] = "an earlier look is what `sockctl show -j >FILE` has written";
	struct stat status;
	FILE *file = fopen(name, "re");

	if (!file)
		return error_set(error, -errno, "open", name, "%s; %s", strerror(errno), next);
	if (!fstat(fileno(file), &status) && S_ISDIR(status.st_mode)) {
		fclose(file);
		return error_set(error, -EISDIR, "read", name, "it is a directory; %s", next);
	}
	*ret = file;
	return 0;
}

static int earlier_open(struct diff *diff, const char *name, struct sockctl_error *error)
{
	FILE *file = stdin;
	int r = strcmp(name, "-") ? file_open(name, &file, error) : 0;

	if (r)
		return r;
	r = earlier_read(&diff->earlier, file, name, error);
	if (file != stdin)
		fclose(file);
	return r;
}

/* Then they are asked for now, too. */
static bool earlier_has_options(const struct earlier *earlier)
{
	for (size_t i = 0; i < earlier->count; i++)
		if (earlier->socket[i].options_count)
			return true;
	return false;
}

int show_diff_prepare(struct show *show)
{
	struct sockctl_error error = {0};
	int r;

	show->diff = calloc(1, sizeof *show->diff);
	if (!show->diff)
		return fail_memory("the earlier look");
	r = earlier_open(show->diff, show->diff_file, &error);
	r = r ? r : envelope_refuse(&error, show->diff_file, &show->diff->earlier.envelope, show->envelope);
	if (r)
		return fail(&error, EXIT_USAGE);
	if (!show->diff->earlier.complete)
		fprintf(stderr, "sockctl show: %s is not complete: what is called new may have been there\n",
			show->diff_file);
	show->query.options |= earlier_has_options(&show->diff->earlier);
	show->diff->elapsed_s = (double)(show->envelope->origin.boot_us - show->diff->earlier.envelope.origin.boot_us) /
				1e6;
	return EXIT_FINE;
}

void show_diff_release(struct show *show)
{
	if (!show->diff)
		return;
	earlier_release(&show->diff->earlier);
	table_release(&show->diff->table);
	free(show->diff);
}

/* The socket's earlier self, marked as seen; NULL if it is new. */
static struct earlier_socket *earlier_self(struct show *show, const struct socket_fact *socket)
{
	struct earlier_socket *before = earlier_find(
		&show->diff->earlier, socket->netns ? socket->netns->inode : show->envelope->origin.netns,
		socket->cookie);

	if (before)
		before->seen = true;
	return before;
}

/* What has changed since the look at this very socket; *ret_us is how long that is. */
static const struct changes *changes_read(struct show *show, const struct earlier_socket *before,
					  const struct socket_fact *socket, double *ret_us)
{
	struct diff *diff = show->diff;
	double elapsed_us = (double)origin_now_us() - earlier_socket_us(&diff->earlier, before);

	*ret_us = elapsed_us < 1 ? 1 : elapsed_us;
	socket_changes(before, socket, *ret_us / 1e6, &diff->changes);
	return &diff->changes;
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void table_begin(struct diff *diff, bool headless)
{
	table_init(&diff->table, (const char *const[]){"SINCE", "PROTO", "LOCAL", "PEER", "CHANGES", NULL});
	diff->table.headless = headless;
}

static void diff_begin(struct show *show)
{
	show->rows.width = terminal_width(stdout);
	table_begin(show->diff, show->headless);
}

/* On a terminal both addresses leave room for what has changed. */
static const char *address_fit(const struct show *show, const char *address, char cell[CELL])
{
	enum { LEAST = 21, OTHERS = 51 };
	unsigned width = show->rows.width, most = width > OTHERS + 2 * LEAST ? (width - OTHERS) / 2 : LEAST;

	snprintf(cell, CELL, "%s", address ? address : "");
	text_harmless(cell);
	return width ? fit_text(cell, most) : cell;
}

static void diff_row(struct show *show, const char *what, const char *protocol, const char *local, const char *peer,
		     const char *changes)
{
	struct diff *diff = show->diff;
	char from[CELL], to[CELL];

	table_row(&diff->table, what, protocol, address_fit(show, local, from), address_fit(show, peer, to), changes);
	if (diff->table.rows < ROWS_AT_ONCE)
		return;
	table_print(&diff->table, stdout, show->rows.width);
	table_release(&diff->table);
	table_begin(diff, true);
}

static void diff_socket(struct show *show, const struct socket_fact *socket)
{
	struct earlier_socket *before = earlier_self(show, socket);
	struct diff *diff = show->diff;
	char local[512], peer[512], text[CELL] = "";
	double elapsed_us;

	if (before)
		socket_changes_text(changes_read(show, before, socket, &elapsed_us), show->verbose, text, sizeof text);
	diff->appeared += !before;
	diff->changed += before && *text;
	diff->same += before && !*text;
	if (before && !*text)
		return;
	socket_address_text(socket, true, local, sizeof local);
	socket_address_text(socket, false, peer, sizeof peer);
	diff_row(show, before ? "changed" : "new", socket_protocol_text(socket), local, peer,
		 before ? text : socket_state_text(socket));
}

static void diff_end(struct show *show, const struct sockets_outcome *outcome)
{
	struct diff *diff = show->diff;
	char elapsed[24];

	for (size_t i = 0; i < diff->earlier.count; i++) {
		const struct earlier_socket *socket = &diff->earlier.socket[i];

		if (socket->seen)
			continue;
		diff->gone++;
		diff_row(show, outcome->complete ? "gone" : "not seen", socket->protocol, socket->local, socket->peer,
			 socket->state);
	}
	if (diff->table.rows)
		table_print(&diff->table, stdout, show->rows.width);
	units_round(MEASURE_TIME, 1e6 * diff->elapsed_s, elapsed, sizeof elapsed);
	printf("%sIn %s: %llu new, %llu gone, %llu changed, %llu as before\n",
	       show->headless || !(diff->appeared + diff->gone + diff->changed) ? "" : "\n", elapsed,
	       (unsigned long long)diff->appeared, (unsigned long long)diff->gone, (unsigned long long)diff->changed,
	       (unsigned long long)diff->same);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void diff_json_begin(struct show *show)
{
	struct sink *sink = &show->sink;

	sink_init(sink, &sink_json, stdout, show->pretty);
	sink_object(sink, NULL);
	envelope_emit(sink, show->envelope, "sockctl.show.diff/1");
	sink_object(sink, "since");
	sink_string(sink, "file", show->diff_file);
	sink_integer(sink, "unix_us", show->diff->earlier.envelope.origin.unix_us);
	sink_integer(sink, "elapsed_us", (int64_t)(1e6 * show->diff->elapsed_s));
	sink_bool(sink, "complete", show->diff->earlier.complete);
	sink_close(sink);
	sink_array(sink, "sockets");
}

static void ends_emit(struct sink *sink, const char *change, uint64_t cookie, const char *protocol, const char *local,
		      const char *peer)
{
	sink_object(sink, NULL);
	sink_string(sink, "change", change);
	sink_integer(sink, "cookie", (int64_t)cookie);
	sink_string(sink, "protocol", protocol);
	sink_string(sink, "local", local);
	sink_string(sink, "peer", peer);
}

static void diff_json_socket(struct show *show, const struct socket_fact *socket)
{
	struct earlier_socket *before = earlier_self(show, socket);
	struct diff *diff = show->diff;
	char local[512], peer[512];
	double elapsed_us = 0;

	if (before)
		changes_read(show, before, socket, &elapsed_us);
	diff->appeared += !before;
	diff->changed += before && diff->changes.count;
	diff->same += before && !diff->changes.count;
	if (before && !diff->changes.count)
		return;
	socket_address_text(socket, true, local, sizeof local);
	socket_address_text(socket, false, peer, sizeof peer);
	ends_emit(&show->sink, before ? "changed" : "new", socket->cookie, socket_protocol_text(socket), local, peer);
	if (before) {
		sink_integer(&show->sink, "elapsed_us", (int64_t)elapsed_us);
		socket_changes_emit(&show->sink, &diff->changes);
	} else {
		socket_record(&show->sink, "socket", socket, show->verbose ? show_context(show, socket) : NULL, NULL);
	}
	sink_close(&show->sink);
}

static void diff_json_end(struct show *show, const struct sockets_outcome *outcome)
{
	struct diff *diff = show->diff;
	struct sink *sink = &show->sink;

	for (size_t i = 0; i < diff->earlier.count; i++) {
		const struct earlier_socket *socket = &diff->earlier.socket[i];

		if (socket->seen)
			continue;
		diff->gone++;
		ends_emit(sink, "gone", socket->cookie, socket->protocol, socket->local, socket->peer);
		sink_string(sink, "state", socket->state);
		sink_close(sink);
	}
	sink_close(sink);
	sink_integer(sink, "new", (int64_t)diff->appeared);
	sink_integer(sink, "gone", (int64_t)diff->gone);
	sink_integer(sink, "changed", (int64_t)diff->changed);
	sink_integer(sink, "same", (int64_t)diff->same);
	sink_bool(sink, "complete", outcome->complete && diff->earlier.complete);
	sink_string(sink, "why",
		    !outcome->complete            ? outcome->why :
		    !show->diff->earlier.complete ? "the earlier look is not complete" :
						    NULL);
	sink_close(sink);
}

const struct show_form show_diff = {diff_begin, diff_socket, diff_end};
const struct show_form show_diff_json = {diff_json_begin, diff_json_socket, diff_json_end};
