// Implements cluster/observe.h.

#include "cluster/observe.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "cluster/address.h"
#include "cluster/config_folder.h"
#include "cluster/strict_json.h"

namespace omnigraph::cluster {
namespace {

/// What an unfinished creation may leave under a root, before the first ref makes it a graph.
constexpr std::array<std::string_view, 5> kCreationRemains = {"omnigraph.json", "schemas/",
                                                              "manifests/", "commits/", "data/"};

/// Whether every key under the root is one that a creation writes before it publishes.
bool HoldsOnlyRemains(const std::vector<std::string>& keys, std::string_view prefix) {
  return std::all_of(keys.begin(), keys.end(), [prefix](const std::string& key) {
    const std::string_view relative = std::string_view(key).substr(prefix.size());
    return std::any_of(
        kCreationRemains.begin(), kCreationRemains.end(),
        [relative](std::string_view remain) { return relative.starts_with(remain); });
  });
}

RootReading Reading(RootReading::State state, std::string_view message) {
  RootReading reading;
  reading.state = state;
  reading.message = message;
  return reading;
}

void RecordPayload(const std::string& address, const PayloadReading& reading, Ledger& ledger) {
  switch (reading.state) {
    case PayloadReading::State::kIntact: {
      const auto status = ledger.statuses.find(address);
      const bool is_stale =
          status == ledger.statuses.end() ||
          std::any_of(status->second.conditions.begin(), status->second.conditions.end(),
                      [](const std::string& word) { return word.starts_with("payload_"); });
      if (is_stale) ledger.statuses[address] = AppliedStatus();
      return;
    }
    case PayloadReading::State::kMissing:
      ledger.resources.erase(address);
      ledger.statuses[address] = {"drifted", {"payload_missing"}, "the catalog lost its content"};
      return;
    case PayloadReading::State::kOther:
      ledger.resources.erase(address);
      ledger.statuses[address] = {
          "drifted", {"payload_mismatch"}, "the catalog holds other content: " + reading.message};
      return;
    case PayloadReading::State::kUnreadable:
      ledger.statuses[address] = {"error", {"payload_read_error"}, reading.message};
      return;
  }
}

void ReportPayload(const std::string& address, const PayloadReading& reading, Findings& findings) {
  switch (reading.state) {
    case PayloadReading::State::kIntact:
      return;
    case PayloadReading::State::kMissing:
      findings.Warn("catalog_payload_missing", address,
                    "the catalog has no content for it; 'cluster refresh' and then 'cluster apply' "
                    "publish it again");
      return;
    case PayloadReading::State::kOther:
      findings.Warn("catalog_payload_mismatch", address,
                    "the catalog holds other content than was applied: " + reading.message +
                        "; 'cluster refresh' and then 'cluster apply' repair it");
      return;
    case PayloadReading::State::kUnreadable:
      findings.Error("catalog_payload_read_error", address,
                     "cannot read its content from the catalog: " + reading.message);
      return;
  }
}

}  // namespace

bool IsOutage(const Status& failure) {
  return failure.code() == ErrorCode::kUnavailable ||
         failure.code() == ErrorCode::kDeadlineExceeded;
}

RootReading ReadRoot(const Storage& storage, GraphGate& graphs, std::string_view graph) {
  constexpr std::uint32_t kKeysCount = 1000;
  const std::string prefix = GraphRootKey(graph) + "/";
  const Result<std::vector<std::string>> keys = storage.objects().List(prefix, "", kKeysCount);
  if (!keys.ok()) return Reading(RootReading::State::kUnknown, keys.status().message());
  if (keys->empty()) return {};
  Result<LiveGraph> live = graphs.Observe(storage.GraphUri(graph));
  if (live.ok()) {
    RootReading reading;
    reading.state = RootReading::State::kGraph;
    reading.live = *std::move(live);
    return reading;
  }
  if (IsOutage(live.status())) {
    return Reading(RootReading::State::kUnknown, live.status().message());
  }
  if (live.status().code() == ErrorCode::kNotFound && keys->size() < kKeysCount &&
      HoldsOnlyRemains(*keys, prefix)) {
    return Reading(RootReading::State::kHalfCreated, live.status().message());
  }
  return Reading(RootReading::State::kUnopenable, live.status().message());
}

std::string ObservationJson(const Storage& storage, std::string_view graph,
                            const RootReading& reading, const std::string& desired_schema_digest,
                            const std::string& now) {
  const bool is_graph = reading.state == RootReading::State::kGraph;
  const std::string uri = storage.GraphUri(graph);
  Json json;
  json["kind"] = "graph";
  json["address"] = GraphAddress(graph);
  json["graph_uri"] = uri;
  json["observed_at"] = now;
  json["exists"] = !reading.is_absent();
  json["manifest_version"] = is_graph ? Json(reading.live.manifest_version) : Json(nullptr);
  json["schema_digest"] = is_graph ? Json(reading.live.schema_digest) : Json(nullptr);
  json["desired_schema_digest"] = desired_schema_digest;
  json["schema_matches_desired"] = nullptr;
  json["error"] = nullptr;
  if (is_graph) {
    json["schema_matches_desired"] = reading.live.schema_digest == desired_schema_digest;
  } else if (reading.is_absent()) {
    json["schema_matches_desired"] = false;
    json["error"] = "there is no graph at '" + uri + "'";
  } else {
    json["error"] = reading.message;
  }
  return CompactJson(json);
}

PayloadReading ReadPayload(store::ObjectStore& objects, std::string_view address,
                           std::string_view digest) {
  PayloadReading reading;
  const std::string key = PayloadKey(ParseAddress(address), digest);
  // A digest of the ledger may be any text, also one that is no key.
  if (!store::CheckKey(key).ok()) {
    reading.state = PayloadReading::State::kMissing;
    return reading;
  }
  Result<store::Object> object = objects.Read(key, kSourceFileBytesMax);
  if (object.ok()) {
    const std::string actual = Sha256Hex(object->bytes);
    if (actual == digest) {
      reading.bytes = std::move(object->bytes);
    } else {
      reading.state = PayloadReading::State::kOther;
      reading.message = "sha256:" + actual;
    }
  } else if (object.status().code() == ErrorCode::kNotFound) {
    reading.state = PayloadReading::State::kMissing;
  } else if (object.status().code() == ErrorCode::kResourceExhausted) {
    reading.state = PayloadReading::State::kOther;
    reading.message = object.status().message();
  } else {
    reading.state = PayloadReading::State::kUnreadable;
    reading.message = object.status().message();
  }
  return reading;
}

void VerifyPayloads(const Storage& storage, bool is_recording, Ledger& ledger, Findings& findings) {
  const std::map<std::string, AppliedResource> recorded = ledger.resources;
  for (const auto& [address, resource] : recorded) {
    const ResourceKind kind = ParseAddress(address).kind;
    if (kind != ResourceKind::kQuery && kind != ResourceKind::kPolicy) continue;
    const PayloadReading reading = ReadPayload(storage.objects(), address, resource.digest);
    ReportPayload(address, reading, findings);
    if (is_recording) RecordPayload(address, reading, ledger);
  }
}

}  // namespace omnigraph::cluster
