/* Accepted sockets: what their listener could not pass on, and what that costs. Knows no option by name. */
#include "socket/accept.h"
#include <netinet/in.h>

static const struct option *setting_option(const struct spec *spec, unsigned setting)
{
	return &catalogue[spec->setting[setting].option];
}

int sockctl_accept_cost(const struct sockctl_spec *spec, const char *options[], unsigned max)
{
	const struct spec *view = apply_spec(spec);
	unsigned n = 0;

	for (unsigned i = 0; i < view->count; i++) {
		const struct option *option = setting_option(view, i);

		if (!(option_protocols(option) & PROTOCOL_TCP) || !plan_per_connection(option))
			continue;
		if (n < max)
			options[n] = option->name;
		n++;
	}
	return (int)n;
}

/* Which family a socket has matters only to an option that has a place for each. */
static bool family_matters(const struct spec *spec)
{
	for (unsigned i = 0; i < spec->count; i++)
		if (setting_option(spec, i)->place[1].symbol && plan_per_connection(setting_option(spec, i)))
			return true;
	return false;
}

/* No report is kept, as filling one would cost more than the calls. */
int accept_set(const struct applying *at)
{
	struct plan_target target = {.family = AF_INET6, .dual_stack = true, .protocol = PROTOCOL_TCP};
	struct access_facts facts;
	struct plan plan;
	int first = 0;

	if (family_matters(at->spec)) {
		first = access_kind_read(at->fd, &facts);
		if (first)
			return first;
		target = apply_target(&facts);
	}
	plan_make(&plan, at->spec, &target, SOCKCTL_ACCEPTED);
	for (unsigned i = 0; i < plan.count; i++) {
		const struct setting *setting = &at->spec->setting[plan.step[i].setting];
		int r = access_set(at->fd, &catalogue[setting->option], plan.step[i].place, &setting->value);

		if (r && !first && !setting->optional)
			first = r;
	}
	return first;
}

void accept_compare(const struct applying *at, const struct plan_target *target, struct sockctl_report *report)
{
	struct plan all, passed = {0};

	plan_adopt(&all, at->spec, target, SOCKCTL_ACCEPTED, PLAN_EVERY);
	for (unsigned i = 0; i < all.count; i++) {
		const struct option *option = setting_option(at->spec, all.step[i].setting);

		if (option->inherited == PASSES_ON && !plan_per_connection(option))
			passed.step[passed.count++] = all.step[i];
	}
	apply_compare(at, &passed, report);
}
