/* Numbers as evidence shows them: rounded, with their unit. */
#ifndef DOCTOR_AMOUNT_H
#define DOCTOR_AMOUNT_H
#include "base/units.h"

/* amount(MEASURE_TIME, rtt_us).text lives until the end of the expression that it stands in. */
struct amount {
	char text[24];
};
struct amount amount(enum measure, double value);
#endif
