/* A program for `run` to supervise: does the steps of its command line, one after the other, and says how each went.
 * Static, so that nothing but the kernel can be asked to intercept it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int current = -1;                 /* the socket of the steps */

static void say(const char *step, long result)
{
	if (result < 0)
		printf("%s: %s\n", step, strerrorname_np(errno));
	else
		printf("%s: %ld\n", step, result);
	fflush(stdout);
}

static int own_port(void)
{
	struct sockaddr_in6 address = {0};
	socklen_t length = sizeof address;

	getsockname(current, (struct sockaddr *)&address, &length);
	return ntohs(address.sin6_port);     /* lies alike in sockaddr_in */
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void step_open(const char *step, const char *argument)
{
	const int domain = !strcmp(step, "tcp6") ? AF_INET6 : !strcmp(step, "unix") ? AF_UNIX : AF_INET;

	(void)argument;
	current = socket(domain, !strcmp(step, "udp") ? SOCK_DGRAM : SOCK_STREAM, 0);
}

static void step_bind(const char *step, const char *argument)
{
	struct sockaddr_in address = loopback(argument ? atoi(argument) : 0);
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	struct sockaddr_un nameless = {.sun_family = AF_UNIX};
	int domain = 0;
	socklen_t length = sizeof domain;

	getsockopt(current, SOL_SOCKET, SO_DOMAIN, &domain, &length);
	if (domain == AF_INET6)
		say(step, bind(current, (struct sockaddr *)&any, sizeof any));
	else if (domain == AF_UNIX)
		say(step, bind(current, (struct sockaddr *)&nameless, sizeof nameless.sun_family));
	else
		say(step, bind(current, (struct sockaddr *)&address, sizeof address));
}

static void step_listen(const char *step, const char *argument)
{
	say(step, listen(current, argument ? atoi(argument) : 5));
}

static void step_port(const char *step, const char *argument)
{
	(void)argument;
	say(step, own_port());
}

/* Connects to its own listener, and goes on with the accepted socket, or, "dial", with the connecting one. */
static void step_meet(const char *step, const char *argument)
{
	struct sockaddr_in address = loopback(own_port());
	int client = socket(AF_INET, SOCK_STREAM, 0), listener = current, accepted;

	(void)argument;
	if (connect(client, (struct sockaddr *)&address, sizeof address)) {
		say(step, -1);
		return;
	}
	accepted = accept(listener, NULL, NULL);
	current = strcmp(step, "dial") ? accepted : client;
}

static void step_connect(const char *step, const char *argument)
{
	struct sockaddr_in address = loopback(atoi(argument));

	say(step, connect(current, (struct sockaddr *)&address, sizeof address));
}

/* Connects over and over; the number of successes is the result. */
static void step_storm(const char *step, const char *argument)
{
	struct sockaddr_in address = loopback(own_port());
	long good = 0;

	for (int i = atoi(argument); i > 0; i--) {
		int client = socket(AF_INET, SOCK_STREAM, 0), value = 0;
		socklen_t length = sizeof value;
		struct linger abort_it = {1, 0};

		if (!connect(client, (struct sockaddr *)&address, sizeof address) &&
		    !getsockopt(client, IPPROTO_TCP, 1, &value, &length) && value)
			good++;
		setsockopt(client, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
		close(client);
		close(accept(current, NULL, NULL));
	}
	say(step, good);
}

static void step_set(const char *step, const char *argument)
{
	int level = 0, number = 0, value = 0;

	sscanf(argument, "%d:%d:%d", &level, &number, &value);
	say(step, setsockopt(current, level, number, &value, sizeof value));
}

static void step_get(const char *step, const char *argument)
{
	int level = 0, number = 0, value = 0;
	socklen_t length = sizeof value;

	sscanf(argument, "%d:%d", &level, &number);
	say(step, getsockopt(current, level, number, &value, &length) ? -1 : value);
}

/* A signal handler that returns: interrupts nothing for good. */
static void step_wait(const char *step, const char *argument)
{
	sigset_t usr1;
	int number;

	(void)argument;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	say(step, getpid());
	sigwait(&usr1, &number);
}

static void *listen_in_thread(void *argument)
{
	if (argument)
		unshare(CLONE_FILES);
	say("thread", listen(current, 5));
	return NULL;
}

static void step_thread(const char *step, const char *argument)
{
	pthread_t thread;

	(void)step;
	pthread_create(&thread, NULL, listen_in_thread, (void *)argument);
	pthread_join(thread, NULL);
}

static void step_fork(const char *step, const char *argument)
{
	pid_t child = fork();

	(void)argument;
	if (child) {
		int status = 0;

		waitpid(child, &status, 0);
		exit(WEXITSTATUS(status));
	}
	say(step, 0);
}

static void step_vfork(const char *step, const char *argument)
{
	int status = 0;
	pid_t child = vfork();

	(void)step;
	if (!child) {
		execl("/proc/self/exe", "subject", "tcp", "bind", argument, "get:6:1", (char *)NULL);
		_exit(99);
	}
	waitpid(child, &status, 0);
}

/* listen(2) as an i386 program makes it: directly, or through socketcall(2). */
static void step_i386(const char *step, const char *argument)
{
#ifdef __x86_64__
	static uint32_t low[2];              /* a static program lies below 4 GiB, where 32-bit pointers reach */
	long result;

	low[0] = (uint32_t)current;
	low[1] = 5;
	if (!strcmp(argument, "direct"))
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(363), "b"((long)current), "c"(5L) : "memory");
	else
		__asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(4L), "c"(low) : "memory");
	errno = result < 0 ? (int)-result : 0;
	say(step, result < 0 ? -1 : 0);
#else
	errno = ENOSYS;
	(void)argument;
	say(step, -1);
#endif
}

