// Schema changes over HTTP.

#include <nlohmann/json.hpp>

#include "base/json_writer.h"
#include "base/strings.h"
#include "server/call.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {

namespace {

std::string SchemaApplyOutput(const engine::SchemaChangeAnswer& answer, std::string_view uri) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key("uri").String(uri).Key("supported").Bool(answer.is_supported);
  json.Key("applied").Bool(answer.is_applied).Key("step_count").Uint(answer.steps.size());
  json.Key("manifest_version").Uint(answer.manifest_version).Key("steps").BeginArray();
  for (const engine::SchemaChangeAnswer::Step& step : answer.steps)
    json.Raw(step.json);
  json.EndArray().Key("commit");
  if (answer.commit) {
    std::string commit;
    engine::AppendJson(*answer.commit, commit);
    json.Raw(commit);
  } else {
    json.Null();
  }
  json.EndObject();
  return out;
}

/// Takes `{"Type.property": value, …}` apart; the values stay JSON texts.
std::optional<net::HttpResponse> ReadBackfills(const RawJson& given,
                                               std::map<std::string, std::string>& backfills) {
  if (given.text.empty()) return std::nullopt;
  const auto object = nlohmann::json::parse(given.text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return ErrorReply(422, "backfills must be an object: a value by \"Type.property\"");
  }
  for (const auto& [property, value] : object.items())
    backfills[property] = value.dump();
  return std::nullopt;
}

/// Of a cluster whose schemas change through its control plane alone.
net::HttpResponse RefusalOfCluster(const Call& call) {
  return ErrorReply(409, "graph " + Quoted(call.served().id) + " belongs to the cluster at " +
                             call.site().cluster->root_uri +
                             ", and this server was started with --strict-cluster: change the "
                             "schema in the cluster's config folder and run `cluster apply`");
}

}  // namespace

net::HttpResponse ApplySchema(Call& call) {
  std::optional<std::string> source;
  std::optional<bool> allows_data_loss;
  RawJson backfills;
  if (auto refusal = call.ReadBody({{"schema_source", &source, true},
                                    {"allow_data_loss", &allows_data_loss},
                                    {"backfills", &backfills}})) {
    return *std::move(refusal);
  }
  if (auto refusal =
          call.Refused({.action = policy::Action::kSchemaApply, .target_branch = "main"})) {
    return *std::move(refusal);
  }
  if (call.site().is_strict_cluster) return RefusalOfCluster(call);
  engine::SchemaChangeRequest request;
  if (auto refusal = ReadBackfills(backfills, request.backfills)) return *std::move(refusal);
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(source->size(), place)) return *std::move(refusal);
  request.source = *source;
  request.allow_data_loss = allows_data_loss.value_or(false);
  request.check_catalog = [&call](const schema::Catalog& desired) {
    return call.served().queries.CheckAgainst(desired, call.served().id);
  };
  const auto answer = call.graph().ApplySchema(call.caller(), request);
  if (!answer.ok()) return ErrorReply(answer.status());
  return JsonReply(SchemaApplyOutput(*answer, call.served().uri));
}

}  // namespace omnigraph::server
