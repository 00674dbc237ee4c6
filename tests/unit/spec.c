/* The SPEC language: what it takes, what it refuses and how it says so, and that its canonical text is the same spec. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "catalog/profile.h"
#include "catalog/spec.h"

static const struct {
	const char *text, *canonical;
} accepted[] = {
	{"", ""},
	{"  , ,\t\n", ""},
	{"nodelay", "nodelay"},
	{"nodelay=on", "nodelay"},
	{"NODELAY=Yes", "nodelay"},
	{"TCP_NODELAY=0", "nodelay=off"},
	{"NoDelay=true Backlog=4096", "nodelay,backlog=4096"},
	{"nodelay,keepalive=30s/10s/3", "nodelay,keepalive=30s/10s/3"},
	{"keepalive=30s/10s", "keepalive,keepalive-idle=30s,keepalive-interval=10s"},
	{"keepalive=off", "keepalive=off"},
	{"keepalive=30/10/3,keepalive-count=5", "keepalive=30s/10s/5"},
	{"keepalive=30/10/3,keepalive=off",
	 "keepalive=off,keepalive-idle=30s,keepalive-interval=10s,keepalive-count=3"},
	{"keepalive=30/10/3,try:keepalive-count=5",
	 "keepalive,keepalive-idle=30s,keepalive-interval=10s,try:keepalive-count=5"},
	{"-keepalive=30/10/3", "try:keepalive=30s/10s/3"},
	{"backlog=1 nodelay backlog=2", "backlog=2,nodelay"},
	{"try:nodelay,nodelay", "nodelay"},
	{"nodelay,-nodelay", "try:nodelay"},
	{"rcvbuf=auto,sndbuf=bdp:1gbit:40ms", "rcvbuf=auto,sndbuf=bdp:1gbit:40ms"},
	{"sndbuf=BDP:0.1gbit:0.04", "sndbuf=bdp:100mbit:40ms"},
	{"ReceiveBuffer=1.5M", "rcvbuf=1536K"},
	{"BindIPv6Only=ipv6-only", "v6only"},
	{"BindIPv6Only=both", "v6only=off"},
	{"user-timeout=0.5s", "user-timeout=500ms"},
	{"linger=off", "linger=off"},
	{"linger=0", "linger=0s"},
	{"tos=16", "tos=0x10"},
	{"tos=0x10,dscp=ef", "dscp=ef"},
	{"dscp=46,tos=8", "tos=0x8"},
	{"max-pacing-rate=off", "max-pacing-rate=off"},
	{"max-pacing-rate=2.5gbit", "max-pacing-rate=2500mbit"},
	{"bind-device=none,cc=none", "bind-device=none,cc=none"},
	{"buf-lock=rcv+snd", "buf-lock=snd+rcv"},
	{"buf-lock=NONE,timestamping=0", "buf-lock=none,timestamping=none"},
	{"buf-lock=0x1+2", "buf-lock=snd+rcv"},
	{"timestamping=software+rx-software", "timestamping=rx-software+software"},
	{"timestamping=8+raw-hardware", "timestamping=rx-software+raw-hardware"},
	{"timestamping=tx-hardware+tx-software+rx-hardware+rx-software", "timestamping=0xf"}, /* too long for a verdict */
	{"timestamping=tx-hardware+tx-software+rx-hardware+rx-software+software+raw-hardware+opt-id+tx-sched+tx-ack+opt-cmsg+"
	 "opt-tsonly+opt-stats+opt-pktinfo+opt-tx-swhw+bind-phc+opt-id-tcp+opt-rx-filter+tx-completion",
	 "timestamping=0x7ffdf"},
	{"timestamping=0x20", "timestamping=0x20"},                                          /* no word for it */
	{"rcvtimeo=1.5s,sndtimeo=off", "rcvtimeo=1500ms,sndtimeo=off"},
	{"rcvtimeo=0", "rcvtimeo=off"},
	{"txtime=tai", "txtime=tai"},
	{"txtime=Monotonic/report/DEADLINE", "txtime=monotonic/deadline/report"},
	{"incoming-cpu=any,bind-ifindex=0", "incoming-cpu=any,bind-ifindex=none"},
	{"rcvbuf=1M,try:rcvbuf-force=8M", "rcvbuf=1M,try:rcvbuf-force=8M"}, /* the second where there is the privilege */
	{"@reliable", "keepalive=30s/10s/3,user-timeout=55s"},
	{"@reliable,user-timeout=1m", "keepalive=30s/10s/3,user-timeout=1m"},
	{"user-timeout=1m,@reliable", "user-timeout=55s,keepalive=30s/10s/3"},
	{"try:@reliable", "try:keepalive=30s/10s/3,try:user-timeout=55s"},
};

