/* Messages between the two processes that watch a program. Its end tells that the other one is gone. */
#ifndef RUN_CHANNEL_H
#define RUN_CHANNEL_H
#include <stdbool.h>

enum message_kind {
	MESSAGE_STARTED,     /* value: the program's pid; comes with the notification fd, if there is one */
	MESSAGE_STOPPED,     /* the program was stopped */
	MESSAGE_ENDED,       /* value: the program's wait status */
	MESSAGE_SETTLED,     /* after MESSAGE_ENDED. value: 1 if descendants of the program live on */
};

struct message {
	enum message_kind kind;
	int value;
};

int channel_open(int ends[2]);                               /* 0 or -errno */
void channel_send(int channel, enum message_kind, int value, int fd);       /* fd: -1 for none */
/* False when the other end is gone. *ret_fd is -1 if none came along; ret_fd may be NULL. */
bool channel_receive(int channel, struct message *ret, int *ret_fd);
#endif
