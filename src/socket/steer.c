/* Steering of SO_REUSEPORT groups: the kernel's hash, a classic BPF program of a few instructions, or
 * SO_INCOMING_CPU. net/core/sock_reuseport.c numbers the sockets of a group from 0, in the order in which they
 * listened (UDP: were bound); one that is closed leaves its number to the last. A program that names none of them
 * leaves the choice to the hash. */
#include "socket/steer.h"
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/error.h"
#include "socket/refusal.h"
#include "socket/report.h"

/* include/uapi/asm-generic/socket.h; the last one, since Linux 5.3, is younger than some headers. */
enum { ATTACH_FILTER = 26, INCOMING_CPU = 49, ATTACH_REUSEPORT_CBPF = 51, DETACH_REUSEPORT_BPF = 68 };

/* Of classic BPF (include/uapi/linux/filter.h, bpf_common.h) just what is needed here. */
enum {
	LOAD_WORD = 0x20,
	LOAD_BYTE = 0x30,
	MODULO = 0x94,
	ADD = 0x04,
	JUMP_AT_LEAST = 0x35,
	JUMP_BITS_SET = 0x45,
	RETURN_NUMBER = 0x06,
	RETURN_RESULT = 0x16,
};
#define ANCILLARY_CPU ((uint32_t)-0x1000 + 36)
#define ANCILLARY_RANDOM ((uint32_t)-0x1000 + 56)

struct instruction { /* struct sock_filter */
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t operand;
};

struct program { /* struct sock_fprog */
	unsigned short length;
	const struct instruction *start;
};

#define PROGRAM(array) ((struct program){sizeof(array) / sizeof *(array), (array)})

static int program_attach(int fd, int number, struct program program)
{
	return setsockopt(fd, SOL_SOCKET, number, &program, sizeof program) ? -errno : 0;
}

static int number_set(int fd, int number, int value)
{
	return setsockopt(fd, SOL_SOCKET, number, &value, sizeof value) ? -errno : 0;
}

static int program_detach(int fd)
{
	int r = number_set(fd, DETACH_REUSEPORT_BPF, 0);

	return r == -ENOENT ? 0 : r; /* there was none */
}

/* A shard beyond the last CPU serves the first one again: one whose CPU does not exist would get next to nothing. cpus:
 * sysconf's number, which the C library reads from a file at each call. */
static int cpu_of(unsigned shard, long cpus)
{
	return cpus > 0 ? (int)(shard % (unsigned long)cpus) : (int)shard;
}

static int steer_by_cpu(const int fd[], unsigned count, enum sockctl_outcome *ret)
{
	const struct instruction code[] = {
		{LOAD_WORD, 0, 0, ANCILLARY_CPU},
		{MODULO, 0, 0, count},
		{RETURN_RESULT, 0, 0, 0},
	};

	*ret = SOCKCTL_UNVERIFIABLE; /* no call reads a group's program */
	return program_attach(fd[0], ATTACH_REUSEPORT_CBPF, PROGRAM(code));
}

/* -1 is the value of a fresh socket: no CPU is preferred. */
static int steer_by_hash(const int fd[], unsigned count, enum sockctl_outcome *ret)
{
	int r = program_detach(fd[0]);

	for (unsigned i = 0; !r && i < count; i++)
		r = number_set(fd[i], INCOMING_CPU, -1);
	*ret = SOCKCTL_GRANTED; /* detached, or told that there is nothing to detach: either is the kernel's word */
	return r;
}

/* Before Linux 6.2 a group does not look at it (net/core/sock_reuseport.c, reuseport_select_sock_by_hash()). */
static bool kernel_looks_at_cpus(void)
{
	struct utsname name;

	return !uname(&name) && strverscmp(name.release, "6.2") >= 0;
}

static enum sockctl_outcome judge_incoming_cpu(const int fd[], unsigned count, long cpus)
{
	if (!kernel_looks_at_cpus())
		return SOCKCTL_INERT;
	for (unsigned i = 0; i < count; i++) {
		int cpu = -1;
		socklen_t length = sizeof cpu;

		if (getsockopt(fd[i], SOL_SOCKET, INCOMING_CPU, &cpu, &length))
			return SOCKCTL_UNVERIFIABLE;
		if (cpu != cpu_of(i, cpus))
			return SOCKCTL_DIFFERS;
	}
	return SOCKCTL_GRANTED;
}

