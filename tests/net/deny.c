/* deny HOW -- PROGRAM: runs a program where system calls are forbidden or old, as a container's seccomp profile or
 * an older kernel would have it. HOW: NAME=ERRNO, or NAME=ERRNO:ARGUMENT:BITS, which forbids it only with these
 * bits in that argument. */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int rule_add(scmp_filter_ctx context, const char *how)
{
	char name[32];
	unsigned code, argument;
	unsigned long bits;
	int fields = sscanf(how, "%31[^=]=%u:%u:%lx", name, &code, &argument, &bits);
	struct scmp_arg_cmp with = {argument, SCMP_CMP_MASKED_EQ, bits, bits};

	if (fields != 2 && fields != 4)
		return -EINVAL;
	return seccomp_rule_add_array(context, SCMP_ACT_ERRNO(code), seccomp_syscall_resolve_name(name), fields == 4,
				      &with);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int i, r = 0;

	for (i = 1; i < argc && strcmp(argv[i], "--") && !r; i++)
		r = rule_add(context, argv[i]);
	if (r || i + 1 >= argc || (r = seccomp_load(context))) {
		fprintf(stderr, "deny: %s\n", strerror(r ? -r : EINVAL));
		return 125;
	}
	execvp(argv[i + 1], argv + i + 1);
	return 127;
}
