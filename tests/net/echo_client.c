/* A load for the echo server: opens connections, sends on all of them, takes back from all of them, compares.
 * echo_client ADDRESS CONNECTIONS TURNS */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "socket/address.h"
#include "sockctl.h"

enum { CONNECTIONS_MAX = 256, MESSAGE_BYTES = 300 };

static void message_fill(unsigned char *message, int connection, int turn)
{
	for (int i = 0; i < MESSAGE_BYTES; i++)
		message[i] = (unsigned char)(connection * 31 + turn * 7 + i);
}

static int turn_make(const int fd[], int connections, int turn)
{
	unsigned char message[MESSAGE_BYTES], answer[MESSAGE_BYTES];

	for (int i = 0; i < connections; i++) {
		message_fill(message, i, turn);
		if (send(fd[i], message, sizeof message, MSG_NOSIGNAL) != sizeof message)
			return -1;
	}
	for (int i = 0; i < connections; i++) {
		message_fill(message, i, turn);
		if (recv(fd[i], answer, sizeof answer, MSG_WAITALL) != sizeof answer ||
		    memcmp(message, answer, sizeof answer))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_storage address;
	socklen_t length;
	int fd[CONNECTIONS_MAX], connections = argc > 2 ? atoi(argv[2]) : 0, turns = argc > 3 ? atoi(argv[3]) : 0;

	if (connections < 1 || connections > CONNECTIONS_MAX || address_parse(argv[1], &address, &length))
		return 2;
	for (int i = 0; i < connections; i++) {
		fd[i] = sockctl_connect((struct sockaddr *)&address, length, 0, NULL, NULL, NULL);
		if (fd[i] < 0) {
			printf("connect: %s\n", strerror(-fd[i]));
			return 1;
		}
	}
	for (int turn = 0; turn < turns; turn++)
		if (turn_make(fd, connections, turn)) {
			printf("turn %d: not what was sent\n", turn);
			return 1;
		}
	printf("%d connections, %d turns: all came back\n", connections, turns);
	return 0;
}
