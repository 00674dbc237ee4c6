/* Effects on a listener and on those who call it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "probe/effect.h"

enum { ADMITTED = 12, CALLERS = 24, SETTLED_MS = 200 };

/* Handshakes that the listener completes of CALLERS that call at once, when nobody accepts. */
static unsigned admitted_count(const struct stage *stage)
{
	int callers[CALLERS];
	unsigned admitted = 0;

	for (unsigned i = 0; i < CALLERS; i++)
		callers[i] = stage_call(stage);
	for (unsigned i = 0; i < CALLERS; i++) {
		admitted += callers[i] >= 0 && !stage_wait(callers[i], POLLOUT, admitted > ADMITTED ? 0 : SETTLED_MS);
		if (callers[i] >= 0)
			close(callers[i]);
	}
	return admitted;
}

/* n admits n + 1 (include/net/sock.h sk_acceptq_is_full): the stage's own listen() admits fewer. */
static struct probe_finding show_backlog(const struct effect_case *c)
{
	struct effect_case copy = *c;
	struct stage_hook hook = {LISTENER_LISTENING, effect_hook, &copy};
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	struct stage stage;

	if (c->value && c->phase != PROBE_LISTENING)
		return EFFECT_UNKNOWN("the listen() that shows it would overwrite it");
	if (stage_build(&stage, c->subject->family, LISTENER_LISTENING, c->value ? &hook : NULL) >= 0)
		finding = EFFECT_FINDING(admitted_count(&stage) == ADMITTED + 1);
	stage_strike(&stage);
	return finding;
}

const struct effect_probe effect_backlog = {.show = show_backlog, .number = ADMITTED, .decided = EFFECT_OFF_LISTENER};
