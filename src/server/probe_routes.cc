// What those who run a server ask it: whether to send it requests, and what it counts.

#include <algorithm>

#include "base/clock.h"
#include "base/json_writer.h"
#include "server/call.h"
#include "server/handlers.h"
#include "server/metrics.h"
#include "server/reloader.h"
#include "server/reply.h"

namespace omnigraph::server {

namespace {

constexpr double kMicrosPerSecond = 1e6;

/// Codes alone: the texts name paths and resources, and anybody may ask.
void WriteLastReload(const Reloader* reloader, JsonWriter& json) {
  json.Key("last_reload");
  const auto last = reloader == nullptr ? std::nullopt : reloader->last();
  if (!last) {
    json.Null();
    return;
  }
  json.BeginObject().Key("at").String(FormatUtcMicros(last->at_micros));
  json.Key("ok").Bool(last->problem.empty()).Key("diagnostics").BeginArray();
  for (const std::string& code : last->codes)
    json.String(code);
  json.EndArray().EndObject();
}

ClusterGauges GaugesOf(const ClusterFacts& facts, const Reloader& reloader) {
  const ReloadTotals totals = reloader.totals();
  const std::int64_t loaded_at = std::max(facts.loaded_at_micros, totals.last_done_at_micros);
  const std::int64_t age = Clock::System().NowMicros() - loaded_at;
  ClusterGauges gauges;
  gauges.generation = facts.generation;
  gauges.state_revision = facts.state_revision;
  gauges.reloads_done_count = totals.done_count;
  gauges.reloads_refused_count = totals.refused_count;
  gauges.load_age_seconds = static_cast<double>(std::max<std::int64_t>(age, 0)) / kMicrosPerSecond;
  return gauges;
}

}  // namespace

net::HttpResponse GetReadiness(Call& call) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("status").String(call.is_draining() ? "draining" : "ready");
  if (call.is_draining()) {
    json.EndObject();
    net::HttpResponse response = JsonReply(std::move(out));
    response.status = 503;
    return response;
  }
  if (const auto& cluster = call.site().cluster) {
    json.Key("generation").Uint(cluster->generation);
    json.Key("state_revision").Uint(cluster->state_revision);
    WriteLastReload(call.reloader(), json);
  }
  json.EndObject();
  return JsonReply(std::move(out));
}

net::HttpResponse GetMetrics(Call& call) {
  std::optional<ClusterGauges> cluster;
  if (call.site().cluster && call.reloader() != nullptr) {
    cluster = GaugesOf(*call.site().cluster, *call.reloader());
  }
  net::HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = call.metrics().Render(cluster);
  return response;
}

}  // namespace omnigraph::server
