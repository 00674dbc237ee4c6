/* Why the kernel refused a setting, in words, from the row and the errno. */
#include "socket/refusal.h"
#include <errno.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/text.h"
#include "socket/plan.h"

enum sockctl_outcome refusal_outcome(int errno_value)
{
	switch (errno_value) {
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EPROTONOSUPPORT:
	case EAFNOSUPPORT:
		return SOCKCTL_UNSUPPORTED;
	default:
		return SOCKCTL_REFUSED;
	}
}

/* Some sysctls keep an option off by refusing it. */
static bool gate_add(struct text *text, const struct option *option)
{
	char name[64];
	int64_t value;

	if (!option->gate || sysctl_read_number(option->gate, 0, &value) || value & option->gate_bit)
		return false;
	sysctl_name(option->gate, name, sizeof name);
	text_add(text, "; %s = %lld keeps it off", name, (long long)value);
	return true;
}

static void expects_add(struct text *text, const struct option *option)
{
	char expects[96];
	struct value least = {.number = option_min(option)};

	if (value_expects(option, expects, sizeof expects) <= 0)
		return;
	text_add(text, "; it expects %s", expects);
	if (least.number <= option->min)
		return;
	value_format(option, &least, expects, sizeof expects);
	text_add(text, "; on this kernel at least %s", expects);
}

/* The errno does not tell whether it was the socket or the kernel that lacks the option: so all that the row asks for. */
static void needs_add(struct text *text, const struct option *option)
{
	uint8_t traffic = option->place[0].traffic | option->place[1].traffic;
	const char *family = !traffic || traffic == TRAFFIC_ALL ? NULL : traffic & TRAFFIC_V6 ? "an IPv6" : "an IPv4";
	const char *protocol = option_protocols(option) == PROTOCOL_TCP ? " TCP" :
			       option_protocols(option) == PROTOCOL_UDP ? " UDP" :
									  "";

	if (option->never == AT_ALL) {
		text_add(text, "; Linux only tells it, and lets nobody set it");
		return;
	}
	if (family || *protocol)
		text_add(text, "; it needs %s%s socket", family ? family : "a", protocol);
	if (option->since)
		text_add(text, "%sLinux %s", family || *protocol ? ", and " : "; it needs ", option->since);
	if (option->system)
		text_add(text, "; it needs %s", option->system);
	else if (!option->since && !family && !*protocol)
		text_add(text, "; this kernel, protocol or address family does not have it");
}

static void capability_add(struct text *text, const struct option *option)
{
	text_add(text, "; it needs %s", option->capability);
	if (option->capability_also)
		text_add(text, " or %s", option->capability_also);
	if (option->capability_host)
		text_add(text, " of the host; a container's own is not enough");
}

int refusal_text(const struct option *option, int errno_value, char *text, size_t size)
{
	struct text out = {text, size, 0};
	const char *deadline = plan_deadline(option);

	text_add(&out, "%s", strerror(errno_value));
	if ((errno_value == EPERM || errno_value == EACCES) && option->capability)
		capability_add(&out, option);
	else if (errno_value == EOPNOTSUPP && gate_add(&out, option))
		; /* it is there, and switched off; what is not there answers ENOPROTOOPT */
	else if (refusal_outcome(errno_value) == SOCKCTL_UNSUPPORTED)
		needs_add(&out, option);
	else if (errno_value == ENODEV && option->kind == KIND_NAME)
		text_add(&out, "; no interface here has that name");
	else if (errno_value == ENOENT && option->kind == KIND_NAME)
		text_add(&out, "; this kernel has none of that name");
	else if (errno_value == EINVAL && deadline)
		text_add(&out, "; it must precede %s", deadline);
	else if (errno_value == EINVAL || errno_value == ERANGE)
		expects_add(&out, option);
	return (int)out.length;
}
