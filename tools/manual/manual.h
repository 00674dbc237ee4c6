/* The generator of man pages and completion: what the tables of commands and options say, as scdoc and as bash. */
#ifndef MANUAL_H
#define MANUAL_H
#include <stdio.h>
#include "catalog/option.h"
#include "cli/command.h"

/* Text without scdoc's own meanings; line feeds are kept. */
void scdoc_text(FILE *, const char *text);
/* Paragraphs; indented lines are set as they are. prefix ("" or a tab) stands before the others. */
void scdoc_paragraphs(FILE *, const char *text, const char *prefix);
void scdoc_literal(FILE *, const char *text);

void page_command(FILE *, const struct command *);       /* sockctl-NAME(1) */
void page_options(FILE *);                               /* sockctl-options(7) */
void list_commands(FILE *);                              /* the list of commands of sockctl(1) */
void completion_bash(FILE *);
#endif
