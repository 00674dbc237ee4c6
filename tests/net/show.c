/* `sockctl show` over sockets whose truth is known: notes, options, owners, filters that need a look into the process, and JSON. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <jansson.h>
#include "namespace.h"
#include "sockctl.h"

static const char *sockctl;
static char said[1 << 20]; /* what the last command printed, stderr included if it was asked for */

static int run(const char *arguments)
{
	char command[512];
	size_t length;
	FILE *pipe;
	int status;

	snprintf(command, sizeof command, "'%s' show %s", sockctl, arguments);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	length = fread(said, 1, sizeof said - 1, pipe);
	said[length] = 0;
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static json_t *records(const char *arguments)
{
	json_error_t error;
	json_t *root;

	assert_int_equal(run(arguments), 0);
	root = json_loads(said, 0, &error);
	if (!root)
		fail_msg("%s: %s", arguments, error.text);
	assert_true(json_is_true(json_object_get(root, "complete")));
	return root;
}

static size_t found(const char *filter)
{
	char arguments[300];
	json_t *root;
	size_t count;

	snprintf(arguments, sizeof arguments, "-aj '%s'", filter);
	root = records(arguments);
	count = json_array_size(json_object_get(root, "sockets"));
	json_decref(root);
	return count;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t length = sizeof address;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	return ntohs(address.sin_port);
}

static int connection(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	connect(fd, (struct sockaddr *)&address, sizeof address);
	return fd;
}

static int listener(const char *text)
{
	struct sockctl_spec spec;
	int fd;

	assert_int_equal(sockctl_spec_parse(&spec, text, NULL), 0);
	assert_int_equal(sockctl_listen("127.0.0.1:0", &spec, NULL, &fd, 1, NULL), 1);
	return fd;
}

static void await(int fd, short events)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};

	assert_int_equal(poll(&poll_fd, 1, 10000), 1);
}

static void a_full_queue_is_told_first(void **state)
{
	int fd = listener("backlog=1"), client[2];
	char arguments[100];

	(void)state;
	for (int i = 0; i < 2; i++) {
		client[i] = connection(port_of(fd));
		await(client[i], POLLOUT);
	}
	snprintf(arguments, sizeof arguments, "-tln sport = :%u", port_of(fd));
	assert_int_equal(run(arguments), 0);
	if (!strstr(said, "\nqueue full  tcp    127.0.0.1:"))
		fail_msg("%s", said);
	close(client[0]), close(client[1]), close(fd);
}

static void unread_data_and_the_owner(void **state)
{
	int fd = listener("nodelay,keepalive=30s/10s/3,rcvbuf=32K"), client = connection(port_of(fd)), server;
	char arguments[200], expected[100];
	json_t *root, *socket, *options;
	pid_t pid = getpid();

	(void)state;
	await(fd, POLLIN);
	server = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(send(client, "12345", 5, 0), 5);
	await(server, POLLIN);
	snprintf(arguments, sizeof arguments, "-tp 'sport = :%u'", port_of(fd));
	assert_int_equal(run(arguments), 0);
	snprintf(expected, sizeof expected, "net-show[%d]", (int)pid);
	if (!strstr(said, "\nunread 5") || !strstr(said, expected))
		fail_msg("%s", said);
	snprintf(arguments, sizeof arguments, "-tjO 'sport = :%u and pid eq %d'", port_of(fd), (int)pid);
	root = records(arguments);
	assert_int_equal(json_array_size(json_object_get(root, "sockets")), 1);
	socket = json_array_get(json_object_get(root, "sockets"), 0);
	assert_int_equal(json_integer_value(json_object_get(socket, "rqueue_bytes")), 5);
	options = json_object_get(socket, "options");
	if (json_is_null(options)) {
		printf("skip: pidfd_getfd on the own parent is forbidden here\n");
	} else {
		const char *text = json_string_value(
			json_object_get(json_object_get(options, "keepalive-idle"), "text"));

		assert_string_equal(text, "30s");
		assert_int_equal(json_integer_value(json_object_get(json_object_get(options, "nodelay"), "value")), 1);
		snprintf(arguments, sizeof arguments, "sport = :%u and nodelay eq on and keepalive-idle lt 31s",
			 port_of(fd));
		assert_int_equal(found(arguments), 2);
		snprintf(arguments, sizeof arguments, "sport = :%u and nodelay eq off", port_of(fd));
		assert_int_equal(found(arguments), 0);
		snprintf(arguments, sizeof arguments, "dport = :%u and nodelay eq off", port_of(fd));
		assert_int_equal(found(arguments), 1);
	}
	json_decref(root);
	close(client), close(server), close(fd);
}

