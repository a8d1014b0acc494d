// Schema changes over HTTP.

#include "base/json_writer.h"
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
  json.EndArray().EndObject();
  return out;
}

}  // namespace

net::HttpResponse ApplySchema(Call& call) {
  std::optional<std::string> source;
  std::optional<bool> allows_data_loss;
  if (auto refusal = call.ReadBody(
          {{"schema_source", &source, true}, {"allow_data_loss", &allows_data_loss}})) {
    return *std::move(refusal);
  }
  if (auto refusal =
          call.Refused({.action = policy::Action::kSchemaApply, .target_branch = "main"})) {
    return *std::move(refusal);
  }
  std::optional<AdmissionControl::Place> place;
  if (auto refusal = call.Admit(source->size(), place)) return *std::move(refusal);
  engine::SchemaChangeRequest request;
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
