/* Effects on a listener and on those who call it. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "probe/effect.h"

enum { ADMITTED = 12, CALLERS = 24, SETTLED_MS = 200 };

/* Handshakes that the listener completes of CALLERS that call at once, when nobody accepts. */
static unsigned admitted_count(const struct stage *stage)
{
	int callers[CALLERS], patience_ms = SETTLED_MS;
	unsigned admitted = 0;

	for (unsigned i = 0; i < CALLERS; i++)
		callers[i] = stage_call(stage);
	for (unsigned i = 0; i < CALLERS; i++) {
		bool in = callers[i] >= 0 && !stage_wait(callers[i], POLLOUT, patience_ms);

		admitted += in;
		patience_ms = in ? patience_ms : 0; /* once one was kept waiting, all who got in have been told */
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

const struct effect_probe effect_backlog = {
	.show = show_backlog, .has_number = true, .number = ADMITTED, .decided = EFFECT_OFF_LISTENER};

/* A caller who says nothing is not handed over; one who speaks is. */
static struct probe_finding deferred_look(const struct stage *stage)
{
	int caller = stage_call(stage);
	bool waits, comes = false;

	if (caller < 0 || stage_wait(caller, POLLOUT, STAGE_PATIENCE_MS))
		return EFFECT_UNKNOWN("no connection came about");
	waits = stage_wait(stage->listener, POLLIN, SETTLED_MS) == -ETIMEDOUT;
	if (waits && send(caller, "x", 1, MSG_NOSIGNAL) == 1)
		comes = !stage_wait(stage->listener, POLLIN, STAGE_PATIENCE_MS);
	close(caller);
	return waits && !comes ? EFFECT_UNKNOWN("not even data brings the connection") : EFFECT_FINDING(waits);
}

/* A client that waits sends the handshake's last packet with its first data, or after 200 ms (TCP_DELACK_MAX,
 * net/ipv4/tcp_input.c tcp_rcv_synsent_state_process()). Else the connection is there at once. */
enum { AT_ONCE_MS = 100, DEFERRED_MS = 150 };

static struct probe_finding silence_watch(const struct effect_case *c, struct stage *stage, bool early)
{
	uint64_t start_us = clock_us();
	int r;

	stage->client = stage_socket(c->subject->family);
	if (stage->client < 0 || (early && effect_set(c, stage->client)) || stage_connect(stage, stage->client) ||
	    stage_wait(stage->client, POLLOUT, STAGE_PATIENCE_MS) || (!early && effect_set(c, stage->client)))
		return EFFECT_UNKNOWN("no connection came about");
	r = stage_wait(stage->listener, POLLIN, DEFERRED_MS);
	if (r == -ETIMEDOUT)
		return EFFECT_FINDING(true);
	return clock_us() - start_us < 1000 * AT_ONCE_MS ? EFFECT_FINDING(false) :
							   EFFECT_UNKNOWN("this machine is too busy to tell");
}

static struct probe_finding silence_look(const struct effect_case *c, bool early)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	struct stage stage;

	if (stage_build(&stage, c->subject->family, LISTENER_LISTENING, NULL) >= 0)
		finding = silence_watch(c, &stage, early);
	stage_strike(&stage);
	return finding;
}

/* Set on a client that is connected; that it would have been seen, one that has it in time shows. */
static struct probe_finding show_silent_client(const struct effect_case *c)
{
	struct probe_finding early = silence_look(c, true);

	return early.answer == PROBE_YES ? silence_look(c, false) :
					   EFFECT_UNKNOWN("a client that has it in time is not seen to wait");
}

static struct probe_finding show_deferred(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	struct stage stage;

	if (c->phase == PROBE_CONNECTING)
		return EFFECT_UNKNOWN("the handshake is half over");
	if (c->phase == PROBE_ESTABLISHED)
		return show_silent_client(c);
	if (effect_listen(&stage, c) >= 0)
		finding = deferred_look(&stage);
	stage_strike(&stage);
	return finding;
}

/* The namespace's tcp_fastopen lets clients send data without a cookie, and servers take it. */
static struct probe_finding syn_data_look(const struct stage *stage)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;
	int caller = stage_call_with_data(stage);
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");

	if (caller < 0)
		return finding;
	if (!stage_wait(caller, POLLOUT, STAGE_PATIENCE_MS) &&
	    !getsockopt(caller, IPPROTO_TCP, TCP_INFO, &info, &length))
		finding = EFFECT_FINDING(info.tcpi_options & TCPI_OPT_SYN_DATA);
	close(caller);
	return finding;
}

