// One routed and authenticated request, as its handler sees it: who asks for what, and the gate
// that every handler passes before it touches a graph.

#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "net/http_message.h"
#include "net/http_server.h"
#include "policy/policy_engine.h"
#include "server/admission.h"
#include "server/event_log.h"
#include "server/json_body.h"
#include "server/routes.h"
#include "server/site.h"

namespace omnigraph::server {

/// What a permission is asked for. Views must outlive only the call.
struct Ask {
  policy::Action action = policy::Action::kRead;
  std::optional<std::string_view> branch{};
  std::optional<std::string_view> target_branch{};
  std::optional<std::string_view> query{};
};

class Metrics;
class Reloader;

class Call {
 public:
  struct Parts {
    const Route& route;
    const net::HttpRequest& request;
    const Site& site;
    const ServedGraph* served;  ///< Null for routes of the server.
    std::optional<std::string> actor;
    std::string_view argument;  ///< What matched `{…}`, as written.
    AdmissionControl& admission;
    EventLog& log;
    net::HttpResponder* responder;  ///< Null as long as only the head has been read.
    std::vector<std::pair<std::string, std::string>> extra_headers;
    Reloader* reloader;  ///< Null unless a cluster is served.
    Metrics& metrics;
    bool is_draining;                                         ///< The server is about to end.
    std::optional<std::chrono::milliseconds> query_time_max;  ///< As in `ServiceParts`.
  };
  explicit Call(const Parts& parts) : parts_(parts) {}

  const Route& route() const { return parts_.route; }
  const net::HttpRequest& request() const { return parts_.request; }
  const Site& site() const { return parts_.site; }
  const ServedGraph& served() const { return *parts_.served; }
  engine::Graph& graph() const { return *parts_.served->graph; }
  const std::optional<std::string>& actor() const { return parts_.actor; }
  EventLog& log() const { return parts_.log; }
  Reloader* reloader() const { return parts_.reloader; }
  const Metrics& metrics() const { return parts_.metrics; }
  bool is_draining() const { return parts_.is_draining; }
  /// Who asks, for the engine; work stops when the client leaves.
  engine::Caller caller() const;
  /// The same for queries and mutations, which may be bounded in time.
  engine::Caller query_caller() const;

  /// The decoded path segment behind `{…}`, or the answer to a malformed one.
  std::optional<net::HttpResponse> ReadArgument(std::string& argument) const;
  /// The trimmed value of a query parameter that may be given once; none when absent or empty.
  std::optional<net::HttpResponse> ReadParameter(std::string_view name,
                                                 std::optional<std::string>& value) const;
  /// Fills `fields` from a JSON body, or answers 400 or 422.
  std::optional<net::HttpResponse> ReadBody(std::initializer_list<BodyField> fields) const;

  /// Asks the policies, and writes the decision to the log. Empty if allowed, else the answer: 403,
  /// or 500 if nothing could be decided. Handlers ask before they touch the graph.
  std::optional<net::HttpResponse> Refused(const Ask& ask) const;
  /// Writes a decision to the log that the engine had to take, because it depends on what is
  /// stored. `outcome` is how the operation ended; one that never came to the decision is not one.
  void LogEngineDecision(const Ask& ask, const Status& outcome) const;
  /// As `Refused`, only the decision itself, without a line in the log.
  bool WouldAllow(const Ask& ask) const;

  /// Takes a place among the writes of the actor, or answers 429.
  std::optional<net::HttpResponse> Admit(std::uint64_t size_bytes,
                                         std::optional<AdmissionControl::Place>& place) const;

  /// For routes that stream: the responder, after which the handler's return value is not sent.
  net::HttpResponder& TakeResponder() {
    is_answered_ = true;
    return *parts_.responder;
  }
  bool is_answered() const { return is_answered_; }
  /// Headers that every answer of this call carries.
  std::vector<std::pair<std::string, std::string>> extra_headers() const {
    return parts_.extra_headers;
  }

 private:
  Result<policy::Decision> Decide(const Ask& ask) const;
  void LogDecision(const Ask& ask, bool is_allowed, std::string_view rule) const;

  const Parts parts_;
  bool is_answered_ = false;
};

/// Trims a branch name once, at the door, so that policies, engine and answer see the same one;
/// `fallback` if there is none. Answers 400 for a blank name.
std::optional<net::HttpResponse> ReadBranch(const std::optional<std::string>& given,
                                            std::string_view fallback, std::string& branch);

}  // namespace omnigraph::server
