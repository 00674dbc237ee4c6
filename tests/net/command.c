/* The user's commands as a workload: real and misbehaving programs, and nothing left of them. */
#include <errno.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lab.h"
#include "base/clock.h"
#include "lab/command.h"

#define LISTENER \
	"import socket,sys\n" \
	"s=socket.socket(); s.setsockopt(1,2,1); s.bind((\"\",int(sys.argv[1]))); s.listen()\n"
/* Reads all of each connection; a number on the command line is how many bytes the client sends. */
#define SINK "python3 -c '" LISTENER "while True:\n c,_=s.accept()\n while c.recv(65536): pass\n c.close()' {port}"
#define SOURCE \
	"python3 -c 'import socket,sys\n" \
	"s=socket.create_connection((sys.argv[1],int(sys.argv[2]))); s.sendall(bytes(int(sys.argv[3])))\n" \
	"s.shutdown(1); s.recv(1)' {server} {port} "

struct subject {
	const char *server, *client, *reader, *path, *spec;
	int code;            /* what the trial returns */
	const char *says[2]; /* in the error */
	uint64_t timeout_us; /* of start and run; 0: the defaults */
	unsigned runs;       /* 0: one */
	unsigned tries; /* a claim about speed holds if one of so many runs shows it, the machine being what it is */
	int (*judge)(const struct trial *);
};

/* Every process but the caller, its pid 1, and the link. */
static int others_alive(const struct world *world)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	int alive = 0;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		alive += pid > 1 && pid != getpid() && pid != world->link_pid;
	}
	if (proc)
		closedir(proc);
	return alive;
}

static int trials_run(const struct subject *subject, struct command_load *load)
{
	static struct trial trial;
	struct runner runner = command_load_runner(load);
	struct arm arm = {0};
	unsigned runs = subject->runs ? subject->runs : 1;

	load->retries = 0;
	if (subject->timeout_us)
		load->start_timeout_us = load->run_timeout_us = subject->timeout_us;
	for (enum host host = 0; host < HOSTS; host++)
		EXPECT(!sockctl_spec_parse(&arm.spec[host], subject->spec ? subject->spec : "", NULL), "spec");
	for (unsigned good = 0, failed = 0; good < runs;) {
		struct sockctl_error error = {0};
		int code = runner.run(runner.context, &arm, &trial, &error);

		printf("%d %s %s: %s\n", code, error.op, error.subject, error.hint);
		EXPECT(code == subject->code, "expected %d", subject->code);
		for (int j = 0; j < 2; j++)
			EXPECT(!subject->says[j] || strstr(error.hint, subject->says[j]), "no \"%s\"",
			       subject->says[j]);
		EXPECT(!others_alive(load->world), "%d processes were left", others_alive(load->world));
		if (!code && subject->judge && subject->judge(&trial))
			EXPECT(++failed < subject->tries, "see above");
		else
			good++;
	}
	return 0;
}

static int subject_run(void *arg)
{
	const struct subject *subject = arg;
	struct sockctl_error error = {0};
	struct command_load load;
	struct path path = {0};
	struct world world;
	int code;

	EXPECT(!subject->path || !path_parse(&path, subject->path, &error), "%s", error.hint);
	EXPECT(!world_open(&world, subject->path ? &path : NULL, &error), "%s", error.hint);
	EXPECT(!command_load_open(&load, &world, subject->server, subject->client,
				  reader_find(subject->reader ? subject->reader : "wall"), &error),
	       "%s", error.hint);
	code = trials_run(subject, &load);
	command_load_close(&load);
	world_close(&world);
	return code;
}

static int wall_judge(const struct trial *trial)
{
	EXPECT(trial->value >= 200000 && trial->value < 20e6, "%g us", trial->value);
	return 0;
}

static void wall_time_of_a_client_alone(void **state)
{
	struct subject subject = {NULL, "sleep 0.2; yes | head -c 3000000", .judge = wall_judge};

	(void)state;
	contained(subject_run, &subject);
}

/* 1 MB at 10 Mbit/s takes 0.8 s; the client sends. */
static int sender_judge(const struct trial *trial)
{
	const struct sockctl_report *report = &trial->report[HOST_CLIENT];

	EXPECT(trial->value > 700000, "%g us", trial->value);
	EXPECT(trial->evidence.have_sender && trial->evidence.sender == HOST_CLIENT, "who sent?");
	EXPECT(trial->evidence.busy_us > 100000, "busy %g us", trial->evidence.busy_us);
	EXPECT(trial->evidence.min_rtt_us >= 3900, "%g us", trial->evidence.min_rtt_us);
	EXPECT(report->count == 1 && !strcmp(report->verdict[0].option, "nodelay"), "%u verdicts", report->count);
	EXPECT(trial->report[HOST_SERVER].count == 1, "%u verdicts", trial->report[HOST_SERVER].count);
	return 0;
}

