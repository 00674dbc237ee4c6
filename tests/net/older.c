/* Kernels that lack options: a seccomp filter answers ENOPROTOOPT for them, as older kernels do, and every verdict says so.
 * Also sockets of the wrong protocol. Names no option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fixture.h"
#include "rows.h"

#define OLDEST "3" /* what is older the library itself relies on */

static void place_deny(scmp_filter_ctx context, const struct place *place)
{
	const int calls[] = {SCMP_SYS(setsockopt), SCMP_SYS(getsockopt)};

	for (size_t i = 0; place->symbol && i < sizeof calls / sizeof *calls; i++)
		assert_int_equal(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOPROTOOPT), calls[i], 2,
						  SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)place->level),
						  SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)place->number)),
				 0);
}

/* The kernel in which this option did not exist yet. The process keeps it to its end. */
static void become_older_than(const struct option *option)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(context);
	for (size_t i = 0; i < sizeof option->place / sizeof *option->place; i++)
		place_deny(context, &option->place[i]);
	assert_int_equal(seccomp_load(context), 0);
	seccomp_release(context);
}

static const char *sentence(const struct option *option)
{
	static char text[512];

	sockctl_verdict_text(verdict_of(option->name), text, sizeof text);
	return text;
}

static void expect_unsupported(const struct option *option, const char *reason)
{
	const struct sockctl_verdict *v = verdict_of(option->name);

	if (v->outcome != SOCKCTL_UNSUPPORTED || v->error != ENOPROTOOPT)
		fail_msg("%s: %s", option->name, sentence(option));
	if (!strstr(sentence(option), reason))
		fail_msg("%s: \"%s\" lacks \"%s\"", option->name, sentence(option), reason);
}

static void row_check(const struct option *option)
{
	char text[ROW_TEXT], reason[32];
	int fd = row_socket(option);
	struct sockctl_spec spec;

	snprintf(reason, sizeof reason, "Linux %s", option->since);
	become_older_than(option);
	spec = spec_of_text(row_text("try:", option, text));
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	expect_unsupported(option, reason);
	spec = spec_of_text(row_text("", option, text));
	assert_int_equal(sockctl_adopt(fd, &spec, &report), -ENOPROTOOPT);
	expect_unsupported(option, reason);
	assert_non_null(strstr(report.error.hint, reason));
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	if (option->reads != READS_NEVER && !option->place[0].read)
		assert_int_equal(verdict_of(option->name)->outcome, SOCKCTL_UNSUPPORTED);
	close(fd);
}

/* Runs in a child of its own, as the filter stays; true if it found nothing wrong. */
static bool apart(void (*check)(const struct option *), const struct option *option)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		check(option);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static void what_an_older_kernel_lacks_is_unsupported(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (o->since && strverscmp(o->since, OLDEST) >= 0 && row_is_settable(o) && !apart(row_check, o)) {
			printf("# %s\n", o->name);
			wrong++;
		}
	assert_int_equal(wrong, 0);
}

/* --- the other protocol -------------------------------------------------------------------------------------------- */

static void sockets_do_not_get_the_others_options(void **state)
{
	char text[ROW_TEXT];

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		bool of_udp = row_is_for_udp(o);
		struct sockctl_spec spec;
		int fd;

		if (option_protocols(o) == PROTOCOL_ALL || option_is_pseudo(o))
			continue;
		fd = socket(AF_INET6, (of_udp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
		spec = spec_of_text(row_text("try:", o, text));
		assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
		expect_unsupported(o, of_udp ? " UDP socket" : o->never == AT_ALL ? "" : " TCP socket");
		assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
		expect_unsupported(o, "");
		close(fd);
	}
}

static void what_nobody_can_set_says_so(void **state)
{
	char text[ROW_TEXT];

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		struct sockctl_spec spec = spec_of_text(row_text("", o, text));
		int fd = row_socket(o);

		if (o->never == AT_ALL) {
			assert_int_equal(sockctl_apply(fd, SOCKCTL_CREATED, &spec, &report), -ENOPROTOOPT);
			expect_unsupported(o, "lets nobody set it");
		}
		close(fd);
	}
}

/* --- datagram sockets in every phase ------------------------------------------------------------------------------- */

static int datagram_at(enum sockctl_phase phase)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6}; /* bind() to one address would switch IPV6_V6ONLY on */
	socklen_t length = sizeof address;
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (phase != SOCKCTL_CREATED)
		assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	if (phase == SOCKCTL_CONNECTED) {
		assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	}
	return fd;
}

static void datagram_check(const struct option *option, enum sockctl_phase phase)
{
	struct sockctl_spec spec = spec_of_text(row_text("try:", option, (char[ROW_TEXT]){0}));
	bool works = option_works(option, PROTOCOL_UDP, phase);
	const struct sockctl_verdict *v;
	int fd = datagram_at(phase);

	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	v = verdict_of(option->name);
	if (v->per_connection)
		fail_msg("%s: a datagram socket accepts nothing", option->name);
	if (works && v->outcome >= SOCKCTL_DIFFERS && v->outcome != SOCKCTL_REFUSED && !option->system)
		fail_msg("%s at %s: %s", option->name, sockctl_phase_name(phase), sentence(option));
	if (!works && v->outcome == SOCKCTL_GRANTED)
		fail_msg("%s at %s: granted where it is too late", option->name, sockctl_phase_name(phase));
	close(fd);
}

static void datagram_sockets_are_adopted_in_every_phase(void **state)
{
	static const enum sockctl_phase phases[] = {SOCKCTL_CREATED, SOCKCTL_PRE_LISTEN, SOCKCTL_CONNECTED};

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		bool ipv6 = !o->place[0].traffic || (o->place[0].traffic | o->place[1].traffic) & TRAFFIC_V6;

		for (size_t i = 0; i < sizeof phases / sizeof *phases; i++)
			if (option_protocols(o) & PROTOCOL_UDP && o->via == VIA_SOCKOPT && o->never != AT_ALL && ipv6)
				datagram_check(o, phases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_older_kernel_lacks_is_unsupported),
		cmocka_unit_test(sockets_do_not_get_the_others_options),
		cmocka_unit_test(what_nobody_can_set_says_so),
		cmocka_unit_test(datagram_sockets_are_adopted_in_every_phase),
	};

	return fixture_skips() ? 0 : cmocka_run_group_tests_name("older", tests, NULL, NULL);
}
