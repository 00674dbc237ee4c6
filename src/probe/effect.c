/* Which probe shows which effect, and the connection that most of them look at. */
#include "probe/effect.h"
#include <errno.h>
#include <net/if.h>
#include <sys/socket.h>
#include "socket/access.h"

#define EFFECT_OF(ID, id) [EFFECT_##ID] = &effect_##id,
static const struct effect_probe *const effects[EFFECT_COUNT] = {EFFECT_LIST(EFFECT_OF)};

const struct effect_probe effect_none = {0};

static int other_set(int fd, enum option_id id, int64_t number)
{
	const struct option *option = &catalogue[id];
	struct value value = {.form = FORM_NUMBER, .number = number};

	if (!number && value_parse(option, option->example ? option->example : "on", &value))
		return EINVAL;
	return -access_set(fd, option, 0, &value);
}

int effect_set(const struct effect_case *c, int fd)
{
	const struct option *option = c->subject->option;
	int error = option->needs ? other_set(fd, option->needs, 0) : 0;

	return error ? error : subject_set(c->subject, fd, c->value);
}

int effect_hook(int fd, void *effect_case)
{
	return -effect_set(effect_case, fd);
}

/* --- the connection -------------------------------------------------------------------------------------------- */

/* Until a socket is connected, the one to look at is the client; what a listener gets, its child shows. */
void scene_build(struct scene *scene, const struct effect_case *c)
{
	static const enum stage_point points[PROBE_PHASES + 1] = {
		[PROBE_UNBOUND] = CLIENT_UNBOUND,         [PROBE_BOUND] = CLIENT_BOUND,
		[PROBE_LISTENING] = LISTENER_LISTENING,   [PROBE_CONNECTING] = CLIENT_CONNECTING,
		[PROBE_ESTABLISHED] = CLIENT_ESTABLISHED, [PROBE_ACCEPTED] = CHILD_ACCEPTED,
		[PROBE_CLOSE_WAIT] = CHILD_CLOSE_WAIT,    [PROBE_PHASES] = STAGE_POINTS,
	};
	bool child = c->phase == PROBE_LISTENING || c->phase == PROBE_ACCEPTED || c->phase == PROBE_CLOSE_WAIT;
	bool udp = stage_is_udp(c->subject->family);
	enum stage_point until = c->phase == PROBE_CLOSE_WAIT ? CHILD_CLOSE_WAIT :
				 udp                          ? CLIENT_ESTABLISHED :
								CHILD_ACCEPTED;
	struct effect_case copy = *c;
	struct stage_hook hook = {points[c->phase], effect_hook, &copy};
	int r = stage_build(&scene->stage, c->subject->family, until, &hook);
	char byte;

	scene->error = r < 0 ? -r : 0;
	scene->fd = child ? scene->stage.accepted : scene->stage.client;
	scene->peer = udp ? scene->stage.listener : child ? scene->stage.client : scene->stage.accepted;
	if (!scene->error && !udp && recv(scene->stage.accepted, &byte, 1, 0) != 1) /* what the client began with */
		scene->error = errno ? errno : ECONNRESET;
}

void scene_strike(struct scene *scene)
{
	stage_strike(&scene->stage);
}

/* Builds the scene, looks at it and takes it down. */
struct probe_finding scene_show(const struct effect_case *c, struct probe_finding (*look)(struct scene *))
{
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	struct scene scene;

	scene_build(&scene, c);
	if (!scene.error)
		finding = look(&scene);
	scene_strike(&scene);
	return finding;
}

bool scene_send(int fd, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		if (send(fd, "s", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
			return false;
	return true;
}

int effect_listen(struct stage *stage, const struct effect_case *c)
{
	bool udp = stage_is_udp(c->subject->family), on_listener = c->phase <= PROBE_LISTENING;
	struct effect_case copy = *c;
	struct stage_hook hook = {on_listener ? stage_point_of(c->subject->family, c->phase) : STAGE_POINTS,
				  effect_hook, &copy};

	return stage_build(stage, c->subject->family, udp ? LISTENER_BOUND : LISTENER_LISTENING, &hook);
}

int scene_also(const struct scene *scene, enum option_id id, int64_t number)
{
	return other_set(scene->fd, id, number);
}

/* --- one answer ------------------------------------------------------------------------------------------------ */

static bool is_shown(const struct subject *s)
{
	const struct effect_probe *effect = effects[s->option->effect];

	return effect->show && (effect->udp || !stage_is_udp(s->family));
}

bool effect_is_quick(const struct subject *s, enum probe_phase phase)
{
	const struct effect_probe *effect = effects[s->option->effect];

	return !is_shown(s) || (phase == PROBE_PHASES ? effect->compares : effect->decided & 1u << phase);
}

/* Of an option that takes a device's number, a device's name is one as well. */
static bool text_value(const struct option *option, const char *text, struct value *ret)
{
	unsigned index = if_nametoindex(text);

	if (!value_parse(option, text, ret))
		return true;
	*ret = (struct value){.form = FORM_NUMBER, .number = index};
	return index;
}

struct probe_finding effect_measure(const struct subject *s, enum probe_phase phase)
{
	const struct effect_probe *effect = effects[s->option->effect];
	struct effect_case c = {s, phase, NULL};
	struct value value;

	if (phase != PROBE_PHASES && effect->decided & 1u << phase && (effect->udp || !stage_is_udp(s->family)))
		return EFFECT_FINDING(false);
	/* a [::] socket's IPv4 traffic says nothing of what governs the rest */
	if (s->family == PROBE_DUAL && s->option->place[s->place].traffic == TRAFFIC_V6)
		return EFFECT_UNKNOWN("it is not of this traffic");
	if (!is_shown(s))
		return EFFECT_UNKNOWN(effect->decided ? "nothing shows it here" :
							"nothing shows it but reading it back");
	if (phase == PROBE_PHASES)
		return effect->compares ? EFFECT_FINDING(false) : effect->show(&c);
	subject_value(s, &value);
	if (effect->has_number && value.form == FORM_NUMBER)
		value.number = effect->number;
	if (effect->text && !text_value(s->option, effect->text, &value))
		return EFFECT_UNKNOWN("no value of it would show");
	c.value = &value;
	return effect->show(&c);
}