static void server_and_client_over_a_path(void **state)
{
	struct subject subject = {SINK,      SOURCE "1000000",     .path = "rtt=4ms,rate=10mbit", .spec = "nodelay",
				  .runs = 2, .judge = sender_judge};

	(void)state;
	contained(subject_run, &subject);
}

static void a_server_that_chooses_its_port(void **state)
{
	struct subject subject = {"python3 -c '" LISTENER "while True: s.accept()[0].recv(1)' 7654", SOURCE "1"};

	(void)state;
	contained(subject_run, &subject);
}

static void missing_programs(void **state)
{
	struct subject client = {NULL, "nosuchprogram --fast", .code = -ENOENT, .says = {"127", "not found"}};
	struct subject server = {"nosuchprogram {port}", "true", .code = -ENOENT,
				 .says = {"before it listened", "not found"}};

	(void)state;
	contained(subject_run, &client);
	contained(subject_run, &server);
}

static void crashes(void **state)
{
	struct subject client = {NULL, "echo the reason >&2; kill -SEGV $$", .code = -ECHILD,
				 .says = {"signal 11", "the reason"}};
	struct subject server = {"echo cannot start >&2; exit 3", "true", .code = -ECHILD,
				 .says = {"status 3", "cannot start"}};
	struct subject later = {"python3 -c '" LISTENER "s.accept()\nsys.exit(\"fell over\")' {port}",
				SOURCE "1; sleep 0.3; false", .code = -ECHILD, .says = {"status 1", "fell over"}};

	(void)state;
	contained(subject_run, &client);
	contained(subject_run, &server);
	contained(subject_run, &later);
}

static void hangs(void **state)
{
	struct subject client = {NULL, "trap '' TERM; (trap '' HUP; setsid sleep 1000 &) ; sleep 1000",
				 .code = -ETIMEDOUT, .says = {"still running"}, .timeout_us = 300000};
	struct subject server = {"sleep 1000", "true", .code = -ETIMEDOUT, .says = {"never listened"},
				 .timeout_us = 300000};

	(void)state;
	contained(subject_run, &client);
	contained(subject_run, &server);
}

static void no_metric(void **state)
{
	struct subject text = {NULL, "echo nothing to see", "redis-benchmark", .code = -EPROTO,
			       .says = {"requests per second"}};
	struct subject flood = {NULL, "yes 0123456789 | head -c 5000000", "iperf3", .code = -EPROTO,
				.says = {"more than 1048576"}};

	(void)state;
	contained(subject_run, &text);
	contained(subject_run, &flood);
}

static void a_port_in_use(void **state)
{
	struct subject subject = {"python3 -c '" LISTENER
				  "s.listen(); t=socket.socket(); t.bind((\"\",int(sys.argv[1])))' {port}",
				  "sleep 0.3; false", .code = -ECHILD, .says = {"status 1", "already in use"}};

	(void)state;
	contained(subject_run, &subject);
}

static const char *root; /* of the source tree: argv[1] */

/* The real programs, as `tools/peers` has them; skipped with its last words where they cannot be had. */
static void peers_need(const char *names)
{
	char line[512], why[512] = "tools/peers failed";
	FILE *peers;

	snprintf(line, sizeof line, "%s/tools/peers %s 2>&1 >/dev/null", root, names);
	peers = popen(line, "r");
	while (peers && fgets(line, sizeof line, peers))
		snprintf(why, sizeof why, "%s", line);
	if (peers && !pclose(peers))
		return;
	printf("skip: %s\n", why);
	fflush(stdout);
	skip();
}

static int iperf3_judge(const struct trial *trial)
{
	EXPECT(trial->value > 15e6 && trial->value < 20.5e6, "goodput %g", trial->value);
	EXPECT(trial->evidence.have_sender && trial->evidence.sender == HOST_CLIENT, "who sent?");
	EXPECT(trial->evidence.busy_us > 500000, "busy %g us", trial->evidence.busy_us);
	EXPECT(trial->report[HOST_SERVER].count == 1, "%u verdicts", trial->report[HOST_SERVER].count);
	return 0;
}

static int redis_judge(const struct trial *trial)
{
	EXPECT(trial->value > 100, "%g requests per second", trial->value);
	return 0;
}