static void spec_accepts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
		struct spec spec, again;
		struct sockctl_error error = {0};
		char text[SPEC_TEXT_MAX];

		if (spec_parse(&spec, accepted[i].text, &error))
			fail_msg("%s: %s: %s", accepted[i].text, error.subject, error.hint);
		spec_format(&spec, text, sizeof text);
		assert_string_equal(text, accepted[i].canonical);
		assert_int_equal(spec_parse(&again, text, NULL), 0);
		assert_true(spec_equal(&spec, &again));
	}
}

static const struct {
	const char *text;
	int code;
	const char *subject, *hint; /* the hint holds this */
} refused[] = {
	{"nodelya", -ENOENT, "nodelya", "nearest: nodelay"},
	{"backlog=1,tcp_no_delay", -ENOENT, "tcp_no_delay", "nearest: nodelay"},
	{"receivebufer=1", -ENOENT, "receivebufer=1", "nearest: rcvbuf"},
	{"keepalive-time=1", -ENOENT, "keepalive-time=1", "nearest: keepalive-idle"},
	{"xyzzy", -ENOENT, "xyzzy", "`sockctl options`"},
	{"nodelay=", -EINVAL, "nodelay=", "expects on or off"},
	{"nodelay=maybe", -EINVAL, "nodelay=maybe", "expects on or off"},
	{"backlog", -EINVAL, "backlog", "expects a number, 0 to 2147483647"},
	{"backlog=-1", -EINVAL, "backlog=-1", "expects a number"},
	{"backlog=2147483648", -ERANGE, "backlog=2147483648", "out of range; expects a number, 0 to 2147483647"},
	{"backlog=99999999999999999999", -ERANGE, "backlog=99999999999999999999", "out of range"},
	{"keepalive=0/10/3", -ERANGE, "keepalive=0/10/3", "1s to 32767s"},
	{"keepalive=1/2/3/4", -EINVAL, "keepalive=1/2/3/4", "keepalive-idle/keepalive-interval/keepalive-count"},
	{"keepalive=1//3", -EINVAL, "keepalive=1//3", "keepalive-interval expects a time"},
	{"keepalive=30s", -EINVAL, "keepalive=30s", "30s/10s/3"},
	{"keepalive-idle=1500ms", -EINVAL, "keepalive-idle=1500ms", "expects a time such as 30s, in whole seconds, 1s"},
	{"user-timeout=50us", -EINVAL, "user-timeout=50us", "in whole milliseconds"},
	{"rcvbuf=bdp:1gbit", -EINVAL, "rcvbuf=bdp:1gbit", "bdp:RATE:RTT"},
	{"rcvbuf=bdp:1bit:1us", -ERANGE, "rcvbuf=bdp:1bit:1us", "out of range"},
	{"rcvbuf=bdp:9000000000gbit:9000000h", -ERANGE, "rcvbuf=bdp:9000000000gbit:9000000h", "out of range"},
	{"notsent-lowat=auto", -EINVAL, "notsent-lowat=auto", "a size"},
	{"max-pacing-rate=1bit", -EINVAL, "max-pacing-rate=1bit", "a rate"},
	{"cc=abcdefghijklmnop", -ERANGE, "cc=abcdefghijklmnop", "1 to 15 characters"},
	{"cc=a/b", -EINVAL, "cc=a/b", "a name"},
	{"dscp=64", -ERANGE, "dscp=64", "ef"},
	{"buf-lock=", -EINVAL, "buf-lock=", "some of none, snd, rcv"},
	{"buf-lock=snd+", -EINVAL, "buf-lock=snd+", "some of none, snd, rcv"},
	{"buf-lock=snd+xyz", -EINVAL, "buf-lock=snd+xyz", "joined by +"},
	{"buf-lock=4", -ERANGE, "buf-lock=4", "out of range"},
	{"rcvtimeo=-1", -EINVAL, "rcvtimeo=-1", "in whole microseconds"},
	{"txtime=tai/", -EINVAL, "txtime=tai/", "such as tai/deadline"},
	{"txtime=boottime", -EINVAL, "txtime=boottime", "realtime, monotonic, tai"},
	{"steer=3", -ERANGE, "steer=3", "hash, cpu, incoming-cpu"},
	{"incoming-cpu=-1", -EINVAL, "incoming-cpu=-1", "or any"},
	{"try:", -EINVAL, "try:", "the name of an option"},
	{"=5", -EINVAL, "=5", "the name of an option"},
	{"@relaible", -ENOENT, "@relaible", "nearest: @reliable"},
	{"@zzz", -ENOENT, "@zzz", "@interactive"},
	{"@reliable=1", -EINVAL, "@reliable=1", "no value"},
	{"no\302\23331mdelay", -ENOENT, "no??31mdelay", "no such option"},
	{"caf\303\251", -ENOENT, "caf\303\251", "no such option"},
	{"no\033[31mdelay", -ENOENT, "no?[31mdelay", "no such option"},
};

