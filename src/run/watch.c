/* One loop for all roles: signals, children, the partner, notifications. */
#include "run/watch.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "run/channel.h"
#include "run/standby.h"

void watch_detach(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (chdir("/"))
		return; /* keeps a directory in use, no more */
}

/* What the terminal sends goes to the whole foreground group, so the program has it already, unless it left the
 * group; but of a hangup only the session's leader is told (drivers/tty/tty_jobctrl.c, tty_signal_session_leader). */
static bool program_has_it(const struct watch *watch, const struct signalfd_siginfo *info)
{
	bool told_alone = info->ssi_signo == SIGHUP && getsid(0) == getpid();

	return info->ssi_code > 0 && !told_alone && getpgid(watch->program) == getpgrp();
}

/* Our own are SIGPIPE for a report that nobody reads. */
static void signal_pass(const struct watch *watch, const struct signalfd_siginfo *info)
{
	if (watch->program_fd < 0 || info->ssi_signo == SIGCHLD || (pid_t)info->ssi_pid == getpid())
		return;
	if (program_has_it(watch, info))
		return;
	syscall(SYS_pidfd_send_signal, watch->program_fd, info->ssi_signo, NULL, 0);
}

static int status_of(const siginfo_t *child)
{
	if (child->si_code == CLD_EXITED)
		return child->si_status << 8;
	return child->si_status | (child->si_code == CLD_DUMPED ? 0x80 : 0);
}

/* The status goes to the partner before the zombie goes: whoever dies in between, nobody loses it. */
static void program_end(struct watch *watch, int status)
{
	watch->ended = true;
	watch->status = status;
	if (watch->partner_fd < 0)
		return;
	channel_send(watch->partner_fd, MESSAGE_ENDED, status, -1);
	if (watch->partner_is_front)
		kill(watch->partner, SIGCONT); /* it may have stopped with the program */
}

/* The front returns now. Descendants that live on get a stand-by in its place, and we let go of the terminal. */
static void program_settle(struct watch *watch)
{
	bool left = service_has_tasks(&watch->service);
	int front = watch->partner_is_front ? watch->partner_fd : -1;

	watch->settled = true;
	if (watch->role != ROLE_SUPERVISOR)
		return;
	if (left)
		watch_detach();
	if (front < 0)
		return;
	watch->partner_fd = -1;
	if (left)
		standby_start(watch);
	channel_send(front, MESSAGE_SETTLED, left, -1);
	close(front);
}

static void program_change(struct watch *watch, const siginfo_t *child)
{
	switch (child->si_code) {
	case CLD_EXITED:
	case CLD_KILLED:
	case CLD_DUMPED:
		program_end(watch, status_of(child));
		break;
	case CLD_STOPPED:
		if (watch->partner_is_front)
			channel_send(watch->partner_fd, MESSAGE_STOPPED, child->si_status, -1);
		break;
	case CLD_CONTINUED:
		if (watch->partner_is_front)
			kill(watch->partner, SIGCONT);
		break;
	}
}

/* Only those who can have become the parent of the program or its orphans. */
static bool reaps(const struct watch *watch)
{
	return watch->role == ROLE_SUPERVISOR || watch->serving || getpid() == 1;
}

static void children_reap(struct watch *watch)
{
	const int changes = WEXITED | WSTOPPED | WCONTINUED | WNOHANG;
	siginfo_t child = {0};

	while (!waitid(P_ALL, 0, &child, changes | WNOWAIT) && child.si_pid) {
		bool ended = watch->ended;

		if (child.si_pid == watch->program)
			program_change(watch, &child);
		waitid(P_PID, (id_t)child.si_pid, &child, changes);
		if (watch->ended && !ended)
			program_settle(watch);
		child.si_pid = 0;
	}
}

static void signals_take(struct watch *watch)
{
	struct signalfd_siginfo info;

	while (read(watch->signal_fd, &info, sizeof info) == sizeof info)
		if (watch->role == ROLE_FRONT)
			signal_pass(watch, &info);
	if (reaps(watch))
		children_reap(watch);
}

/* Nobody is left; the program's status may still be there to collect. */
static void tasks_gone(struct watch *watch)
{
	siginfo_t child = {0};

	watch->gone = true;
	if (watch->ended || watch->role == ROLE_STANDBY)
		return;
	while (waitid(P_PID, (id_t)watch->program, &child, WEXITED | WNOWAIT) && errno == EINTR)
		;
	program_end(watch, child.si_pid ? status_of(&child) : -1);
	waitpid(watch->program, NULL, 0);
	program_settle(watch);
}

static void partner_lost(struct watch *watch)
{
	close(watch->partner_fd);
	watch->partner_fd = -1;
	watch->partner = 0;
	watch->partner_is_front = false;
	if (!watch->serving)
		standby_take_over(watch);
	if (service_has_tasks(&watch->service))
		standby_start(watch);
	else if (watch->role == ROLE_STANDBY)
		watch->gone = true;
	if (reaps(watch))
		children_reap(watch);
}

static void partner_hear(struct watch *watch)
{
	struct message message;

	if (!channel_receive(watch->partner_fd, &message, NULL)) {
		partner_lost(watch);
		return;
	}
	switch (message.kind) {
	case MESSAGE_STOPPED: /* as the program would have, had the shell started it: the shell takes over */
		if (watch->role == ROLE_FRONT)
			kill(getpid(), SIGSTOP);
		break;
	case MESSAGE_ENDED:
		watch->ended = true;
		watch->status = message.value;
		if (watch->role == ROLE_STANDBY)
			watch_detach();
		break;
	case MESSAGE_SETTLED:
		watch->settled = true;
		watch->gone = !message.value;
		break;
	case MESSAGE_STARTED:
		break;
	}
}

static bool watch_done(const struct watch *watch)
{
	return watch->gone || (watch->role == ROLE_FRONT && watch->ended && watch->settled);
}

void watch_loop(struct watch *watch)
{
	while (!watch_done(watch)) {
		bool minds_tasks = watch->serving || watch->role == ROLE_STANDBY;
		struct pollfd watched[] = {
			{watch->signal_fd, POLLIN, 0},
			{watch->partner_fd, POLLIN, 0},
			{minds_tasks ? watch->service.notify_fd : -1, watch->serving ? POLLIN : 0, 0},
		};

		if (poll(watched, 3, -1) < 0)
			continue;
		if (watched[2].revents & POLLIN)
			service_next(&watch->service);
		else if (watched[2].revents)
			tasks_gone(watch);
		if (watched[0].revents)
			signals_take(watch);
		if (watched[1].revents && watch->partner_fd == watched[1].fd)
			partner_hear(watch);
	}
}
