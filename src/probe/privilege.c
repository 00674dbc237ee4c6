/* Which capability is enough, found by having one at a time. */
#include "probe/measure.h"
#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "probe/capability.h"

static const int numbers[PROBE_CAPABILITIES] = {CAP_NET_ADMIN,    CAP_NET_RAW,   CAP_NET_BIND_SERVICE,
						CAP_SYS_RESOURCE, CAP_SYS_ADMIN, 39 /* CAP_BPF, Linux 5.8 */};
const char *const probe_capability_names[PROBE_CAPABILITIES] = {
	"CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE", "CAP_SYS_RESOURCE", "CAP_SYS_ADMIN", "CAP_BPF",
};

typedef struct __user_cap_data_struct capability_sets[2];

static int capability_read(struct __user_cap_header_struct *header, capability_sets sets)
{
	*header = (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
	return syscall(SYS_capget, header, sets) ? -errno : 0;
}

int capability_keep_only(int index)
{
	struct __user_cap_header_struct header;
	capability_sets sets;
	int r = capability_read(&header, sets);

	if (r)
		return r;
	sets[0].effective = sets[1].effective = 0;
	if (index >= 0)
		sets[numbers[index] / 32].effective = 1u << numbers[index] % 32 & sets[numbers[index] / 32].permitted;
	return syscall(SYS_capset, &header, sets) ? -errno : 0;
}

int capability_restore(void)
{
	struct __user_cap_header_struct header;
	capability_sets sets;
	int r = capability_read(&header, sets);

	if (r)
		return r;
	for (int i = 0; i < 2; i++)
		sets[i].effective = sets[i].permitted;
	return syscall(SYS_capset, &header, sets) ? -errno : 0;
}

static int try_without(const struct subject *s, const struct value *value, int keep)
{
	int error;

	if (capability_keep_only(keep))
		return PROBE_UNTRIED;
	error = subject_try(s, subject_phase(s), value, NULL);
	capability_restore();
	return error;
}

static uint32_t sufficient(const struct subject *s, const struct value *value)
{
	uint32_t bits = 0;

	for (int i = 0; i < PROBE_CAPABILITIES; i++)
		if (!try_without(s, value, i))
			bits |= 1u << i;
	return bits;
}

/* The last number from `taken` on that needs no privilege. */
static int64_t free_find(const struct subject *s, int64_t taken, int64_t refused)
{
	while (refused - taken > 1) {
		struct value middle = {.form = FORM_NUMBER, .number = taken + (refused - taken) / 2};

		if (try_without(s, &middle, -1))
			refused = middle.number;
		else
			taken = middle.number;
	}
	return taken;
}

void privilege_measure(const struct subject *s, struct probe_result *r)
{
	struct value most = {.form = FORM_NUMBER, .number = r->max.value};

	if (r->accepted[subject_phase(s)])
		return;
	if (try_without(s, &r->asked, -1) == option_denied(s->option)) {
		r->needs = sufficient(s, &r->asked);
		return;
	}
	if (!r->max.known || try_without(s, &most, -1) != option_denied(s->option))
		return;
	r->needs = sufficient(s, &most);
	r->has_free = true;
	r->free = free_find(s, r->asked.number, most.number);
}
