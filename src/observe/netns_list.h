/* Finding network namespaces; netns.h is for all others. */
#ifndef OBSERVE_NETNS_LIST_H
#define OBSERVE_NETNS_LIST_H
#define NETNS_DIRECTORY "/run/netns"
enum { NETNS_PATH = sizeof NETNS_DIRECTORY + 257 };
#endif
