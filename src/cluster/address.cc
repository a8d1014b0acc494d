// Implements cluster/address.h.

#include "cluster/address.h"

#include <algorithm>
#include <array>

namespace omnigraph::cluster {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string Concatenate(std::string_view a, std::string_view b, std::string_view c = {}) {
  std::string joined;
  joined.reserve(a.size() + b.size() + c.size());
  joined.append(a).append(b).append(c);
  return joined;
}

}  // namespace

std::string_view KindName(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kGraph:
      return "graph";
    case ResourceKind::kSchema:
      return "schema";
    case ResourceKind::kQuery:
      return "query";
    case ResourceKind::kPolicy:
      return "policy";
    case ResourceKind::kUnknown:
      return "unknown";
  }
  return "unknown";
}

Address ParseAddress(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view kind = text.substr(0, dot);
  const std::string_view rest = text.substr(dot + 1);
  if (rest.empty()) return {};
  if (kind == "graph") return {ResourceKind::kGraph, rest, {}};
  if (kind == "schema") return {ResourceKind::kSchema, rest, {}};
  if (kind == "policy") return {ResourceKind::kPolicy, {}, rest};
  const std::size_t next = rest.find('.');
  if (kind != "query" || next == std::string_view::npos || next == 0 || next + 1 == rest.size()) {
    return {};
  }
  return {ResourceKind::kQuery, rest.substr(0, next), rest.substr(next + 1)};
}

std::string GraphAddress(std::string_view graph) {
  return Concatenate("graph.", graph);
}
std::string SchemaAddress(std::string_view graph) {
  return Concatenate("schema.", graph);
}
std::string QueryAddress(std::string_view graph, std::string_view name) {
  return Concatenate(Concatenate("query.", graph), ".", name);
}
std::string PolicyAddress(std::string_view name) {
  return Concatenate("policy.", name);
}

bool IsResourceId(std::string_view text) {
  if (text.empty() || !(IsLetter(text[0]) || text[0] == '_')) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '_' || c == '-'; });
}

bool IsServableGraphId(std::string_view id) {
  static constexpr std::array<std::string_view, 4> kReserved = {"policies", "healthz", "openapi",
                                                                "graphs"};
  return IsResourceId(id) && id.size() <= 64 &&
         std::find(kReserved.begin(), kReserved.end(), id) == kReserved.end();
}

std::string GraphRootKey(std::string_view graph) {
  return Concatenate(kGraphsPrefix, graph, kGraphSuffix);
}

std::string PayloadKey(const Address& address, std::string_view digest) {
  if (address.kind == ResourceKind::kQuery) {
    return "__cluster/resources/query/" + std::string(address.graph) + "/" +
           std::string(address.name) + "/" + std::string(digest) + ".gq";
  }
  if (address.kind == ResourceKind::kPolicy) {
    return "__cluster/resources/policy/" + std::string(address.name) + "/" + std::string(digest) +
           ".yaml";
  }
  return {};
}

std::string SidecarKey(std::string_view operation_id) {
  return Concatenate(kRecoveriesPrefix, operation_id, ".json");
}

std::string ApprovalKey(std::string_view approval_id) {
  return Concatenate(kApprovalsPrefix, approval_id, ".json");
}

}  // namespace omnigraph::cluster
