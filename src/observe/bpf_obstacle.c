/* Asks the process and the kernel what is missing, in the order in which it would be refused. */
#include "observe/bpf_obstacle.h"
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/libbpf.h>
#include "base/error.h"
#include "base/text.h"
#include "observe/capability.h"
#include "observe/sight.h"

/* Newer than some headers: CAP_PERFMON and CAP_BPF, Linux 5.8. CAP_SYS_ADMIN stands for both. */
enum { PERFMON = 38, BPF = 39 };

static void capabilities_missing(struct text *text)
{
	static const struct {
		const char *name;
		int number;
	} needed[] = {{"CAP_BPF", BPF}, {"CAP_PERFMON", PERFMON}};
	uint64_t have = capabilities_effective();

	for (unsigned i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!(have >> needed[i].number & 1) && !(have >> CAP_SYS_ADMIN & 1))
			text_add(text, "%s%s", text->length ? " and " : "", needed[i].name);
}

/* The word in brackets is the one in force. */
static bool is_locked_down(void)
{
	char line[128] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");
	bool locked = file && fgets(line, sizeof line, file) && strstr(line, "[confidentiality]");

	if (file)
		fclose(file);
	return locked;
}

static int silent(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

void bpf_quiet(void)
{
	libbpf_set_print(silent);
}

/* NULL: those of strerror(). */
static const char *words_of(int code)
{
	switch (-code) {
	case EPERM:
		return "a container's seccomp profile or a security module forbids it";
	case ENOSYS:
		return "this kernel lacks BPF (CONFIG_BPF_SYSCALL)";
	case EINVAL:
	case EACCES:
	case E2BIG:
	case ESRCH: /* libbpf: a type or function that the kernel's BTF does not have */
	case ENOENT:
		return "this kernel's verifier or its BTF does not take it; Linux 6.18 does";
	default:
		return NULL;
	}
}

int bpf_obstacle(struct sockctl_error *error, int code, const char *program)
{
	char names[80] = "";
	struct text missing = TEXT(names);
	const char *words;

	capabilities_missing(&missing);
	if (*names)
		return error_set(error, code, "bpf", program, "needs %s; root has it", names);
	if (!namespace_is_first("/proc", "user"))
		return error_set(error, code, "bpf", program,
				 "capabilities of a user namespace do not count: it takes those of the host");
	if (is_locked_down())
		return error_set(error, code, "bpf", program,
				 "the kernel is locked down (confidentiality): BPF may not read it");
	if (code == -EMFILE || code == -ENFILE || code == -ENOMEM)
		return error_set(error, code, "bpf", program, NULL);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		return error_set(error, code, "bpf", program,
				 access("/sys/kernel", F_OK) ?
					 "/sys is not mounted here, and with it the kernel's BTF is not to be seen" :
					 "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)");
	words = words_of(code);
	return words ? error_set(error, code, "bpf", program, "%s", words) :
		       error_set(error, code, "bpf", program, NULL);
}