static void the_real_iperf3_and_redis(void **state)
{
	char server[2][512], client[2][512];
	struct subject iperf3 = {
		server[0], client[0], "iperf3", "rtt=10ms,rate=20mbit", "cc=cubic", .tries = 4, .judge = iperf3_judge};
	struct subject redis = {server[1], client[1], "redis-benchmark", "rtt=1ms", "nodelay", .judge = redis_judge};
	struct subject plain = {server[0], client[0], "iperf3", .code = -EPROTO, .says = {"-J"}};

	(void)state;
	peers_need("iperf3 redis");
	snprintf(server[0], sizeof *server, "%s/build/peers/bin/iperf3 -s -p {port}", root);
	snprintf(client[0], sizeof *client, "%s/build/peers/bin/iperf3 -c {server} -p {port} -O 1 -t 1 -J", root);
	contained(subject_run, &iperf3);
	snprintf(client[0], sizeof *client, "%s/build/peers/bin/iperf3 -c {server} -p {port} -n 1M", root);
	contained(subject_run, &plain);
	snprintf(server[1], sizeof *server,
		 "%s/build/peers/bin/redis-server --port {port} --protected-mode no --save ''", root);
	snprintf(client[1], sizeof *client,
		 "%s/build/peers/bin/redis-benchmark -h {server} -p {port} -n 500 -c 5 -t set -q", root);
	contained(subject_run, &redis);
}

static int interrupted_run(void *arg)
{
	static volatile int stop;
	struct sockctl_error error = {0};
	struct command_load load;
	struct world world;
	struct runner runner;
	static struct trial trial;
	const struct arm arm = {0};

	(void)arg;
	EXPECT(!world_open(&world, NULL, &error), "%s", error.hint);
	EXPECT(!command_load_open(&load, &world, NULL, "sleep 1000", reader_find("wall"), &error), "%s", error.hint);
	stop = 1;
	load.stop = &stop;
	runner = command_load_runner(&load);
	EXPECT(runner.run(runner.context, &arm, &trial, &error) == -ECANCELED, "%s", error.hint);
	EXPECT(!others_alive(&world), "left");
	command_load_close(&load);
	world_close(&world);
	return 0;
}

static void an_interrupt_ends_it(void **state)
{
	(void)state;
	contained(interrupted_run, NULL);
}

/* A name that nobody else uses, to be found from outside the containment. */
static bool marker_runs(const char *marker)
{
	char command[128];

	/* An argument that is just this; the brackets keep grep from finding itself. */
	snprintf(command, sizeof command, "grep -qsazx '[%c]%s' /proc/[0-9]*/cmdline", marker[0], marker + 1);
	return system(command) == 0;
}

static bool marker_becomes(const char *marker, bool wanted)
{
	for (uint64_t until_us = clock_us() + 10000000; clock_us() < until_us; usleep(20000))
		if (marker_runs(marker) == wanted)
			return true;
	return false;
}

/* Nothing can be caught then: the kernel has to empty the containment. */
static void sigkill_leaves_nothing(void **state)
{
	char marker[32], client[96];
	struct subject subject = {NULL, client};
	pid_t runner;

	(void)state;
	snprintf(marker, sizeof marker, "1000.%d", getpid());
	snprintf(client, sizeof client, "(setsid sleep %s &); sleep %s", marker, marker);
	runner = fork();
	if (!runner) {
		struct sockctl_error error;

		_exit(contain_run(subject_run, &subject, &error) < 0 ? 77 : 1);
	}
	if (!marker_becomes(marker, true)) {
		int status;

		if (waitpid(runner, &status, WNOHANG) == runner && WIFEXITED(status) && WEXITSTATUS(status) == 77) {
			printf("skip: no user namespaces here\n");
			fflush(stdout);
			skip();
		}
		fail_msg("the client never ran");
	}
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	assert_true(marker_becomes(marker, false));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wall_time_of_a_client_alone),
		cmocka_unit_test(server_and_client_over_a_path),
		cmocka_unit_test(a_server_that_chooses_its_port),
		cmocka_unit_test(missing_programs),
		cmocka_unit_test(crashes),
		cmocka_unit_test(hangs),
		cmocka_unit_test(no_metric),
		cmocka_unit_test(a_port_in_use),
		cmocka_unit_test(the_real_iperf3_and_redis),
		cmocka_unit_test(an_interrupt_ends_it),
		cmocka_unit_test(sigkill_leaves_nothing),
	};

	root = argc > 1 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
