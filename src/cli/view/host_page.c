/* The limits for people: a table where there is room for it, paragraphs where there is not. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/text.h"
#include "cli/view/host.h"
#include "doctor/host_roles.h"
#include "record/table.h"

enum { WIDE = 150 };
enum part { PART_LIMITS, PART_SHARED, PART_DEFAULTS, PART_OTHERS, PARTS };

const char *host_value_text(const struct sysctl_fact *fact)
{
	if (fact->code == -EOVERFLOW)
		return "too long for here: see the file";
	if (!fact->known)
		return fact->code == -ENOENT ? "not in this namespace" : "not to be read here";
	return *fact->text ? fact->text : "(empty)";
}

bool host_capped_known(const struct host_report *report, enum sysctl_id id, const char **ret_which)
{
	bool hidden = false;

	*ret_which = host_capped_which(id, &hidden);
	return *ret_which && report->facts.fact[id].known && (report->hidden_read || !hidden);
}

bool host_level(const struct host_report *report, enum sysctl_id id, uint64_t *ret_used, int64_t *ret_limit,
		const char **ret_unit)
{
	static const struct {
		enum sysctl_id sysctl;
		enum host_use_id use;
		unsigned number;
		const char *unit;
	} levels[] = {
		{SYSCTL_tcp_mem, HOST_USE_tcp_mem_pages, 1, "pages"},
		{SYSCTL_udp_mem, HOST_USE_udp_mem_pages, 1, "pages"},
		{SYSCTL_max_orphans, HOST_USE_tcp_orphans, 0, "connections"},
		{SYSCTL_max_tw_buckets, HOST_USE_tcp_time_waits, 0, "sockets"},
		{SYSCTL_file_max, HOST_USE_files, 0, "files"},
	};

	for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
		const struct sysctl_fact *fact = &report->facts.fact[id];

		if (levels[i].sysctl != id || fact->count <= levels[i].number ||
		    !(report->use.have >> levels[i].use & 1))
			continue;
		memcpy(ret_used, (const char *)&report->use + host_use_fields[levels[i].use].offset, sizeof *ret_used);
		*ret_limit = fact->number[levels[i].number];
		*ret_unit = levels[i].unit;
		return true;
	}
	return false;
}

/* "1 listener whose...", "2 listeners whose...": the first word that can is singular. */
static void counted_text(uint64_t count, const char *which, char *text, size_t size)
{
	const char *end = strstr(which, "s ");

	if (count == 1 && end)
		snprintf(text, size, "1 %.*s%s", (int)(end - which), which, end + 1);
	else
		snprintf(text, size, "%" PRIu64 " %s", count, which);
}

void host_now_text(const struct host_report *report, enum sysctl_id id, char *text, size_t size, bool *ret_marked)
{
	const char *which, *unit;
	uint64_t used;
	int64_t limit;

	*ret_marked = report->capped[id] > 0;
	if (host_capped_known(report, id, &which))
		counted_text(report->capped[id], which, text, size);
	else if (host_level(report, id, &used, &limit, &unit))
		snprintf(text, size, "%" PRIu64 " of %" PRId64 " %s", used, limit, unit);
	else
		snprintf(text, size, "-");
}

/* "caps backlog, fastopen; gates fastopen-connect" */
static void roles_text(enum sysctl_id id, char *buffer, size_t size)
{
	struct host_role roles[HOST_ROLES];
	unsigned count = host_roles(id, roles);
	struct text text = {buffer, size, 0};

	text_add(&text, "%s", count ? "" : "-");
	for (unsigned i = 0; i < count; i++)
		if (i && roles[i].role == roles[i - 1].role)
			text_add(&text, ", %s", roles[i].option->name);
		else
			text_add(&text, "%s%s %s", i ? "; " : "", roles[i].role, roles[i].option->name);
}

static enum part part_of(const struct host_report *report, enum sysctl_id id)
{
	const char *unit;
	uint64_t used;
	int64_t limit;

	if (host_limits(id))
		return PART_LIMITS;
	if (host_level(report, id, &used, &limit, &unit))
		return PART_SHARED;
	return sysctl_rows[id].option ? PART_DEFAULTS : PART_OTHERS;
}

/* Only the number stands in its column, which is narrow; of whom, stands with what the sysctl does. */
static void wide_row(struct table *table, const struct host_report *report, enum sysctl_id id)
{
	const struct sysctl_row *row = &sysctl_rows[id];
	char name[64], now[120], roles[160], what[400];
	const char *which;
	bool marked;

	host_now_text(report, id, now, sizeof now, &marked);
	snprintf(what, sizeof what, "%s%s%s; effective: %s", row->meaning, marked ? "; now " : "", marked ? now : "",
		 row->effective);
	if (host_capped_known(report, id, &which))
		snprintf(now, sizeof now, "%" PRIu64, report->capped[id]);
	roles_text(id, roles, sizeof roles);
	table_row(table, sysctl_name(row->path, name, sizeof name), host_value_text(&report->facts.fact[id]),
		  row->builtin, roles, now, what);
	if (marked)
		table_tone(table, TONE_WARN);
}

static void narrow_rows(struct table *table, const struct host_report *report, enum sysctl_id id)
{
	const struct sysctl_row *row = &sysctl_rows[id];
	char name[64], title[512], now[120], roles[160];
	bool marked;

	host_now_text(report, id, now, sizeof now, &marked);
	roles_text(id, roles, sizeof roles);
	snprintf(title, sizeof title, "%s = %s", sysctl_name(row->path, name, sizeof name),
		 host_value_text(&report->facts.fact[id]));
	table_section(table, title);
	table_row(table, "  does", row->meaning);
	table_row(table, "  default", row->builtin);
	if (strcmp(roles, "-"))
		table_row(table, "  options", roles);
	if (strcmp(now, "-")) {
		table_row(table, "  now", now);
		table_tone(table, marked ? TONE_WARN : TONE_PLAIN);
	}
	table_row(table, "  effective", row->effective);
}

