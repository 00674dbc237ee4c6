/* What an option does, seen elsewhere than in its own getsockopt: one probe for each `effect` of the catalogue. */
#ifndef PROBE_EFFECT_H
#define PROBE_EFFECT_H
#include "probe/subject.h"

/* One value, set in one phase. */
struct effect_case {
	const struct subject *subject;
	enum probe_phase phase;      /* PROBE_PHASES: nothing is set at all */
	const struct value *value;   /* NULL then */
};

struct effect_probe {
	/* Sets the value in the phase and looks. UNKNOWN with why. */
	struct probe_finding (*show)(const struct effect_case *);
	bool has_number;             /* a value that shows more, or sooner, than the row's example */
	int64_t number;
	const char *text;            /* the same for names */
	uint8_t decided;             /* bit 1 << enum probe_phase: what it bears on is over by then */
	bool udp;                    /* datagrams show it too */
	bool compares;               /* show() itself looks at what is there without it */
};
#define EFFECT_DECLARE(ID, id) extern const struct effect_probe effect_##id;
EFFECT_LIST(EFFECT_DECLARE)

/* Answers for this phase; PROBE_PHASES: is it seen although nothing was set? */
struct probe_finding effect_measure(const struct subject *, enum probe_phase);
/* Is that answer known without looking, so that nobody need be sent for it? */
bool effect_is_quick(const struct subject *, enum probe_phase);

#define EFFECT_FINDING(yes) ((struct probe_finding){(yes) ? PROBE_YES : PROBE_NO, NULL})
#define EFFECT_UNKNOWN(reason) ((struct probe_finding){PROBE_UNKNOWN, (reason)})
enum {
	EFFECT_AFTER_HANDSHAKE = 1 << PROBE_ESTABLISHED | 1 << PROBE_ACCEPTED | 1 << PROBE_CLOSE_WAIT,
	EFFECT_OFF_LISTENER = 1 << PROBE_CONNECTING | EFFECT_AFTER_HANDSHAKE,
	EFFECT_AFTER_BIND = 1 << PROBE_BOUND | 1 << PROBE_LISTENING | EFFECT_OFF_LISTENER,
};
/* A second device in the probe's namespace, for what binds to one. */
#define SCENE_DEVICE "probe0"

/* A connection of which one end has the value. */
struct scene {
	struct stage stage;
	int fd, peer;
	int error;                   /* errno: it could not be built, or the value was refused */
};
void scene_build(struct scene *, const struct effect_case *);
void scene_strike(struct scene *);
/* Builds the scene, looks at it and takes it down. */
struct probe_finding scene_show(const struct effect_case *, struct probe_finding (*look)(struct scene *));
bool scene_send(int fd, unsigned bytes);     /* one at a time, without waiting; false: not all of them */
/* Sets another option on the end of the scene, to its row's example if number is 0; errno. */
int scene_also(const struct scene *, enum option_id, int64_t number);
/* A listener that has the value, or a bound socket of UDP; that socket or -errno. */
int effect_listen(struct stage *, const struct effect_case *);

/* Sets the value of the case, and what its row needs; errno. */
int effect_set(const struct effect_case *, int fd);
int effect_hook(int fd, void *effect_case);  /* the same as a stage hook */
#endif
