/* Between the two looks of `sockctl doctor`: waiting, and a short look at a few connections from time to time. */
#include <time.h>
#include "base/clock.h"
#include "cli/doctor.h"
#include "cli/stopping.h"
#include "observe/diag.h"

enum { LOOK_EVERY_US = 50000, LOOKS_MOST = 200 };

/* Until then, or until a signal says that it is enough. */
static void wait_until(uint64_t until_us)
{
	while (!stop_signal && clock_us() < until_us) {
		uint64_t left_us = until_us - clock_us();
		struct timespec time = {(time_t)(left_us / 1000000), (long)(left_us % 1000000) * 1000};

		if ((int64_t)left_us > 0)
			nanosleep(&time, NULL);
	}
}

/* How long until the next look: on average `every_us`, from half to one and a half times that, evenly spread, so that what
 * comes and goes regularly is not met at the same point of its turn each time. */
static uint64_t pause_us(uint64_t every_us, unsigned looks)
{
	const uint32_t golden =
		2654435769u; /* its share of 2^32: multiples of it lie as far from each other as can be */

	return every_us / 2 + (every_us * (uint64_t)(looks * golden) >> 32);
}

/* One that is gone, or cannot be asked for, is not looked at. */
static void look(struct doctor *doctor, struct netlink *netlink)
{
	const struct socket_fact *suspect;
	struct socket_fact now;

	for (unsigned i = 0; (suspect = doctor_suspect(doctor, i)) && !stop_signal; i++)
		if (!diag_again(netlink, suspect, &now))
			doctor_between(doctor, i, &now);
}

void visit_wait(struct visit *visit)
{
	uint64_t now_us = clock_us(), until_us = visit->started_us + (uint64_t)visit->for_us;
	uint64_t every_us = now_us < until_us ? (until_us - now_us) / LOOKS_MOST : 0;
	struct netlink *netlink = NULL;

	every_us = every_us < LOOK_EVERY_US ? LOOK_EVERY_US : every_us;
	if (doctor_suspect(visit->doctor, 0))
		netlink_open(&netlink, NULL); /* without it there are two looks, as of all others */
	for (unsigned looks = 1; netlink && !stop_signal; looks++) {
		uint64_t next_us = clock_us() + pause_us(every_us, looks);

		if (next_us >= until_us)
			break;
		wait_until(next_us);
		look(visit->doctor, netlink);
	}
	netlink_close(netlink);
	wait_until(until_us);
}
