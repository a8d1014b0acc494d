// The HTTP service: takes every request through the same steps (route, token, graph, method, body,
// handler) and gives every answer its headers.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/thread_pool.h"
#include "net/http_server.h"
#include "server/admission.h"
#include "server/call.h"
#include "server/cost_table.h"
#include "server/event_log.h"
#include "server/metrics.h"
#include "server/routes.h"
#include "server/site.h"

namespace omnigraph::server {

class Reloader;

/// Everything outlives the service.
struct ServiceParts {
  CurrentSite& current;
  AdmissionControl& admission;
  EventLog& log;
  Clock& clock;
  Reloader* reloader = nullptr;  ///< Null unless a cluster is served.
  /// What a query or mutation may take; none: until its client leaves.
  std::optional<std::chrono::milliseconds> query_time_max{};
};

class Service final : public net::HttpHandler {
 public:
  /// So many mutations may wait for one commit together; more wait for a thread. A branch plans and
  /// publishes on one of these threads at a time, so that they are waiters and not work.
  static constexpr std::size_t kWritersCount = 64;

  /// So many answers may be streamed at a time, each as fast as its client reads it; more wait.
  static constexpr std::size_t kStreamsCount = 64;

  explicit Service(const ServiceParts& parts);

  /// Steps that need the head alone: an unknown route, a missing token, an unknown graph, a wrong
  /// method or content type are refused here, before the body is read.
  net::RequestPlan Plan(const net::HttpRequest& head) override;
  void Handle(const net::HttpRequest& request, net::HttpResponder responder) override;
  net::HttpResponse Refuse(int status, std::string_view reason) override;

  /// From now on `/readyz` says that the server is about to end; everything else is served on.
  void BeginDrain() { is_draining_.store(true, std::memory_order_relaxed); }

 private:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// The actor's index plus one; 0 without authentication.
  struct Identity {
    std::uint32_t number = 0;
    std::optional<net::HttpResponse> refusal;
  };
  static Identity Authenticate(const Site& site, const net::HttpRequest& head);
  std::optional<net::HttpResponse> CheckHead(const Site& site, const net::HttpRequest& head,
                                             const RouteMatch& match, Identity& identity);
  static std::optional<std::string> ActorOf(const Site& site, std::uint32_t number);
  /// What a call of a route that was found is made of, without the headers of its answer.
  Call::Parts PartsOf(const Site& site, const net::HttpRequest& request, const RouteMatch& match,
                      std::optional<std::string> actor, net::HttpResponder* responder);
  Headers ExtraHeaders(const Site& site, const Route* route);
  /// `begin_nanos` is when the request was handed over; waiting for a thread counts.
  void Run(const Route& route, const net::HttpRequest& request, net::HttpResponder& responder,
           std::uint64_t begin_nanos);

  const ServiceParts parts_;
  const std::string request_id_prefix_;
  std::atomic<std::uint64_t> requests_count_{0};
  std::atomic<bool> is_draining_{false};
  CostTable costs_;
  Metrics metrics_;
  // Last: their tasks use the rest.
  ThreadPool deferred_;
  ThreadPool writers_;
  ThreadPool streamers_;
};

}  // namespace omnigraph::server
