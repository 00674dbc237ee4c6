/* Replaces two words. Knows nothing of who runs the command. */
#include "lab/fill.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

static const char server_word[] = "{server}", port_word[] = "{port}";

int command_fill(const char *command, const char *server, uint16_t port, char *buffer, size_t size)
{
	struct text text = {buffer, size, 0};

	text_add(&text, "%s", "");
	while (*command) {
		size_t plain = strcspn(command, "{");

		text_add(&text, "%.*s", (int)plain, command);
		command += plain;
		if (!strncmp(command, server_word, strlen(server_word))) {
			text_add(&text, "%s", server);
			command += strlen(server_word);
		} else if (!strncmp(command, port_word, strlen(port_word))) {
			text_add(&text, "%u", (unsigned)port);
			command += strlen(port_word);
		} else if (*command) {
			text_add(&text, "{");
			command++;
		}
	}
	return text_fits(&text) ? 0 : -E2BIG;
}

bool command_names_port(const char *command)
{
	return command && strstr(command, port_word);
}
