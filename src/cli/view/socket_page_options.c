/* Buffers and options of a socket: what is in effect, where it comes from, and what limits it. */
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/text.h"
#include "base/units.h"
#include "cli/view/socket.h"
#include "cli/view/socket_page.h"

enum { CELL = 2048, NAME = 64 };

static const char *size_text(uint64_t bytes, char text[24])
{
	units_round(MEASURE_SIZE, (double)bytes, text, 24);
	return text;
}

/* --- buffers ------------------------------------------------------------------------------------------------------ */

static void cap_add(const struct socket_buffer *buffer, struct text *text)
{
	char cap[24], name[NAME];

	sysctl_name(sysctl_rows[buffer->cap].path, name, sizeof name);
	if (buffer->cap_bytes < 0)
		text_add(text, "; the cap, %s, cannot be read here, so it may have been cut", name);
	else
		text_add(text, "; the cap is %s, %s", name, size_text((uint64_t)buffer->cap_bytes, cap));
}

static void asked_row(struct table *table, const struct socket_buffer *buffer)
{
	char cell[CELL], asked[24], most[24], name[NAME];
	struct text text = TEXT(cell);

	size_text(buffer->asked_bytes, asked);
	switch (buffer->asked) {
	case ASKED_NOTHING:
		if (buffer->autotune == SYSCTL_COUNT)
			text_add(&text, "nothing: it is the default");
		else
			text_add(&text, "nothing: the kernel tunes it, up to %s of %s (third number)",
				 buffer->autotune_bytes < 0 ? "the maximum" :
							      size_text((uint64_t)buffer->autotune_bytes, most),
				 sysctl_name(sysctl_rows[buffer->autotune].path, name, sizeof name));
		break;
	case ASKED_EXACTLY:
		text_add(&text, "%s, and it was granted: the kernel doubles what it grants", asked);
		cap_add(buffer, &text);
		break;
	case ASKED_AT_LEAST:
		text_add(&text, "%s or more: it is what the cap leaves of it", asked);
		cap_add(buffer, &text);
		break;
	case ASKED_BEYOND:
		text_add(&text, "%s, by SO_%sFORCE or before the cap was lowered", asked,
			 buffer->option == &catalogue[OPTION_rcvbuf] ? "RCVBUF" : "SNDBUF");
		cap_add(buffer, &text);
		break;
	case ASKED_AT_MOST:
		text_add(&text, "%s or less: it is the kernel's smallest", asked);
		break;
	default:
		if (buffer->setting == SETTING_FIXED)
			text_add(&text, "%s, or more", asked), cap_add(buffer, &text);
		else
			text_add(&text, "unknown: whether it was fixed tells only the owner's fd or the iterator");
	}
	table_row(table, "", "asked", cell);
}

static void window_row(struct table *table, const struct socket_fact *socket, const struct socket_buffer *buffer)
{
	char cell[CELL], cap[24], now[24];
	struct text text = TEXT(cell);

	if (!buffer->has_window)
		return;
	text_add(&text, "shift %u, fixed by the handshake: no more than %s can be announced", buffer->window_shift,
		 size_text(buffer->window_cap_bytes, cap));
	if (tcp_fact_has(&socket->tcp, TCP_FACT_rcv_wnd_bytes))
		text_add(&text, "; %s is now", size_text(socket->tcp.rcv_wnd_bytes, now));
	if (buffer->window_cuts)
		text_add(&text, ". The buffer would hold more: that part of it is of no use");
	table_row(table, "", "window", cell);
}

