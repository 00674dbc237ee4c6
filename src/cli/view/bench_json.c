/* `bench -j`. */
#include "base/units.h"
#include "cli/view/bench.h"
#include "cli/view/verdict.h"
#include "record/sink.h"
#include <math.h>

enum { DIGITS = 6 };

static void latency_json(struct sink *sink, const struct histogram *latency)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = {{"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"max_us", 1}};

	if (!latency->count) {
		sink_null(sink, "latency");
		return;
	}
	sink_object(sink, "latency");
	sink_integer(sink, "samples", (int64_t)latency->count);
	for (unsigned i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
		sink_real(sink, quantiles[i].key,
			  quantiles[i].q == 0.99 && latency->count < HISTOGRAM_P99_COUNT ?
				  NAN :
				  (double)histogram_quantile_ns(latency, quantiles[i].q) / 1000,
			  DIGITS);
	sink_close(sink);
}

static void evidence_json(struct sink *sink, const struct evidence *evidence)
{
	sink_object(sink, "evidence");
	sink_string(sink, "sender",
		    !evidence->have_sender          ? NULL :
		    evidence->sender == HOST_CLIENT ? "client" :
						      "server");
	sink_real(sink, "busy_us", evidence->busy_us, 10);
	sink_real(sink, "rwnd_limited_us", evidence->rwnd_limited_us, 10);
	sink_real(sink, "sndbuf_limited_us", evidence->sndbuf_limited_us, 10);
	sink_real(sink, "sndbuf_full_share", evidence->sndbuf_full_share, DIGITS);
	sink_real(sink, "retransmits", evidence->retransmits, 10);
	sink_real(sink, "rtt_us", evidence->rtt_us, 10);
	sink_real(sink, "min_rtt_us", evidence->min_rtt_us, 10);
	sink_real(sink, "cwnd_segs", evidence->cwnd_segs, 10);
	sink_real(sink, "delayed_acks_per_request", evidence->nagle_stalls, DIGITS);
	sink_real(sink, "link_drops", evidence->link_drops, 10);
	sink_real(sink, "link_losses", evidence->link_losses, 10);
	sink_real(sink, "link_lateness_p99_us", evidence->lateness_p99_us, DIGITS);
	for (enum host host = 0; host < HOSTS; host++) {
		sink_object(sink, host == HOST_CLIENT ? "client_counters" : "server_counters");
		field_emit(sink, host_fact_fields, HOST_FACT_COUNT, &evidence->counters[host],
			   evidence->counters[host].have);
		sink_close(sink);
	}
	sink_close(sink);
}

static void report_json(struct sink *sink, const struct trial *trial)
{
	sink_object(sink, "report");
	for (enum host host = 0; host < HOSTS; host++) {
		sink_array(sink, host == HOST_CLIENT ? "client" : "server");
		for (unsigned i = 0; i < trial->report[host].count; i++)
			verdict_json(sink, &trial->report[host].verdict[i]);
		sink_close(sink);
	}
	sink_close(sink);
}

static void arm_json(struct sink *sink, const struct bench_result *result, const struct bench_arm *arm)
{
	sink_object(sink, NULL);
	sink_string(sink, "spec", arm->spec);
	sink_real(sink, "median", arm->median, DIGITS);
	sink_array(sink, "runs");
	for (unsigned i = 0; i < result->rounds; i++)
		sink_real(sink, NULL, arm->value[i], DIGITS);
	sink_close(sink);
	sink_object(sink, "gain");
	sink_real(sink, "median", arm->gain, DIGITS);
	sink_real(sink, "low", arm->gain_low, DIGITS);
	sink_real(sink, "high", arm->gain_high, DIGITS);
	sink_close(sink);
	latency_json(sink, &arm->latency);
	evidence_json(sink, &arm->typical.evidence);
	report_json(sink, &arm->typical);
	sink_integer(sink, "runs_thrown_away", arm->retries);
	sink_integer(sink, "runs_disturbed", arm->disturbed);
	sink_close(sink);
}

static void plan_json(struct sink *sink, const struct workload_plan *plan)
{
	sink_object(sink, "plan");
	sink_integer(sink, "connections", plan->connections);
	sink_integer(sink, "warmup_us", (int64_t)plan->warmup_us);
	sink_integer(sink, "warmup_requests", plan->warmup_requests);
	sink_integer(sink, "measure_us", (int64_t)plan->measure_us);
	sink_integer(sink, "request_bytes", plan->request_bytes);
	sink_integer(sink, "response_bytes", plan->response_bytes);
	sink_close(sink);
}

void bench_json(FILE *out, const struct bench_result *result, bool pretty)
{
	struct sink sink;

	sink_init(&sink, &sink_json, out, pretty);
	sink_object(&sink, NULL);
	sink_string(&sink, "workload", result->workload->name);
	sink_string(&sink, "path", result->linked ? result->path : NULL);
	sink_object(&sink, "host");
	sink_string(&sink, "kernel", result->kernel);
	sink_integer(&sink, "cpus", result->cpus);
	sink_string(&sink, "cc", result->cc);
	sink_close(&sink);
	sink_string(&sink, "placement", result->placement);
	plan_json(&sink, &result->plan);
	sink_object(&sink, "metric");
	sink_string(&sink, "name", result->workload->metric.name);
	sink_bool(&sink, "lower_is_better", result->workload->metric.lower_is_better);
	sink_close(&sink);
	sink_array(&sink, "arms");
	for (unsigned i = 0; i < result->arms; i++)
		arm_json(&sink, result, &result->arm[i]);
	sink_close(&sink);
	sink_close(&sink);
}