static void records_tell_what_sock_diag_does(void **state)
{
	int fd = listener("cc=cubic"), client = connection(port_of(fd));
	json_t *root, *socket, *owner;
	char arguments[100];

	(void)state;
	await(client, POLLOUT);
	snprintf(arguments, sizeof arguments, "-tljp sport = :%u", port_of(fd));
	root = records(arguments);
	socket = json_array_get(json_object_get(root, "sockets"), 0);
	owner = json_array_get(json_object_get(socket, "owners"), 0);
	assert_int_equal(json_integer_value(json_object_get(owner, "pid")), getpid());
	assert_true(json_is_string(json_object_get(owner, "cgroup")) || json_is_null(json_object_get(owner, "cgroup")));
	assert_true(json_is_false(json_object_get(socket, "hdrincl")));
	assert_true(json_is_false(json_object_get(socket, "defer_connect")));
	assert_true(json_is_null(json_object_get(socket, "congestion_info"))); /* cubic keeps silent */
	assert_null(json_object_get(owner, "files"));
	json_decref(root);
	snprintf(arguments, sizeof arguments, "-tljv sport = :%u", port_of(fd));
	root = records(arguments);
	owner = json_array_get(json_object_get(json_array_get(json_object_get(root, "sockets"), 0), "owners"), 0);
	assert_true(json_integer_value(json_object_get(owner, "files")) >= 5); /* 0 to 2, and the two sockets */
	json_decref(root);
	close(client), close(fd);
}

/* Only the kernel knows it, but a filter may ask for more than the kernel can decide. */
static void autobound_beside_a_fact(void **state)
{
	int fd = listener("nodelay"), client = connection(port_of(fd));
	char filter[200];

	(void)state;
	await(client, POLLOUT);
	snprintf(filter, sizeof filter, "autobound and rtt ge 0us and dport = :%u", port_of(fd));
	assert_int_equal(found(filter), 1);
	snprintf(filter, sizeof filter, "not autobound and rtt ge 0us and dport = :%u", port_of(fd));
	assert_int_equal(found(filter), 0);
	snprintf(filter, sizeof filter, "(rtt gt 1h or not autobound) and state listening and sport = :%u",
		 port_of(fd));
	assert_int_equal(found(filter), 0); /* listen_one() asked for port 0: the kernel chose it */
	close(client), close(fd);
}

static void what_cannot_be_decided_is_counted(void **state)
{
	int fd = listener("nodelay"), client = connection(port_of(fd)), server;
	char arguments[200];

	(void)state;
	await(fd, POLLIN);
	server = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	close(client); /* closes first: its end stays in TIME_WAIT, where nobody owns it */
	await(server, POLLIN);
	close(server);
	snprintf(arguments, sizeof arguments, "-a 'dport = :%u and nodelay eq on' 2>&1", port_of(fd));
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(run(arguments), 0);
		if (strstr(said, "1 socket left out"))
			break;
	}
	if (!strstr(said, "1 socket left out"))
		fail_msg("%s", said);
	close(fd);
}

static void every_line_of_ndjson_is_an_object(void **state)
{
	int fd = listener("nodelay");
	unsigned lines = 0;
	json_t *last = NULL;

	(void)state;
	assert_int_equal(run("-a --ndjson"), 0);
	for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
		json_decref(last);
		last = json_loads(line, 0, NULL);
		assert_true(json_is_object(last));
		lines++;
	}
	assert_true(lines >= 2);
	assert_true(json_is_true(json_object_get(last, "complete")));
	assert_int_equal(json_integer_value(json_object_get(last, "shown")), lines - 1);
	json_decref(last);
	close(fd);
}

static void a_wrong_filter_names_its_token(void **state)
{
	(void)state;
	assert_int_equal(run("rtt 50ms 2>&1"), 2);
	assert_non_null(strstr(said, "rtt"));
	assert_non_null(strstr(said, "shell"));
	assert_int_equal(run("'( sport = :1' 2>&1"), 2);
	assert_int_equal(run("--no-such-flag 2>&1"), 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_queue_is_told_first),
		cmocka_unit_test(unread_data_and_the_owner),
		cmocka_unit_test(records_tell_what_sock_diag_does),
		cmocka_unit_test(autobound_beside_a_fact),
		cmocka_unit_test(what_cannot_be_decided_is_counted),
		cmocka_unit_test(every_line_of_ndjson_is_an_object),
		cmocka_unit_test(a_wrong_filter_names_its_token),
	};

	if (argc != 2)
		return 2;
	sockctl = argv[1];
	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespace\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
