/* {server} and {port} in the commands that people give. */
#ifndef LAB_PLACE_H
#define LAB_PLACE_H
#include <stdbool.h>

/* A copy with every {server} and {port} filled in; the caller frees it. NULL: no memory. */
char *place_fill(const char *command, const char *server, unsigned port);
bool place_wants_port(const char *command);          /* does it have a {port}? */
#endif
