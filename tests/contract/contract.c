/* The contract: every row of the catalogue against the running kernel, at every phase and for every family. Speaks TAP, one
 * line per option. Knows no option by name: what it expects is what the row says. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "catalog/value.h"
#include "fact/tcp_info.h"
#include "stage.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const enum sockctl_phase phases[] = {
	SOCKCTL_CREATED, SOCKCTL_PRE_LISTEN, SOCKCTL_LISTENING, SOCKCTL_CONNECTED, SOCKCTL_ACCEPTED,
};

/* One option in one of its places, and what was found out about it. */
struct subject {
	const struct option *option;
	const struct place *place;
	unsigned checks, wrong;
	const char *skip;            /* why the rest of it cannot be checked here */
};

static int64_t limits[OPTION_COUNT];         /* -1: none, or not readable */

__attribute__((format(printf, 4, 5)))
static void complain(struct subject *s, const char *where, enum family family, const char *format, ...)
{
	va_list args;

	s->wrong++;
	printf("# %s (%s) %s, %s: ", s->option->name, s->place->symbol ? s->place->symbol : "listen", where, family_names[family]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static const char *errno_name(int error)
{
	return error ? strerrorname_np(error) : "success";
}

/* --- setting and reading: one pair per via ------------------------------------------------------------------------- */

static int sockopt_set(const struct subject *s, int fd, const struct value *value)
{
	struct optval raw;

	value_encode(s->option, value, &raw);
	return setsockopt(fd, s->place->level, s->place->number, raw.raw, raw.length) ? errno : 0;
}

static int sockopt_get(const struct subject *s, int fd, struct value *ret)
{
	struct optval raw = {.length = sizeof raw.raw};

	if (s->option->kind != KIND_NAME && s->option->kind != KIND_RATE && s->option->kind != KIND_LINGER)
		raw.length = sizeof raw.number;
	if (getsockopt(fd, s->place->level, s->place->number, raw.raw, &raw.length))
		return errno;
	value_decode(s->option, &raw, ret);
	return 0;
}

static int listen_set(const struct subject *s, int fd, const struct value *value)
{
	(void)s;
	return listen(fd, (int)value->number) ? errno : 0;
}

/* Of a listener TCP_INFO tells the limit of the accept queue in tcpi_sacked. */
static int listen_get(const struct subject *s, int fd, struct value *ret)
{
	struct tcp_info_kernel info = {0};
	socklen_t length = sizeof info;

	(void)s;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return errno;
	*ret = (struct value){.number = info.tcpi_sacked};
	return 0;
}

static const struct {
	int (*set)(const struct subject *, int fd, const struct value *);        /* errno */
	int (*get)(const struct subject *, int fd, struct value *);
} accessors[VIA_COUNT] = {
	[VIA_SOCKOPT] = {sockopt_set, sockopt_get},
	[VIA_LISTEN] = {listen_set, listen_get},
	[VIA_SHARDS] = {NULL, NULL},                 /* no property of one socket */
};

static int subject_set(const struct subject *s, int fd, const struct value *value)
{
	return accessors[s->option->via].set(s, fd, value);
}

static int subject_get(const struct subject *s, int fd, struct value *ret)
{
	return accessors[s->option->via].get(s, fd, ret);
}

/* --- what the row says --------------------------------------------------------------------------------------------- */

static bool row_refuses(const struct subject *s, enum sockctl_phase phase)
{
	return s->option->never & AT(phase);
}

static bool row_honours(const struct subject *s, enum sockctl_phase phase)
{
	return !((s->option->never | s->option->late) & AT(phase));
}

static bool row_governs(const struct subject *s, enum family family)
{
	static const uint8_t traffic[FAMILIES] = {TRAFFIC_V4, TRAFFIC_V6, TRAFFIC_V6 | TRAFFIC_MAPPED};

	return (s->place->traffic ? s->place->traffic : TRAFFIC_ALL) & traffic[family];
}

static int64_t after_limit(const struct subject *s, int64_t asked)
{
	int64_t limit = limits[option_id(s->option)];

	return limit >= 0 && asked > limit ? limit : asked;
}

static bool reads_same(const struct subject *s, int64_t asked, int64_t got)
{
	return got == after_limit(s, asked);
}

/* net/core/sock.c never lets a buffer get smaller than SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF: a few KB, by architecture. */
static bool reads_doubled(const struct subject *s, int64_t asked, int64_t got)
{
	enum { SMALLEST_KNOWN = 8192 };
	int64_t doubled = 2 * after_limit(s, asked);

	return got == doubled || (got > doubled && got < SMALLEST_KNOWN);
}

static bool reads_masked(const struct subject *s, int64_t asked, int64_t got)
{
	return got == (after_limit(s, asked) & s->option->mask);
}

static bool reads_backoff(const struct subject *s, int64_t asked, int64_t got)
{
	int64_t step = 1, sum = asked ? 1 : 0, cap_s = 120;     /* tcp_retransmit wait doubles up to TCP_RTO_MAX */

	(void)s;
	while (sum < asked) {
		step = 2 * step < cap_s ? 2 * step : cap_s;
		sum += step;
	}
	return got == sum;
}

static bool reads_at_most(const struct subject *s, int64_t asked, int64_t got)
{
	return got > 0 && got <= after_limit(s, asked);
}

static bool (*const relations[READS_COUNT])(const struct subject *, int64_t asked, int64_t got) = {
	[READS_SAME] = reads_same, [READS_DOUBLED] = reads_doubled, [READS_MASKED] = reads_masked,
	[READS_BACKOFF] = reads_backoff, [READS_AT_MOST] = reads_at_most, [READS_NEVER] = NULL,
};

static bool reads_as_row_says(const struct subject *s, const struct value *asked, const struct value *got)
{
	if (got->form == FORM_TEXT)
		return value_equal(asked, got);
	return relations[s->option->reads](s, asked->number, got->number);
}

/* --- the checks ---------------------------------------------------------------------------------------------------- */

static void example_value(const struct option *option, struct value *ret)
{
	if (value_parse(option, option->example ? option->example : "on", ret)) {
		printf("Bail out! %s: its example does not parse\n", option->name);
		exit(1);
	}
}

static void check_readback(struct subject *s, int fd, enum sockctl_phase phase, enum family family, const struct value *asked)
{
	char wanted[64], read[64];
	struct value got;
	int error;

	if (s->option->reads == READS_NEVER)
		return;
	s->checks++;
	error = subject_get(s, fd, &got);
	if (error) {
		complain(s, sockctl_phase_name(phase), family, "cannot be read: %s", errno_name(error));
		return;
	}
	if (reads_as_row_says(s, asked, &got))
		return;
	value_format(s->option, asked, wanted, sizeof wanted);
	value_format(s->option, &got, read, sizeof read);
	complain(s, sockctl_phase_name(phase), family, "asked %s, reads %s: not the row's relation", wanted, read);
}

/* A fresh socket in this phase gets the value: refused or not as the row says, and read back. */
static void check_phase(struct subject *s, enum family family, enum sockctl_phase phase, const struct value *asked)
{
	struct stage stage;
	int fd = stage_build(&stage, family, phase, NULL), error;

	if (fd < 0) {
		complain(s, sockctl_phase_name(phase), family, "no socket: %s", errno_name(-fd));
		stage_strike(&stage);
		return;
	}
	error = subject_set(s, fd, asked);
	s->checks++;
	if (error == ENOPROTOOPT && s->option->since)
		s->skip = "this kernel is older than the option";
	else if (row_refuses(s, phase) != (error != 0))
		complain(s, sockctl_phase_name(phase), family, "row says %s, kernel says %s",
			 row_refuses(s, phase) ? "refused" : "accepted", errno_name(error));
	else if (!error && row_honours(s, phase))
		check_readback(s, fd, phase, family, asked);
	stage_strike(&stage);
}

static void check_phases(struct subject *s, enum family family)
{
	struct value asked;

	example_value(s->option, &asked);
	for (size_t i = 0; i < COUNT(phases) && !s->skip; i++)
		check_phase(s, family, phases[i], &asked);
}

static enum sockctl_phase first_honoured(const struct subject *s)
{
	for (size_t i = 0; i < COUNT(phases); i++)
		if (row_honours(s, phases[i]))
			return phases[i];
	return SOCKCTL_PHASES;
}

/* Sets a number that may lie outside the row's range; -1 if the kernel's type cannot even express it. */
static int number_try(struct subject *s, enum family family, int64_t number, bool readback)
{
	enum sockctl_phase phase = first_honoured(s);
	struct value asked = {.number = number}, back;
	struct optval raw;
	struct stage stage;
	int fd, error;

	value_encode(s->option, &asked, &raw);
	value_decode(s->option, &raw, &back);
	if (back.number != number || raw.length > sizeof raw.raw)
		return -1;
	fd = stage_build(&stage, family, phase, NULL);
	error = fd < 0 ? -fd : subject_set(s, fd, &asked);
	if (!error && readback)
		check_readback(s, fd, phase, family, &asked);
	stage_strike(&stage);
	return error;
}

static void check_number(struct subject *s, enum family family, int64_t number, int expected, bool readback)
{
	int error = number_try(s, family, number, readback);

	if (error < 0)
		return;
	s->checks++;
	if (error != expected)
		complain(s, "range", family, "%lld: row says %s, kernel says %s", (long long)number,
			 errno_name(expected), errno_name(error));
}

static void check_range(struct subject *s, enum family family)
{
	const struct option *o = s->option;

	if (o->kind == KIND_NAME || first_honoured(s) == SOCKCTL_PHASES)
		return;
	if (o->kind == KIND_SWITCH) {
		check_number(s, family, 0, 0, true);
		check_number(s, family, 1, 0, true);
		return;
	}
	check_number(s, family, o->min, 0, true);
	check_number(s, family, o->max, 0, true);
	if (o->kind != KIND_LINGER)          /* -1 is its own notation for off */
		check_number(s, family, o->min - 1, s->place->below, false);
	if (o->max < INT32_MAX)
		check_number(s, family, o->max + 1, s->place->above, false);
}

/* A row that names no capability needs none; one that does is refused without, from free_max on. */
static void check_capability(struct subject *s, enum family family)
{
	const struct option *o = s->option;
	enum sockctl_phase phase = first_honoured(s);
	struct value asked;
	struct stage stage;
	int fd, expected = o->capability && !o->free_max ? EPERM : 0, error;

	if (phase == SOCKCTL_PHASES || stage_drop_capabilities())
		return;
	example_value(o, &asked);
	fd = stage_build(&stage, family, phase, NULL);
	error = fd < 0 ? -fd : subject_set(s, fd, &asked);
	s->checks++;
	if (error != expected)
		complain(s, "without capabilities", family, "row says %s, kernel says %s", errno_name(expected), errno_name(error));
	stage_strike(&stage);
	if (o->free_max) {
		check_number(s, family, o->free_max, 0, false);
		check_number(s, family, o->free_max + 1, EPERM, false);
	}
	stage_restore_capabilities();
}

struct request {
	const struct subject *subject;
	const struct value *value;
};

static int request_make(int fd, void *arg)
{
	const struct request *request = arg;

	return -subject_set(request->subject, fd, request->value);
}

/* Reads the accepted socket of a listener that got the value (or none: NULL) in this phase; errno. */
static int child_read(const struct subject *s, enum family family, enum sockctl_phase phase, const struct value *value,
		      struct value *ret)
{
	struct request request = {s, value};
	struct stage_hook hook = {phase, request_make, &request};
	struct stage stage;
	int fd = stage_build(&stage, family, SOCKCTL_ACCEPTED, value ? &hook : NULL);
	int error = fd < 0 ? -fd : subject_get(s, fd, ret);

	stage_strike(&stage);
	return error;
}

/* Passed on: the child reads as asked, and not as it would have anyhow. Staying: it reads as it would have. */
static void check_child(struct subject *s, enum family family, enum sockctl_phase phase, const struct value *asked)
{
	struct value plain, child;
	bool passes = s->option->inherited == PASSES_ON && row_honours(s, phase), differs;
	int error = child_read(s, family, phase, NULL, &plain);

	error = error ? error : child_read(s, family, phase, asked, &child);
	s->checks++;
	if (error) {
		complain(s, sockctl_phase_name(phase), family, "no accepted socket to read: %s", errno_name(error));
		return;
	}
	differs = !value_equal(&plain, &child);
	if (reads_as_row_says(s, asked, &plain))
		complain(s, "example", family, "it is this kernel's default, so nothing can be seen");
	else if (passes && !(differs && reads_as_row_says(s, asked, &child)))
		complain(s, sockctl_phase_name(phase), family, "row says it passes on, but the accepted socket lacks it");
	else if (!passes && differs && s->option->inherited == STAYS)
		complain(s, sockctl_phase_name(phase), family, "row says it stays, but the accepted socket has changed");
}

static void check_inheritance(struct subject *s, enum family family)
{
	static const enum sockctl_phase before[] = {SOCKCTL_CREATED, SOCKCTL_PRE_LISTEN, SOCKCTL_LISTENING};
	struct value asked;

	if (option_is_pseudo(s->option) || s->option->reads == READS_NEVER)
		return;
	example_value(s->option, &asked);
	for (size_t i = 0; i < COUNT(before); i++)
		if (!row_refuses(s, before[i]))
			check_child(s, family, before[i], &asked);
}

/* Options of other protocols than TCP must be taken by a datagram socket, those of TCP alone by none. */
static void check_datagram(struct subject *s)
{
	int domain = row_governs(s, FAMILY_V4) ? AF_INET : AF_INET6;
	bool taken = option_protocols(s->option) & PROTOCOL_UDP;
	struct value asked, got;
	int fd, error;

	if (s->place->level != IPPROTO_TCP && !taken)
		return;              /* SOL_SOCKET takes everything everywhere, whether it means something there or not */
	example_value(s->option, &asked);
	fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = fd < 0 ? errno : subject_set(s, fd, &asked);
	s->checks++;
	if (taken != !error)
		complain(s, "datagram", FAMILY_V4, "row says %s, kernel says %s", taken ? "taken" : "not taken", errno_name(error));
	else if (taken && !subject_get(s, fd, &got) && !reads_as_row_says(s, &asked, &got))
		complain(s, "datagram", FAMILY_V4, "not the row's relation");
	if (fd >= 0)
		close(fd);
}

/* --- effects: a row that names one must show it where it honours the option, and not where it is too late ------------- */

static int64_t info_read(int fd, int64_t (*pick)(const struct tcp_info_kernel *))
{
	struct tcp_info_kernel info = {0};
	socklen_t length = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) ? -1 : pick(&info);
}

static int64_t pick_window_scale(const struct tcp_info_kernel *info)
{
	return info->tcpi_rcv_wscale;
}

static int64_t pick_segment(const struct tcp_info_kernel *info)
{
	return info->tcpi_snd_mss;
}

/* NULL: seen by reading the option itself back. */
static int64_t (*const effects[EFFECT_COUNT])(const struct tcp_info_kernel *) = {
	[EFFECT_NONE] = NULL, [EFFECT_BACKLOG] = NULL, [EFFECT_WINDOW_SCALE] = pick_window_scale,
	[EFFECT_SEGMENT] = pick_segment,
};

/* What the accepted socket shows when the value (or none: NULL) was set from the beginning, or at `late_phase` itself. */
static int64_t effect_read(const struct subject *s, enum family family, const struct value *value, bool late)
{
	struct request request = {s, value};
	struct stage stage;
	int64_t seen = -1;
	struct stage_hook hook = {SOCKCTL_CREATED, request_make, &request};
	int fd = stage_build(&stage, family, SOCKCTL_ACCEPTED, value && !late ? &hook : NULL);

	if (fd >= 0 && !(late && subject_set(s, fd, value)))
		seen = info_read(fd, effects[s->option->effect]);
	stage_strike(&stage);
	return seen;
}

static void check_effect(struct subject *s, enum family family)
{
	int64_t plain, early, late;
	struct value asked;

	if (!effects[s->option->effect])
		return;
	example_value(s->option, &asked);
	plain = effect_read(s, family, NULL, false);
	early = effect_read(s, family, &asked, false);
	late = effect_read(s, family, &asked, true);
	s->checks += 2;
	if (plain < 0 || early < 0 || early == plain)
		complain(s, "effect", family, "none: %lld without, %lld with it", (long long)plain, (long long)early);
	if ((late == plain) != !row_honours(s, SOCKCTL_ACCEPTED))
		complain(s, "effect", family, "set on the accepted socket: %lld, without it %lld", (long long)late, (long long)plain);
}

/* --- the walk ------------------------------------------------------------------------------------------------------ */

static void check_place(struct subject *s)
{
	for (enum family family = 0; family < FAMILIES; family++) {
		if (!row_governs(s, family))
			continue;
		check_phases(s, family);
		if (s->skip)
			return;
		check_range(s, family);
		check_inheritance(s, family);
		check_effect(s, family);
	}
	if (row_governs(s, FAMILY_V4))
		check_capability(s, FAMILY_V4);
	if (!option_is_pseudo(s->option))
		check_datagram(s);
}

static bool check_option(unsigned number, const struct option *option)
{
	struct subject s = {.option = option};

	if (!accessors[option->via].set) {
		printf("ok %u - %s # SKIP no property of one socket\n", number, option->name);
		return true;
	}
	for (size_t i = 0; i < COUNT(option->place); i++) {
		s.place = &option->place[i];
		if (i == 0 || s.place->symbol)
			check_place(&s);
	}
	printf("%sok %u - %s: %u checks", s.wrong ? "not " : "", number, option->name, s.checks);
	printf(s.skip ? " # SKIP %s\n" : "\n", s.skip);
	return !s.wrong;
}

/* Some limits belong to the whole host and cannot be seen from inside a namespace: they are read before and after. */
static void limits_read(void)
{
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		int64_t value;

		if (!option_limit_read(&catalogue[id], &value))
			limits[id] = value;
	}
}

int main(void)
{
	bool fine = true;
	int r;

	memset(limits, -1, sizeof limits);
	limits_read();
	r = stage_enter_namespace();
	if (r) {
		printf("1..0 # SKIP no network namespace: %s\n", strerror(-r));
		return 0;
	}
	limits_read();
	printf("1..%d\n", OPTION_COUNT - 1);
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		fine &= check_option(id, &catalogue[id]);
		fflush(stdout);
	}
	return !fine;
}