static struct probe_finding show_data_in_syn(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	struct stage stage;

	if (effect_listen(&stage, c) >= 0)
		finding = syn_data_look(&stage);
	stage_strike(&stage);
	return finding;
}

const struct effect_probe effect_deferred = {.show = show_deferred,
					     .decided = 1 << PROBE_ACCEPTED | 1 << PROBE_CLOSE_WAIT};
const struct effect_probe effect_data_in_syn = {.show = show_data_in_syn, .decided = EFFECT_OFF_LISTENER};

/* The listener, which takes data in SYNs, is at hand only when the client's turn has come. */
struct fast_caller {
	struct effect_case c;
	struct stage stage;
};

static int fast_caller_hook(int fd, void *arg)
{
	struct fast_caller *caller = arg;
	struct subject server = {&catalogue[OPTION_fastopen], 0, caller->c.subject->family};
	struct value queue = {.form = FORM_NUMBER, .number = 16};
	int error = subject_set(&server, caller->stage.listener, &queue);

	return -(error || !caller->c.value ? error : effect_set(&caller->c, fd));
}

static struct probe_finding show_data_in_own_syn(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	struct fast_caller caller = {.c = *c};
	struct stage_hook hook = {c->phase == PROBE_BOUND ? CLIENT_BOUND : CLIENT_UNBOUND, fast_caller_hook, &caller};
	struct tcp_info info = {0};
	socklen_t length = sizeof info;

	if (c->phase == PROBE_LISTENING)
		return EFFECT_UNKNOWN("a listener sends nothing with a SYN");
	if (stage_build(&caller.stage, c->subject->family, CHILD_ACCEPTED, &hook) >= 0 &&
	    !getsockopt(caller.stage.client, IPPROTO_TCP, TCP_INFO, &info, &length))
		finding = EFFECT_FINDING(info.tcpi_options & TCPI_OPT_SYN_DATA);
	stage_strike(&caller.stage);
	return finding;
}

const struct effect_probe effect_data_in_own_syn = {.show = show_data_in_own_syn, .decided = EFFECT_OFF_LISTENER};

/* --- the SYN that a listener keeps ----------------------------------------------------------------------------- */

/* Whoever has it, the accepted socket is asked; of a client's end, the client. */
static struct probe_finding show_saved_syn(const struct effect_case *c)
{
	static const enum stage_point points[PROBE_PHASES + 1] = {
		[PROBE_UNBOUND] = LISTENER_UNBOUND,       [PROBE_BOUND] = LISTENER_BOUND,
		[PROBE_LISTENING] = LISTENER_LISTENING,   [PROBE_CONNECTING] = CLIENT_CONNECTING,
		[PROBE_ESTABLISHED] = CLIENT_ESTABLISHED, [PROBE_ACCEPTED] = CHILD_ACCEPTED,
		[PROBE_CLOSE_WAIT] = CHILD_CLOSE_WAIT,    [PROBE_PHASES] = STAGE_POINTS,
	};
	struct effect_case copy = *c;
	struct stage_hook hook = {points[c->phase], effect_hook, &copy};
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	bool client = c->phase == PROBE_CONNECTING || c->phase == PROBE_ESTABLISHED;
	unsigned char syn[256];
	socklen_t length = sizeof syn;
	struct stage stage;

	if (stage_build(&stage, c->subject->family, CHILD_CLOSE_WAIT, &hook) >= 0 &&
	    !getsockopt(client ? stage.client : stage.accepted, IPPROTO_TCP, TCP_SAVED_SYN, syn, &length))
		finding = EFFECT_FINDING(length);
	stage_strike(&stage);
	return finding;
}

const struct effect_probe effect_saved_syn = {.show = show_saved_syn};