static int steer_by_incoming_cpu(const int fd[], unsigned count, enum sockctl_outcome *ret)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	int r = program_detach(fd[0]);

	for (unsigned i = 0; !r && i < count; i++)
		r = number_set(fd[i], INCOMING_CPU, cpu_of(i, cpus));
	if (!r)
		*ret = judge_incoming_cpu(fd, count, cpus);
	return r;
}

/* 0 with what became of it, or -errno. */
static int (*const ways[])(const int fd[], unsigned count, enum sockctl_outcome *ret) = {
	[STEER_HASH] = steer_by_hash,
	[STEER_CPU] = steer_by_cpu,
	[STEER_INCOMING_CPU] = steer_by_incoming_cpu,
};

static void outcome_merge(const struct setting *setting, enum sockctl_outcome outcome, const char *limit,
			  struct sockctl_verdict *into)
{
	struct sockctl_verdict verdict = verdict_start(setting);

	verdict.outcome = outcome;
	verdict.limit = limit;
	if (outcome == SOCKCTL_GRANTED) {
		verdict.granted = verdict.usable = verdict.asked;
		__builtin_memcpy(verdict.granted_text, verdict.asked_text, sizeof verdict.granted_text);
	}
	report_merge(into, &verdict);
}

int steer_make(const struct applying *at, const int fd[], unsigned count, struct sockctl_report *report)
{
	for (unsigned i = 0; i < at->spec->count; i++) {
		const struct setting *setting = &at->spec->setting[i];
		enum sockctl_outcome outcome;
		int r;

		if (catalogue[setting->option].via != VIA_STEER)
			continue;
		if (count < 2) {
			outcome_merge(setting, SOCKCTL_INERT, catalogue[OPTION_shards].name, &report->verdict[i]);
			return 0;
		}
		r = ways[setting->value.number](fd, count, &outcome);
		if (r)
			return apply_refused(at, i, NULL, r, report);
		outcome_merge(setting, outcome, NULL, &report->verdict[i]);
	}
	return 0;
}

int steer_away(const int fd[], unsigned count, unsigned which)
{
	/* A random one of the others: numbers from `which` on move up by one. */
	const struct instruction code[] = {
		{LOAD_WORD, 0, 0, ANCILLARY_RANDOM},
		{MODULO, 0, 0, count - 1},
		{JUMP_AT_LEAST, 0, 1, which},
		{ADD, 0, 0, 1},
		{RETURN_RESULT, 0, 0, 0},
	};

	return program_attach(fd[0], ATTACH_REUSEPORT_CBPF, PROGRAM(code));
}

/* A socket filter sees the packet from the TCP header on, and is asked about handshakes under way too
 * (net/ipv4/tcp_ipv4.c, tcp_v4_rcv): so only what has SYN is dropped. Accepted sockets inherit it; nothing of
 * theirs has SYN any more. */
int steer_shut(int fd)
{
	enum { FLAGS_AT = 13, FLAG_SYN = 2 };
	static const struct instruction code[] = {
		{LOAD_BYTE, 0, 0, FLAGS_AT},
		{JUMP_BITS_SET, 0, 1, FLAG_SYN},
		{RETURN_NUMBER, 0, 0, 0},
		{RETURN_NUMBER, 0, 0, UINT32_MAX},
	};

	return program_attach(fd, ATTACH_FILTER, PROGRAM(code));
}

int sockctl_steer(const int fd[], unsigned count, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct applying at = {.phase = SOCKCTL_LISTENING, .spec = apply_spec(spec)};
	struct sockctl_report spare;
	int r = report_begin(&report, &spare, at.spec);

	if (r)
		return r;
	if (!fd || !count)
		return error_set(&report->error, -EINVAL, "steer", NULL, "at least one socket is needed");
	return steer_make(&at, fd, count, report);
}
