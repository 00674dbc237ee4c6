/* Names and units of metrics as text. */
#include "cli/view/metric.h"
#include "base/units.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *title;
	enum measure measure;
} metrics[] = {
	{"goodput_bps", "goodput", MEASURE_RATE},
	{"latency_p50_us", "latency p50", MEASURE_TIME},
	{"requests_per_s", "requests per second", MEASURE_COUNT},
	{"wall_time_us", "wall time", MEASURE_TIME},
};

static unsigned metric_row(const struct metric *metric)
{
	unsigned i = 0;

	while (i < sizeof metrics / sizeof *metrics && strcmp(metrics[i].name, metric->name) != 0)
		i++;
	return i;
}

int metric_value_text(const struct metric *metric, double value, char *text, size_t size)
{
	unsigned row = metric_row(metric);

	if (isnan(value))
		return snprintf(text, size, "?");
	if (row == sizeof metrics / sizeof *metrics)
		return snprintf(text, size, "%.4g", value);
	if (metrics[row].measure == MEASURE_COUNT)
		return snprintf(text, size, value < 1000 ? "%.4g/s" : "%.0f/s", value);
	return units_round(metrics[row].measure, value, text, size);
}

const char *metric_title(const struct metric *metric)
{
	unsigned row = metric_row(metric);

	return row < sizeof metrics / sizeof *metrics ? metrics[row].title : metric->name;
}

double metric_gain(const struct metric *metric, double value, double base)
{
	return metric->lower_is_better ? base / value : value / base;
}