static void buffer_print(FILE *out, const struct socket_fact *socket, bool receive,
			 const struct socket_context *context, unsigned width)
{
	struct socket_buffer buffer;
	struct table table;
	char cell[CELL], size[24];

	if (!socket_buffer(socket, receive, context, &buffer))
		return;
	table_init(&table, (const char *const[]){"", "", "", NULL});
	snprintf(cell, sizeof cell, "%s (%" PRIu64 " bytes), %s: %s", size_text(buffer.granted_bytes, size),
		 buffer.granted_bytes, setting_names[buffer.setting], setting_help[buffer.setting]);
	table_row(&table, "", "granted", cell);
	asked_row(&table, &buffer);
	snprintf(cell, sizeof cell, "about %s of payload: the rest is the kernel's own for each packet",
		 size_text(buffer.usable_bytes, size));
	table_row(&table, "", "usable", cell);
	window_row(&table, socket, &buffer);
	page_section(out, receive ? "Receive buffer (rcvbuf)" : "Send buffer (sndbuf)", &table, width);
}

void socket_page_buffers(FILE *out, const struct socket_fact *socket, const struct socket_context *context,
			 unsigned width)
{
	buffer_print(out, socket, true, context, width);
	buffer_print(out, socket, false, context, width);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

/* The buffers have a part of their own. */
static bool is_listed(const struct option *option, const struct socket_fact *socket)
{
	return socket_takes_option(socket, option) && option->reads != READS_DOUBLED && !option_of_group(option);
}

static void option_row(struct table *table, const struct option *option, const struct socket_fact *socket,
		       const struct socket_context *context, enum setting setting)
{
	const struct option_fact *usual = socket_default(option, socket, context);
	char value[NAME], cell[CELL], was[NAME];
	struct text text = TEXT(cell);

	value_format(option, &socket->options[option_id(option)].value, value, sizeof value);
	text_add(&text, "%s", setting_names[setting]);
	if (setting == SETTING_SET && usual) {
		value_format(option, &usual->value, was, sizeof was);
		text_add(&text, " (default %s)", was);
	}
	text_add(&text, ": %s", option->summary);
	table_row(table, "", option->name, value, cell);
}

/* "keepalive=off linger=off ...", wrapped. */
static void list_print(FILE *out, const char *title, const char *list, unsigned width)
{
	struct table table;

	if (!*list)
		return;
	table_init(&table, (const char *const[]){"", "", NULL});
	table_row(&table, "", list);
	page_section(out, title, &table, width);
}

/* Where the others were read. */
static const char *untold_why(const struct option *option)
{
	if (option->reads == READS_NEVER)
		return " (getsockopt does not tell it; BPF can, with root's rights)";
	if (option->reads == READS_OTHER)
		return " (getsockopt tells something else under its name; BPF can, with root's rights)";
	return " (this kernel does not tell it)";
}

void socket_page_options(FILE *out, const struct socket_fact *socket, const struct socket_context *context,
			 unsigned width)
{
	char defaults[4 * CELL] = "", unknown[4 * CELL] = "", value[NAME];
	struct text usual = TEXT(defaults), hidden = TEXT(unknown);
	const char *why = socket_options_why(socket);
	struct table table;

	table_init(&table, (const char *const[]){"", "", "", "", NULL});
	for (const struct option *option = catalogue + 1; option < catalogue + OPTION_COUNT; option++) {
		const struct option_fact *fact = socket->options ? &socket->options[option_id(option)] : NULL;
		enum setting setting = socket_setting(option, socket, context);

		if (!is_listed(option, socket))
			continue;
		if (!fact || fact->source == SOURCE_NONE) {
			text_add(&hidden, "%s%s%s", hidden.length ? " " : "", option->name,
				 why ? "" : untold_why(option));
		} else if (setting == SETTING_DEFAULT) {
			value_format(option, &fact->value, value, sizeof value);
			text_add(&usual, "%s%s=%s", usual.length ? " " : "", option->name, value);
		} else {
			option_row(&table, option, socket, context, setting);
		}
	}
	page_section(out, "Options", &table, width);
	list_print(out, "Options at their defaults", defaults, width);
	list_print(out, "Options that nothing tells of this socket", unknown, width);
	list_print(out, "Why", why ? why : "", width);
}
