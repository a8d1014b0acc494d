// The server as a whole: its graphs, and the applied revision that it serves.

#include "base/clock.h"
#include "base/json_writer.h"
#include "server/call.h"
#include "server/handlers.h"
#include "server/reloader.h"
#include "server/reply.h"

namespace omnigraph::server {

net::HttpResponse ListGraphs(Call& call) {
  if (call.site().is_single) {
    net::HttpResponse response = ErrorReply(
        405,
        "this server serves one graph; the list of graphs exists in multi-graph mode only "
        "(omnigraph-server --cluster)");
    response.headers.emplace_back("allow", "");
    return response;
  }
  if (auto refusal = call.Refused({.action = policy::Action::kGraphList})) {
    if (refusal->status == 403 && !call.site().policies->GovernsServer()) {
      return ErrorReply(403,
                        "policy denied action 'graph_list': no policy bundle is bound to the "
                        "server (cluster.yaml: applies_to: [cluster]; formerly "
                        "server.policy.file)");
    }
    return *std::move(refusal);
  }
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("graphs").BeginArray();
  for (const auto& [id, served] : call.site().graphs) {
    json.BeginObject().Key("graph_id").String(id).Key("uri").String(served.uri).EndObject();
  }
  json.EndArray().EndObject();
  return JsonReply(std::move(out));
}

namespace {

std::string ClusterOutput(const Site& site, const Reloader& reloader) {
  const ClusterFacts& facts = *site.cluster;
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("root").String(facts.root_uri);
  json.Key("generation").Uint(facts.generation);
  json.Key("state_revision").Uint(facts.state_revision).Key("config_digest");
  if (facts.config_digest) {
    json.String(*facts.config_digest);
  } else {
    json.Null();
  }
  json.Key("loaded_at").String(FormatUtcMicros(facts.loaded_at_micros));
  json.Key("graphs").BeginArray();
  for (const auto& [id, served] : site.graphs) {
    json.BeginObject().Key("graph_id").String(id);
    json.Key("schema_digest").String(served.schema_digest);
    json.Key("state").String("ready").EndObject();
  }
  for (const auto& [id, reason] : site.quarantined) {
    json.BeginObject().Key("graph_id").String(id);
    json.Key("state").String("quarantined").Key("reason").String(reason).EndObject();
  }
  json.EndArray().Key("last_reload");
  const auto last = reloader.last();
  if (!last) {
    json.Null().EndObject();
    return out;
  }
  json.BeginObject().Key("at").String(FormatUtcMicros(last->at_micros));
  json.Key("ok").Bool(last->problem.empty()).Key("diagnostics").BeginArray();
  if (!last->problem.empty()) json.String(last->problem);
  json.EndArray().EndObject().EndObject();
  return out;
}

net::HttpResponse NoCluster() {
  return ErrorReply(404, "this server does not serve a cluster (omnigraph-server --cluster)");
}

}  // namespace

net::HttpResponse GetCluster(Call& call) {
  if (auto refusal = call.Refused({.action = policy::Action::kGraphList})) {
    return *std::move(refusal);
  }
  if (call.reloader() == nullptr) return NoCluster();
  return JsonReply(ClusterOutput(call.site(), *call.reloader()));
}

net::HttpResponse ReloadCluster(Call& call) {
  if (auto refusal = call.Refused({.action = policy::Action::kClusterReload})) {
    return *std::move(refusal);
  }
  if (call.reloader() == nullptr) return NoCluster();
  call.reloader()->Reload();
  // The new revision, not the one that this request started with.
  const auto site = call.reloader()->CurrentlyServed();
  net::HttpResponse response = JsonReply(ClusterOutput(*site, *call.reloader()));
  response.status = 202;
  return response;
}

}  // namespace omnigraph::server