static void spec_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct sockctl_error error = {0};
		struct spec spec, before;

		spec_parse(&spec, "nodelay,cc=reno", NULL);
		before = spec;
		if (spec_add(&spec, refused[i].text, &error) != refused[i].code || error.code != refused[i].code)
			fail_msg("%s: code %d, expected %d", refused[i].text, error.code, refused[i].code);
		assert_string_equal(error.subject, refused[i].subject);
		if (!strstr(error.hint, refused[i].hint))
			fail_msg("%s: hint \"%s\" lacks \"%s\"", refused[i].text, error.hint, refused[i].hint);
		assert_memory_equal(&spec, &before, sizeof spec);
		assert_int_equal(spec_add(&spec, refused[i].text, NULL), refused[i].code);
	}
}

static void spec_bounds_tokens(void **state)
{
	struct sockctl_error error = {0};
	struct spec spec;
	char text[4096];

	(void)state;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_int_equal(spec_parse(&spec, text, &error), -ENOENT);
	assert_true(strlen(error.subject) < sizeof error.subject);
	memcpy(text, "cc=", 3);
	assert_int_equal(spec_parse(&spec, text, &error), -EINVAL);
	assert_int_equal(spec_parse(&spec, NULL, &error), -EINVAL);
}

/* Every row's example and the ends of its range, alone and all in one spec. */
static void spec_round_trips_all_rows(void **state)
{
	struct spec all = {0}, again;
	char text[SPEC_TEXT_MAX];

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		struct spec one;

		snprintf(text, sizeof text, "%s%s%s", o->name, o->example ? "=" : "", o->example ? o->example : "");
		assert_int_equal(spec_parse(&one, text, NULL), 0);
		assert_int_equal(spec_find(&one, option_id(o))->option, option_id(o));
		assert_int_equal(spec_merge(&all, &one), 0);
		assert_true((size_t)spec_format(&all, text, sizeof text) < sizeof text);
		assert_int_equal(spec_parse(&again, text, NULL), 0);
		assert_true(spec_equal(&all, &again));
	}
	assert_true(all.count + 1 >= OPTION_COUNT - 1 - 1);
}

static void spec_edits(void **state)
{
	struct spec a, b;

	(void)state;
	assert_int_equal(spec_parse(&a, "nodelay cork backlog=5", NULL), 0);
	assert_int_equal(spec_parse(&b, "backlog=5,cork,nodelay", NULL), 0);
	assert_true(spec_equal(&a, &b));
	spec_remove(&a, OPTION_cork);
	spec_remove(&a, OPTION_cork);
	assert_int_equal(a.count, 2);
	assert_null(spec_find(&a, OPTION_cork));
	assert_non_null(spec_find(&a, OPTION_backlog));
	assert_false(spec_equal(&a, &b));
	assert_int_equal(spec_merge(&a, &b), 0);
	assert_true(spec_equal(&a, &b));
}

