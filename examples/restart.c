/* An echo server that replaces itself without losing a connection: at SIGHUP it starts its program anew, hands the
 * listeners over, and ends when its own connections have. What waits in the queue goes along. restart ADDRESSES
 * [SPEC] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <sockctl.h>

enum { CHANNEL = 3, REST_MS = 10 };
extern char **environ;
static struct sockctl_named listener = {.name = "echo"};
static struct sockctl_report report = SOCKCTL_REPORT;
static _Atomic int connections;
static volatile sig_atomic_t hangup;

static void hangup_note(int signal)
{
	hangup = signal;
}

static void *echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char data[16384];
	ssize_t n;

	while ((n = recv(fd, data, sizeof data, 0)) > 0 && send(fd, data, (size_t)n, MSG_NOSIGNAL) == n)
		;
	close(fd);
	connections--;
	return NULL;
}

/* The successor's byte means that it accepts; until then, and if it never comes, we do. */
static int hand_over(char **argv)
{
	posix_spawn_file_actions_t actions;
	int channel[2], done;
	pid_t successor;
	char ready;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel))
		return 0;
	setenv("RESTART", "1", 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, channel[1], CHANNEL);
	done = !posix_spawn(&successor, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(channel[1]);
	done = done && !sockctl_send_listeners(channel[0], &listener, 1, &report.error) &&
	       recv(channel[0], &ready, 1, 0) == 1;
	close(channel[0]);
	if (!done)
		fputs("restart: there is no successor; this process goes on\n", stderr);
	return done;
}

/* From the predecessor, or anew. Two processes accept from it for a moment: none may block there. */
static int listener_get(const char *address, const char *text)
{
	struct sockctl_spec spec;
	int r = sockctl_spec_parse(&spec, text, &report.error);

	if (!r && getenv("RESTART"))
		return sockctl_receive_listeners(CHANNEL, geteuid(), &listener, 1, &report.error);
	if (!r)
		r = sockctl_listen(address, &spec, NULL, &listener.fd, 1, &report);
	return r < 0 ? r : fcntl(listener.fd, F_SETFL, O_NONBLOCK);
}

static void accept_one(const sigset_t *while_waiting)
{
	struct pollfd waiting = {.fd = listener.fd, .events = POLLIN};
	int fd = ppoll(&waiting, 1, NULL, while_waiting) == 1 ? accept4(listener.fd, NULL, NULL, SOCK_CLOEXEC) : -1;
	pthread_t thread;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			poll(NULL, 0, REST_MS); /* it stays in the queue, of which ppoll() would tell at once */
		return;
	}
	connections++;
	if (pthread_create(&thread, NULL, echo, (void *)(intptr_t)fd) || pthread_detach(thread))
		echo((void *)(intptr_t)fd);
}

int main(int argc, char **argv)
{
	sigset_t blocked, before;
	char line[400];

	if (listener_get(argc > 1 ? argv[1] : ":7000", argc > 2 ? argv[2] : "nodelay reuseaddr backlog=4096") < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "restart: %s\n", line);
		return 1;
	}
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGHUP); /* it comes while ppoll() waits, and at no other time */
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	sigdelset(&before, SIGHUP);
	signal(SIGHUP, hangup_note);
	if (sockctl_local_address(listener.fd, line, sizeof line) >= 0)
		printf("%d listens on %s\n", (int)getpid(), line);
	fflush(stdout);
	if (getenv("RESTART") && write(CHANNEL, "", 1) == 1)
		close(CHANNEL);
	for (; !hangup || !hand_over(argv); accept_one(&before))
		hangup = 0;
	close(listener.fd);
	while (connections)
		poll(NULL, 0, 10);
	return 0;
}
