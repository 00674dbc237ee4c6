/* The rows behind the columns of socket_column.h that no other table has. For socket_column.c only. */
#ifndef CLI_VIEW_SOCKET_COLUMN_OWN_H
#define CLI_VIEW_SOCKET_COLUMN_OWN_H
#include "base/units.h"
#include "cli/view/socket_column.h"

struct own_column {
	const char *name, *other;    /* other: what else it may be called */
	const char *help;
	enum measure measure;        /* of a number without a text of its own */
	void (*text)(const struct socket_fact *, char *text, size_t size);
	bool (*number)(const struct socket_fact *, double *ret);
	unsigned needs;
};
extern const struct own_column own_columns[COLUMNS_OWN];
#endif
