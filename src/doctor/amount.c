/* One call of units_round(). */
#include "doctor/amount.h"

struct amount amount(enum measure measure, double value)
{
	struct amount amount;

	units_round(measure, value, amount.text, sizeof amount.text);
	return amount;
}
