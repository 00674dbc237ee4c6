/* Errors on stderr, and what they make of the exit code. What they quote comes from strangers. */
#include "cli/command.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "base/error.h"
#include "base/text.h"

int fail(const struct sockctl_error *error, int exit_code)
{
	char line[512];

	sockctl_error_text(error, line, sizeof line);
	fflush(stdout);
	fprintf(stderr, "sockctl: %s\n", text_harmless(line));
	return exit_code;
}

int fail_memory(const char *what)
{
	struct sockctl_error error;

	error_set(&error, -ENOMEM, "allocate", what, NULL);
	return fail(&error, EXIT_FINDINGS);
}

int fail_usage(const struct command *command, const char *format, ...)
{
	char line[512];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	fflush(stdout);
	fprintf(stderr, "sockctl %s: %s\nusage: sockctl %s %s\n", command->name, text_harmless(line), command->name,
		command->usage);
	return EXIT_USAGE;
}

int exit_code_of(int negative_errno)
{
	switch (-negative_errno) {
	case EINVAL:
	case ENOENT:
	case ERANGE:
	case E2BIG:
		return EXIT_USAGE;
	case EPERM:
	case EACCES:
	case ENOSYS:
	case EOPNOTSUPP:
	case ENOPROTOOPT:
	case ENOSPC:
	case EBUSY:
		return EXIT_PRIVILEGE;
	default:
		return EXIT_FINDINGS;
	}
}

unsigned terminal_width(FILE *file)
{
	struct winsize size;

	if (!isatty(fileno(file)))
		return 0;
	return ioctl(fileno(file), TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

bool terminal_colour(FILE *file)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fileno(file)) && !(no && *no);
}
