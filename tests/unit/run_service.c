/* Answering calls: one that somebody received and did not live to answer, and one whose caller has died. The
 * program under the filter is a child of the test. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "run/service.h"
#include "run/spawn.h"

static const char *const words[] = {"/proc/self/exe", "child", NULL};

struct fixture {
	struct sockctl_spec spec;
	struct trap_set traps;
	struct filter filter;
	struct run_request request;
	struct service service;
	struct spawn_note *note;
	pid_t program;
	unsigned events;
};

static void event_count(void *arg, const struct run_event *event)
{
	struct fixture *f = arg;

	f->events += event->report->count;
}

/* The program: binds and listens; exits with 10 x nodelay + whether listen() succeeded. */
static int child_main(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 0, listened;
	socklen_t length = sizeof on;

	if (bind(fd, (struct sockaddr *)&any, sizeof any))
		return 99;
	listened = !listen(fd, 5);
	getsockopt(fd, IPPROTO_TCP, 1, &on, &length);
	return 10 * on + listened;
}

static int fixture_start(void **state)
{
	static struct fixture f;
	void *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct spawn spawn = {.argv = (char *const *)words, .filter = &f.filter, .front = getpid()};
	struct sockctl_error error = {0};

	memset(&f, 0, sizeof f);
	*state = &f;
	sockctl_spec_parse(&f.spec, "nodelay,backlog=7", NULL);
	trap_derive(&f.traps, &f.spec, true);
	f.program = -1;
	f.request = (struct run_request){.spec = &f.spec, .event = event_count, .arg = &f};
	f.service = (struct service){.request = &f.request, .traps = &f.traps, .in_flight = memory, .notify_fd = -1};
	f.note = (struct spawn_note *)(void *)((char *)memory + 4096);
	if (filter_make(&f.filter, &f.traps, &error))
		return 0;
	f.program = spawn_program(&spawn, f.note, &f.service.notify_fd, &error);
	if (f.program < 0)
		printf("skip: %s: %s\n", error.op, error.hint);
	return 0;
}

static int fixture_end(void **state)
{
	struct fixture *f = *state;

	if (f->service.notify_fd >= 0)
		close(f->service.notify_fd);
	munmap(f->service.in_flight, 8192);
	return 0;
}

static int program_status(const struct fixture *f)
{
	int status = -1;

	waitpid(f->program, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void call_await(const struct fixture *f)
{
	struct pollfd watched = {f->service.notify_fd, POLLIN, 0};

	assert_int_equal(poll(&watched, 1, 20000), 1);
	assert_true(watched.revents & POLLIN);
}

static void service_next_answers(void **state)
{
	struct fixture *f = *state;

	if (f->program < 0)
		skip();
	call_await(f);
	assert_true(service_has_tasks(&f->service));
	service_next(&f->service);
	assert_int_equal(program_status(f), 11);
	assert_int_equal(f->events, 2);
	assert_false(service_has_tasks(&f->service));
}

/* A process receives the call, and dies with it. */
static void service_resume_answers(void **state)
{
	struct fixture *f = *state;
	pid_t receiver;
	int status;

	if (f->program < 0)
		skip();
	call_await(f);
	service_resume(&f->service);                 /* nothing is in flight yet */
	assert_int_equal(f->events, 0);
	receiver = fork();
	if (!receiver)
		_exit(ioctl(f->service.notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &f->service.in_flight->notice) != 0);
	waitpid(receiver, &status, 0);
	assert_int_equal(status, 0);
	assert_true(f->service.in_flight->notice.id != 0);
	service_resume(&f->service);
	assert_int_equal(program_status(f), 11);
	assert_int_equal(f->events, 2);
	service_resume(&f->service);                 /* answered: not again */
	assert_int_equal(f->events, 2);
}

static void service_survives_a_dead_caller(void **state)
{
	struct fixture *f = *state;

	if (f->program < 0)
		skip();
	call_await(f);
	assert_int_equal(ioctl(f->service.notify_fd, SECCOMP_IOCTL_NOTIF_RECV, &f->service.in_flight->notice), 0);
	kill(f->program, SIGKILL);
	assert_int_equal(program_status(f), -1);
	service_resume(&f->service);
	assert_int_equal(f->events, 0);
	assert_true(f->service.in_flight->notice.id == 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(service_next_answers, fixture_start, fixture_end),
		cmocka_unit_test_setup_teardown(service_resume_answers, fixture_start, fixture_end),
		cmocka_unit_test_setup_teardown(service_survives_a_dead_caller, fixture_start, fixture_end),
	};

	if (argc > 1 && !strcmp(argv[1], "child"))
		return child_main();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