static void spec_formats_into_little_room(void **state)
{
	struct spec spec;
	char text[8] = "xxxxxxx";

	(void)state;
	assert_int_equal(spec_parse(&spec, "nodelay,cork", NULL), 0);
	assert_int_equal(spec_format(&spec, text, sizeof text), strlen("nodelay,cork"));
	assert_string_equal(text, "nodelay");
	assert_int_equal(spec_format(&spec, NULL, 0), strlen("nodelay,cork"));
}

static void profiles_parse(void **state)
{
	(void)state;
	for (const struct profile *p = profiles; p->name; p++) {
		struct spec spec, again, by_name;
		char text[SPEC_TEXT_MAX], at[32];

		assert_int_equal(spec_parse(&spec, p->spec, NULL), 0);
		assert_true(spec.count > 0);
		spec_format(&spec, text, sizeof text);
		assert_int_equal(spec_parse(&again, text, NULL), 0);
		assert_true(spec_equal(&spec, &again));
		snprintf(at, sizeof at, "@%s", p->name);
		assert_int_equal(spec_parse(&by_name, at, NULL), 0);
		assert_true(spec_equal(&spec, &by_name));
		assert_true(strlen(p->text) > 40 && strlen(p->source) > 20);
	}
	assert_non_null(profile_find("long-haul", 9));
	assert_null(profile_find("long-haul", 4));
}

static void public_calls(void **state)
{
	struct sockctl_spec spec;
	struct sockctl_error error;
	unsigned names = 0;
	char text[64];

	(void)state;
	assert_int_equal(sockctl_spec_parse(&spec, "nodelay", &error), 0);
	assert_int_equal(sockctl_spec_shards(&spec), 1);
	assert_int_equal(sockctl_spec_add(&spec, "shards=4", &error), 0);
	assert_int_equal(sockctl_spec_shards(&spec), 4);
	assert_int_equal(sockctl_spec_add(&spec, "shards=0", &error), -ERANGE);
	assert_int_equal(sockctl_spec_format(&spec, text, sizeof text), 16);
	assert_string_equal(text, "nodelay,shards=4");
	for (const char *name = NULL; (name = sockctl_option_next(name)); names++)
		assert_non_null(option_find(name, strlen(name)));
	assert_int_equal(names, OPTION_COUNT - 1);
	assert_null(sockctl_option_next("no-such-option"));
}

static void bdp_saturates(void **state)
{
	(void)state;
	assert_int_equal(sockctl_bdp_bytes(1000000000, 40000), 5000000);
	assert_int_equal(sockctl_bdp_bytes(100000000, 50000), 625000);
	assert_int_equal(sockctl_bdp_bytes(8, 1), 0);
	assert_int_equal(sockctl_bdp_bytes(7999999, 8000001), 7999999 + 7999999 / 8000000);
	assert_int_equal(sockctl_bdp_bytes(0, 40000), 0);
	assert_int_equal(sockctl_bdp_bytes(-1, INT64_MAX), 0);
	assert_true(sockctl_bdp_bytes(INT64_MAX, INT64_MAX) == INT64_MAX);
	assert_true(sockctl_bdp_bytes(INT64_MAX, 8000000) == INT64_MAX);
	assert_true(sockctl_bdp_bytes(8000000, INT64_MAX) == INT64_MAX);
	assert_true(sockctl_bdp_bytes(INT64_MAX, 8000001) == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spec_accepts),       cmocka_unit_test(spec_refuses),
		cmocka_unit_test(spec_bounds_tokens), cmocka_unit_test(spec_round_trips_all_rows),
		cmocka_unit_test(spec_edits),         cmocka_unit_test(spec_formats_into_little_room),
		cmocka_unit_test(profiles_parse),     cmocka_unit_test(public_calls),
		cmocka_unit_test(bdp_saturates),
	};

	return cmocka_run_group_tests_name("spec", tests, NULL, NULL);
}