static void step_use(const char *step, const char *argument)
{
	(void)step;
	current = atoi(argument);
}

static void step_env(const char *step, const char *argument)
{
	const char *value = getenv(argument);

	say(step, value && atoi(value) == getpid());
}

/* Says from now on in a file; the result is its descriptor, the lowest that was free. */
static void step_sink(const char *step, const char *argument)
{
	int fd = open(argument, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	stdout = fdopen(dup(fd), "w");
	say(step, fd);
}

/* Out of reach of its own user's other processes, as after a change of identity. */
static void step_hide(const char *step, const char *argument)
{
	(void)argument;
	say(step, prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static void step_exit(const char *step, const char *argument)
{
	(void)step;
	exit(atoi(argument));
}

static void step_raise(const char *step, const char *argument)
{
	(void)step;
	raise(atoi(argument));
}

static const struct {
	const char *name;
	void (*run)(const char *step, const char *argument);
} steps[] = {
	{"tcp", step_open}, {"tcp6", step_open}, {"udp", step_open}, {"unix", step_open}, {"use", step_use},
	{"bind", step_bind}, {"listen", step_listen}, {"connect", step_connect}, {"port", step_port},
	{"accept", step_meet}, {"dial", step_meet}, {"storm", step_storm}, {"set", step_set}, {"get", step_get},
	{"wait", step_wait}, {"thread", step_thread}, {"fork", step_fork}, {"vfork", step_vfork}, {"i386", step_i386},
	{"env", step_env}, {"sink", step_sink}, {"hide", step_hide}, {"exit", step_exit}, {"raise", step_raise},
};

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *colon = strchr(argv[i], ':');
		size_t length = colon ? (size_t)(colon - argv[i]) : strlen(argv[i]);
		unsigned known = 0;

		for (unsigned s = 0; s < sizeof steps / sizeof *steps; s++)
			if (strlen(steps[s].name) == length && !strncmp(steps[s].name, argv[i], length)) {
				steps[s].run(steps[s].name, colon ? colon + 1 : NULL);
				known = 1;
			}
		if (!known) {
			fprintf(stderr, "subject: %s: no such step\n", argv[i]);
			return 2;
		}
	}
	return 0;
}
