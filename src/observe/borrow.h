/* Options of a socket in another process, through a duplicate of it. Sets nothing. */
#ifndef OBSERVE_BORROW_H
#define OBSERVE_BORROW_H
#include "fact/socket_fact.h"

/* Reads every option of the catalogue that is one of its protocol and can be read into options[OPTION_COUNT]; what
 * cannot stays SOURCE_NONE. The owner's fd must still be the socket with this cookie: -ESTALE if it is another by now.
 * -EOPNOTSUPP: it is in a thread's own table, and this kernel cannot name a thread. -EPERM, -ENOSYS...: of pidfd_open
 * and pidfd_getfd. The duplicate is held for as long as the reading takes, since it delays a FIN. */
int borrow_options(const struct owner_fact *, uint64_t cookie, struct option_fact options[]);
/* The same of a socket of our own. */
void options_read(int fd, int family, int protocol, struct option_fact options[]);
#endif
