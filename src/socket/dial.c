/* Dialing several addresses at once: RFC 8305 over the caller's addresses, with the caller's clock and poll loop.
 * The order and the timing are race.c's, the single attempts attempt.c's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "socket/attempt.h"
#include "socket/race.h"
#include "socket/report.h"

enum dial_state { DIAL_OPEN, DIAL_WON, DIAL_CANCELLED };

struct dial {
	struct dialing how;
	enum dial_state state;
	struct race race;
	struct attempt attempt[SOCKCTL_DIAL_ADDRESSES];
};
_Static_assert(sizeof(struct dial) <= sizeof(struct sockctl_dial), "a dial outgrew its public room");
_Static_assert(_Alignof(struct sockctl_dial) >= _Alignof(struct dial), "a public dial must be aligned for its inside");

static struct dial *dial_of(struct sockctl_dial *dial)
{
	return (struct dial *)(void *)dial->opaque;
}

static const struct dial *dial_view(const struct sockctl_dial *dial)
{
	return (const struct dial *)(const void *)dial->opaque;
}

/* --- before the race --------------------------------------------------------------------------------------------- */

void sockctl_dial_init(struct sockctl_dial *opaque, const struct sockctl_spec *spec,
		       const struct sockctl_control *control)
{
	struct dial *dial = dial_of(opaque);

	memset(dial, 0, sizeof *dial);
	dial->how.spec = spec;
	dial->how.control = control;
	race_init(&dial->race);
}

int sockctl_dial_pace(struct sockctl_dial *opaque, int64_t delay_us, unsigned first_family_count)
{
	struct race *race = &dial_of(opaque)->race;

	if (delay_us && (delay_us < RACE_DELAY_MIN_US || delay_us > RACE_DELAY_MAX_US))
		return -ERANGE;
	race->delay_us = delay_us ? delay_us : RACE_DELAY_US;
	race->first_family_count = first_family_count ? first_family_count : RACE_FIRST_FAMILY_COUNT;
	return 0;
}

int sockctl_dial_bind(struct sockctl_dial *opaque, const struct sockaddr *local, socklen_t length)
{
	struct endpoint taken;
	int r = endpoint_take(&taken, local, length);

	if (!r)
		dial_of(opaque)->how.local[taken.any.sa_family == AF_INET6] = taken;
	return r;
}

int sockctl_dial_add(struct sockctl_dial *opaque, const struct sockaddr *address, socklen_t length)
{
	struct dial *dial = dial_of(opaque);
	struct endpoint new;
	int r = endpoint_take(&new, address, length);

	if (r)
		return r;
	for (unsigned i = 0; i < dial->race.count; i++)
		if (!memcmp(&dial->attempt[i].address, &new, sizeof new))
			return 0;
	if (dial->race.count == SOCKCTL_DIAL_ADDRESSES)
		return -ENOSPC;
	dial->attempt[dial->race.count] = attempt_new(&new);
	race_add(&dial->race, address->sa_family == AF_INET6 && !outgoing_is_mapped(address));
	return 0;
}

/* --- the race ---------------------------------------------------------------------------------------------------- */

/* The n-th attempt that was started. */
static unsigned address_of(const struct dial *dial, unsigned n)
{
	return dial->race.order[n];
}

static void under_way_close(struct dial *dial, int64_t now_us)
{
	for (unsigned i = 0; i < dial->race.count; i++)
		if (dial->attempt[i].state == SOCKCTL_ATTEMPT_UNDER_WAY)
			attempt_close(&dial->attempt[i], SOCKCTL_ATTEMPT_LOST, now_us);
}

static int dial_win(struct dial *dial, struct attempt *winner, int64_t now_us)
{
	int fd = winner->fd;

	winner->fd = -1; /* the caller's from now on */
	attempt_close(winner, SOCKCTL_ATTEMPT_WON, now_us);
	under_way_close(dial, now_us);
	dial->state = DIAL_WON;
	return fd;
}

/* Attempts under way, in the order of their start; number: which start each was, may be NULL. */
static unsigned pollfds_fill(const struct dial *dial, struct pollfd fds[], uint8_t number[], unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < dial->race.started; i++) {
		const struct attempt *attempt = &dial->attempt[address_of(dial, i)];

		if (attempt->state != SOCKCTL_ATTEMPT_UNDER_WAY)
			continue;
		if (n < max)
			fds[n] = (struct pollfd){.fd = attempt->fd, .events = POLLOUT};
		if (n < max && number)
			number[n] = (uint8_t)i;
		n++;
	}
	return n;
}

/* The fd of the winner, or -EINPROGRESS. Of two that are ready, the one that was started first is preferred. */
static int ready_check(struct dial *dial, int64_t now_us, struct sockctl_report *report)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	uint8_t number[SOCKCTL_DIAL_ADDRESSES];
	unsigned n = pollfds_fill(dial, fds, number, SOCKCTL_DIAL_ADDRESSES);

	if (!n || poll(fds, n, 0) <= 0)
		return -EINPROGRESS;
	for (unsigned i = 0; i < n; i++) {
		struct attempt *attempt = &dial->attempt[address_of(dial, number[i])];

		if (!fds[i].revents)
			continue;
		if (!attempt_finish(attempt, &dial->how, number[i], now_us, report))
			return dial_win(dial, attempt, now_us);
		race_failed(&dial->race, now_us, true);
	}
	return -EINPROGRESS;
}