static void limits_print(const struct host_report *report, bool all, bool wide, unsigned width, bool colour)
{
	static const char *const headings[] = {
		"SYSCTL", "VALUE", "DEFAULT", "OPTIONS", "NOW", "WHAT IT DOES; WHEN A CHANGE IS EFFECTIVE", NULL};
	static const char *const pair[] = {"SYSCTL", "", NULL};
	static const char *const titles[PARTS] = {"Limits of options", "Limits of all sockets together",
						  "Values of sockets that set none", "Others that bear on sockets"};
	struct table table;

	table_init(&table, wide ? headings : pair);
	table.headless = !wide;
	table.colour = colour;
	for (enum part part = 0; part < (all ? PARTS : PART_OTHERS); part++) {
		table_section(&table, titles[part]);
		for (enum sysctl_id id = 0; id < SYSCTL_COUNT; id++)
			if (part_of(report, id) == part)
				wide ? wide_row(&table, report, id) : narrow_rows(&table, report, id);
	}
	table_print(&table, stdout, width);
	table_release(&table);
}

static void owners_text(const struct host_socket *socket, char *buffer, size_t size)
{
	struct text text = {buffer, size, 0};

	text_add(&text, "%s", socket->owners ? "" : socket->owners_known ? "-" : "?");
	for (unsigned i = 0; i < socket->owners; i++)
		text_add(&text, "%s%s[%d]", i ? " " : "", socket->owner[i].command, (int)socket->owner[i].pid);
	if (socket->owners_total > socket->owners)
		text_add(&text, " +%u", socket->owners_total - socket->owners);
}

static void sockets_print(const struct host_report *report, unsigned width)
{
	static const char *const headings[] = {"AT THE LIMIT", "PROTO", "LOCAL", "PEER", "PROCESS", NULL};
	struct table table;

	if (!report->socket)
		return;
	putchar('\n');
	if (!report->sockets) {
		puts("no socket stands at a limit that can be seen on it");
		return;
	}
	table_init(&table, headings);
	for (enum sysctl_id id = 0; id < SYSCTL_COUNT; id++)
		for (unsigned i = 0; i < report->sockets; i++) {
			const struct host_socket *socket = &report->socket[i];
			char name[64], who[160];

			if (socket->sysctl != id)
				continue;
			owners_text(socket, who, sizeof who);
			table_row(&table, sysctl_name(sysctl_rows[id].path, name, sizeof name), socket->protocol,
				  socket->local, socket->peer, who);
		}
	table_print(&table, stdout, width);
	table_release(&table);
	if (report->sockets_left_out)
		printf("the first %d; %" PRIu64 " more are left out, `sockctl show` has all\n", HOST_SOCKETS,
		       report->sockets_left_out);
}

static void advice_wide_row(struct table *table, const struct host_report *report, const struct host_advice *advice)
{
	char name[64];

	table_row(table, sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name),
		  advice->enough ? "yes" : "no", host_value_text(&report->facts.fact[advice->sysctl]),
		  advice->enough ? "-" : advice->value, advice->why);
	if (!advice->enough)
		table_tone(table, TONE_WARN);
}

static void advice_narrow_rows(struct table *table, const struct host_report *report, const struct host_advice *advice)
{
	char name[64], title[512];

	snprintf(title, sizeof title, "%s = %s", sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name),
		 host_value_text(&report->facts.fact[advice->sysctl]));
	table_section(table, title);
	table_row(table, "  enough", advice->enough ? "yes" : "no");
	if (!advice->enough) {
		table_tone(table, TONE_WARN);
		table_row(table, "  needs", advice->value);
	}
	table_row(table, "  why", advice->why);
}

static void advice_print(const struct host_report *report, bool wide, unsigned width, bool colour)
{
	static const char *const headings[] = {"FOR THIS LOAD", "ENOUGH", "HAS", "NEEDS", "WHY", NULL};
	static const char *const pair[] = {"", "", NULL};
	struct table table;

	if (!report->advices)
		return;
	puts(wide ? "" : "\nFor this load");
	table_init(&table, wide ? headings : pair);
	table.headless = !wide;
	table.colour = colour;
	for (unsigned i = 0; i < report->advices; i++)
		wide ? advice_wide_row(&table, report, &report->advice[i]) :
		       advice_narrow_rows(&table, report, &report->advice[i]);
	table_print(&table, stdout, width);
	table_release(&table);
}

void host_page(const struct host_report *report, bool all, unsigned width, bool colour)
{
	bool wide = !width || width >= WIDE;
	char name[NETNS_NAME];

	if (report->netns_asked) {
		snprintf(name, sizeof name, "%s", report->netns.name);
		printf("network namespace %s (net:[%" PRIu64 "])\n\n", text_harmless(name), report->netns.inode);
	}
	limits_print(report, all, wide, width, colour);
	sockets_print(report, width);
	advice_print(report, wide, width, colour);
	if (!report->complete)
		printf("\nnot all sockets could be counted: %s\n", report->why);
}

void host_file(const struct host_report *report)
{
	unsigned lines = 0;

	for (unsigned i = 0; i < report->advices; i++) {
		const struct host_advice *advice = &report->advice[i];
		char name[64];

		if (advice->enough || advice->no_cure)
			continue;
		printf("# %s\n# takes effect: %s\n%s = %s\n", advice->why, sysctl_rows[advice->sysctl].effective,
		       sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name), advice->value);
		lines++;
	}
	if (!lines)
		printf("# what is set on this host suffices for this load\n");
}
