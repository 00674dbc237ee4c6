/* The checks of one subject: what the row says against what the kernel does. */
#include "check.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

static void check_readback(struct subject *s, int fd, enum sockctl_phase phase, enum family family,
			   const struct value *asked)
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

/* Is the running kernel older than this version? */
static bool kernel_is_older(const char *since)
{
	struct utsname name;

	return since && !uname(&name) && strverscmp(name.release, since) < 0;
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
	if (error == ENOPROTOOPT && kernel_is_older(s->option->since))
		s->skip = "this kernel is older than the option";
	else if (row_refuses(s, phase) != (error != 0))
		complain(s, sockctl_phase_name(phase), family, "row says %s, kernel says %s",
			 row_refuses(s, phase) ? "refused" : "accepted", errno_name(error));
	else if (!error && row_honours(s, phase))
		check_readback(s, fd, phase, family, asked);
	stage_strike(&stage);
}

void check_phases(struct subject *s, enum family family)
{
	struct value asked;

	example_value(s->option, &asked);
	for (size_t i = 0; i < COUNT(phases) && !s->skip; i++)
		check_phase(s, family, phases[i], &asked);
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

void check_range(struct subject *s, enum family family)
{
	const struct option *o = s->option;

	if (first_honoured(s) == SOCKCTL_PHASES)
		return;
	if (o->kind == KIND_SWITCH) {
		check_number(s, family, 0, 0, true);
		check_number(s, family, 1, 0, true);
		return;
	}
	if (!codecs[o->kind]->ranged)
		return;
	check_number(s, family, o->min, 0, true);
	check_number(s, family, o->max, 0, true);
	if (o->kind != KIND_LINGER) /* -1 is its own notation for off */
		check_number(s, family, o->min - 1, s->place->below, false);
	if (o->max < INT32_MAX)
		check_number(s, family, o->max + 1, s->place->above, false);
}

/* A row that names no capability needs none; one that does is refused without, from free_max on. */
void check_capability(struct subject *s, enum family family)
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
		complain(s, "without capabilities", family, "row says %s, kernel says %s", errno_name(expected),
			 errno_name(error));
	stage_strike(&stage);
	if (o->free_max) {
		check_number(s, family, o->free_max, 0, false);
		check_number(s, family, o->free_max + 1, EPERM, false);
	}
	stage_restore_capabilities();
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
		complain(s, sockctl_phase_name(phase), family,
			 "row says it passes on, but the accepted socket lacks it");
	else if (!passes && differs && s->option->inherited == STAYS)
		complain(s, sockctl_phase_name(phase), family,
			 "row says it stays, but the accepted socket has changed");
	else if (!passes && differs && s->option->effect == EFFECT_NONE)
		complain(s, sockctl_phase_name(phase), family,
			 "row says it is in vain, but the accepted socket has it");
}

void check_inheritance(struct subject *s, enum family family)
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
void check_datagram(struct subject *s)
{
	int domain = row_governs(s, FAMILY_V4) ? AF_INET : AF_INET6;
	bool taken = option_protocols(s->option) & PROTOCOL_UDP && s->option->never != AT_ALL;
	struct value asked, got;
	int fd, error;

	if (s->place->level != IPPROTO_TCP && !taken)
		return; /* SOL_SOCKET takes everything everywhere, whether it means something there or not */
	example_value(s->option, &asked);
	fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	error = fd < 0 ? errno : subject_set(s, fd, &asked);
	s->checks++;
	if (taken != !error)
		complain(s, "datagram", FAMILY_V4, "row says %s, kernel says %s", taken ? "taken" : "not taken",
			 errno_name(error));
	else if (taken && !subject_get(s, fd, &got) && !reads_as_row_says(s, &asked, &got))
		complain(s, "datagram", FAMILY_V4, "not the row's relation");
	if (fd >= 0)
		close(fd);
}
