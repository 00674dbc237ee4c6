/* `{server}` and `{port}` in a command line that the user wrote. */
#ifndef LAB_FILL_H
#define LAB_FILL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Other braces stay as they are. 0 or -E2BIG. */
int command_fill(const char *command, const char *server, uint16_t port, char *text, size_t size);
bool command_names_port(const char *command);
#endif
