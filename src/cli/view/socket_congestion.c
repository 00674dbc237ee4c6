/* What congestion controls tell of themselves, for records and for people. */
#include "base/text.h"
#include "base/units.h"
#include "cli/view/socket.h"

enum { GAIN_ONE = 256, ALPHA_ONE = 1024, DIGITS = 4 };

static void bbr_members(struct sink *sink, const struct congestion_fact *cc)
{
	sink_integer(sink, "bandwidth_bytes_per_s", (int64_t)cc->bbr.bandwidth_bytes_per_s);
	sink_integer(sink, "min_rtt_us", cc->bbr.min_rtt_us);
	sink_real(sink, "pacing_gain", (double)cc->bbr.pacing_gain / GAIN_ONE, DIGITS);
	sink_real(sink, "cwnd_gain", (double)cc->bbr.cwnd_gain / GAIN_ONE, DIGITS);
}

static void vegas_members(struct sink *sink, const struct congestion_fact *cc)
{
	sink_bool(sink, "enabled", cc->vegas.enabled);
	sink_integer(sink, "rtt_count", cc->vegas.rtt_count);
	sink_integer(sink, "rtt_us", cc->vegas.rtt_us);
	sink_integer(sink, "min_rtt_us", cc->vegas.min_rtt_us);
}

static void dctcp_members(struct sink *sink, const struct congestion_fact *cc)
{
	sink_bool(sink, "enabled", cc->dctcp.enabled);
	sink_integer(sink, "ce_state", cc->dctcp.ce_state);
	sink_real(sink, "alpha", (double)cc->dctcp.alpha / ALPHA_ONE, DIGITS);
	sink_integer(sink, "ecn_bytes", cc->dctcp.ecn_bytes);
	sink_integer(sink, "acked_bytes", cc->dctcp.acked_bytes);
}

void socket_congestion_record(struct sink *sink, const char *key, const struct congestion_fact *cc)
{
	static void (*const members[])(struct sink *, const struct congestion_fact *) = {
		[CONGESTION_BBR] = bbr_members, [CONGESTION_VEGAS] = vegas_members, [CONGESTION_DCTCP] = dctcp_members};

	if (cc->kind == CONGESTION_SILENT || cc->kind == CONGESTION_UNTOLD) {
		sink_null(sink, key);
		if (cc->kind == CONGESTION_UNTOLD)
			sink_string(sink, "congestion_info_why", "only sock_diag tells it: -v asks, or leave -O out");
		return;
	}
	sink_object(sink, key);
	members[cc->kind](sink, cc);
	sink_close(sink);
}

void socket_congestion_text(const struct congestion_fact *cc, char *text, size_t size)
{
	struct text out = {text, size, 0};
	char number[2][32];

	*text = 0;
	switch ((enum congestion_kind)cc->kind) {
	case CONGESTION_SILENT:
	case CONGESTION_UNTOLD:
		break;
	case CONGESTION_BBR:
		units_round(MEASURE_RATE, 8 * (double)cc->bbr.bandwidth_bytes_per_s, number[0], sizeof number[0]);
		units_round(MEASURE_TIME, cc->bbr.min_rtt_us, number[1], sizeof number[1]);
		text_add(&out, "bandwidth %s, least RTT %s, gain of pacing %.2f, of cwnd %.2f", number[0], number[1],
			 (double)cc->bbr.pacing_gain / GAIN_ONE, (double)cc->bbr.cwnd_gain / GAIN_ONE);
		break;
	case CONGESTION_VEGAS:
		units_round(MEASURE_TIME, cc->vegas.rtt_us, number[0], sizeof number[0]);
		units_round(MEASURE_TIME, cc->vegas.min_rtt_us, number[1], sizeof number[1]);
		text_add(&out, "%s, RTT %s, least RTT %s, %u samples", cc->vegas.enabled ? "on" : "off", number[0],
			 number[1], cc->vegas.rtt_count);
		break;
	case CONGESTION_DCTCP:
		text_add(&out, "%s, %.0f%% of bytes marked, %u of %u acknowledged bytes in this window",
			 cc->dctcp.enabled ? "on" : "off", 100.0 * cc->dctcp.alpha / ALPHA_ONE, cc->dctcp.ecn_bytes,
			 cc->dctcp.acked_bytes);
		break;
	}
}
