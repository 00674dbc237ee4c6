/* One variable and its handler. */
#include "cli/stopping.h"
#include <signal.h>
#include <stddef.h>

volatile int stop_signal;

static void stop_note(int number)
{
	stop_signal = number;
}

void stop_catch(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = stop_note}, before;

	for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!sigaction(ends[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(ends[i], &action, NULL);
}
