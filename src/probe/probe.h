/* What this kernel makes of a row of the catalogue, measured on sockets of its own: one probe for each `effect`. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H
#include "catalog/option.h"

enum probe_answer { PROBE_NO, PROBE_YES, PROBE_UNKNOWN };
#endif
