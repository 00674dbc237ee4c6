/* -N NETNS, of the commands that look into other namespaces. */
#ifndef CLI_NETNS_FLAG_H
#define CLI_NETNS_FLAG_H
#include "observe/netns.h"

/* The flag's value, instead of what *list holds; it is the caller's to free. An exit code; what is wrong is printed. */
int netns_flag(struct netns_list **list, const char *which);
#endif
