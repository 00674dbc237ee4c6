/* A load for the echo servers, until stdin ends: PROCESSES that connect, send, take back and close, over and over.
 * Prints how many connections were made and how many of them were lost. load_client ADDRESS PROCESSES. With udp:
 * one burst of datagrams in one call, and how many of them came back. */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "socket/address.h"
#include "sockctl.h"

static struct shared {
	atomic_bool over;
	atomic_int made, lost;
} * shared;

static bool round_trip(const struct sockaddr_storage *address, socklen_t length)
{
	char message[] = "Hello", answer[sizeof message];
	int fd = sockctl_connect((const struct sockaddr *)address, length, 0, NULL, NULL, NULL);
	bool fine = fd >= 0 && send(fd, message, sizeof message, MSG_NOSIGNAL) == sizeof message &&
		    recv(fd, answer, sizeof answer, MSG_WAITALL) == sizeof answer &&
		    !memcmp(message, answer, sizeof answer);

	if (fd >= 0)
		close(fd);
	return fine;
}

static int load(const struct sockaddr_storage *address, socklen_t length, int processes)
{
	char byte;

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	for (int i = 0; i < processes; i++)
		if (!fork()) {
			while (!shared->over) {
				bool fine = round_trip(address, length);

				shared->made++;
				shared->lost += !fine;
			}
			_exit(0);
		}
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	shared->over = true;
	while (wait(NULL) > 0)
		;
	printf("%s, %d lost\n", shared->made > 100 ? "more than 100 connections" : "hardly any connections",
	       shared->lost);
	fprintf(stderr, "%d connections\n", shared->made);
	return 0;
}

static int burst(const struct sockaddr_storage *address, socklen_t length)
{
	enum { DATAGRAMS = 10, BYTES = 100 };
	struct timeval patience = {.tv_sec = 10};
	char data[DATAGRAMS * BYTES], back[DATAGRAMS * BYTES + 1];
	int size = BYTES, n = 0, fd = socket(address->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i / BYTES + i);
	if (fd < 0 || connect(fd, (const struct sockaddr *)address, length) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
	    setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof size) || send(fd, data, sizeof data, 0) != sizeof data)
		return 1;
	while (n < DATAGRAMS && recv(fd, back, sizeof back, 0) == BYTES && !memcmp(back, data + n * BYTES, BYTES))
		n++;
	printf("%d of %d datagrams came back\n", n, DATAGRAMS);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	bool datagrams = argc > 1 && !strncmp(argv[1], "udp:", 4);
	struct sockaddr_storage address;
	socklen_t length;

	if (argc < 3 || address_parse(argv[1] + (datagrams ? 4 : 0), &address, &length))
		return 2;
	return datagrams ? burst(&address, length) : load(&address, length, atoi(argv[2]));
}