static void next_start(struct dial *dial, int64_t now_us)
{
	unsigned address = (unsigned)race_next(&dial->race), number = dial->race.started;

	race_start(&dial->race, address, now_us);
	if (attempt_start(&dial->attempt[address], &dial->how, number, now_us))
		race_failed(&dial->race, now_us, false);
}

/* All have failed. What failed before anything was sent says little where another attempt got out of this host:
 * that there is no IPv6 here should not hide that nothing listens there. */
static int dial_fail(const struct dial *dial, struct sockctl_report *report)
{
	const struct attempt *attempt = &dial->attempt[address_of(dial, 0)];
	size_t used;

	for (unsigned i = 1; i < dial->race.started && !attempt->sent; i++)
		if (dial->attempt[address_of(dial, i)].sent)
			attempt = &dial->attempt[address_of(dial, i)];
	if (!report)
		return -attempt->error;
	attempt_tell(attempt, &dial->how, report);
	used = strlen(report->error.hint);
	if (dial->race.count > 1)
		snprintf(report->error.hint + used, sizeof report->error.hint - used, "; %u more failed",
			 dial->race.count - 1);
	return -attempt->error;
}

/* A step of what is over, or has not begun. */
static int dial_refuse(const struct dial *dial, int r, const char *why, struct sockctl_report *report)
{
	if (!report)
		return r;
	report_start(report, apply_spec(dial->how.spec));
	return error_set(&report->error, r, "dial", NULL, "%s", why);
}

static int step_check(const struct dial *dial, struct sockctl_report *report)
{
	if (report && report->size != sizeof *report)
		return -EINVAL;
	if (dial->state == DIAL_WON)
		return dial_refuse(dial, -EISCONN, "its connection was returned already", report);
	if (dial->state == DIAL_CANCELLED)
		return dial_refuse(dial, -ECANCELED, "it was cancelled before there was an answer", report);
	return dial->race.count ? 0 : dial_refuse(dial, -EDESTADDRREQ, "there is no address to connect to", report);
}

int sockctl_dial_step(struct sockctl_dial *opaque, int64_t now_us, struct sockctl_report *report)
{
	struct dial *dial = dial_of(opaque);
	int r = step_check(dial, report);

	if (r)
		return r;
	r = ready_check(dial, now_us, report);
	while (r == -EINPROGRESS && race_due_us(&dial->race) <= now_us) {
		next_start(dial, now_us);
		r = ready_check(dial, now_us, report);
	}
	if (r == -EINPROGRESS && race_next(&dial->race) < 0 && !pollfds_fill(dial, NULL, NULL, 0))
		return dial_fail(dial, report);
	return r;
}

/* --- what the caller waits for, and asks ------------------------------------------------------------------------- */

int sockctl_dial_timeout_ms(const struct sockctl_dial *opaque, int64_t now_us)
{
	const struct dial *dial = dial_view(opaque);
	int64_t due_us = dial->state == DIAL_OPEN ? race_due_us(&dial->race) : RACE_NEVER;

	if (due_us == RACE_NEVER)
		return -1;
	return due_us <= now_us ? 0 : (int)((due_us - now_us + 999) / 1000);
}

int sockctl_dial_pollfds(const struct sockctl_dial *opaque, struct pollfd fds[], unsigned max)
{
	return (int)pollfds_fill(dial_view(opaque), fds, NULL, max);
}

/* Those that were started in the order of their start, then those that wait. */
static int attempt_find(const struct dial *dial, unsigned index)
{
	if (index < dial->race.started)
		return (int)address_of(dial, index);
	index -= dial->race.started;
	for (unsigned i = 0; i < dial->race.count; i++)
		if (!dial->race.begun[i] && !index--)
			return (int)i;
	return -ENOENT;
}

int sockctl_dial_attempt(const struct sockctl_dial *opaque, unsigned index, struct sockctl_attempt *ret)
{
	const struct dial *dial = dial_view(opaque);
	int found = attempt_find(dial, index);
	const struct attempt *attempt;

	if (found < 0)
		return found;
	attempt = &dial->attempt[found];
	*ret = (struct sockctl_attempt){
		.length = attempt->address.length,
		.state = (enum sockctl_attempt_state)attempt->state,
		.error = attempt->error,
		.call = attempt->call,
		.started_us = attempt->started_us,
		.ended_us = attempt->ended_us,
	};
	memcpy(&ret->address, &attempt->address.any, attempt->address.length);
	return 0;
}

void sockctl_dial_cancel(struct sockctl_dial *opaque)
{
	struct dial *dial = dial_of(opaque);

	under_way_close(dial, -1);
	if (dial->state == DIAL_OPEN)
		dial->state = DIAL_CANCELLED;
}
