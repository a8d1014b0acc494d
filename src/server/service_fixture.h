// Runs requests through the service without a network. For tests.

#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/bundle.h"
#include "server/fake_graph.h"
#include "server/openapi.h"
#include "server/service.h"

namespace omnigraph::server::testing {

/// Keeps the one answer of a request.
class Answer final : public net::HttpExchange {
 public:
  void Complete(net::HttpResponse response) override {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
    changed_.notify_all();
  }
  void Abandon() override {
    net::HttpResponse response;
    response.status = 500;
    Complete(std::move(response));
  }
  std::unique_ptr<net::HttpStream> BeginStream(net::HttpResponse head) override {
    return std::make_unique<Stream>(*this, std::move(head));
  }
  net::HttpResponse Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return response_.has_value(); });
    return *response_;
  }

 private:
  class Stream final : public net::HttpStream {
   public:
    Stream(Answer& answer, net::HttpResponse head) : answer_(answer), head_(std::move(head)) {}
    Status Write(std::string_view bytes) override {
      head_.body += bytes;
      return Status::Ok();
    }
    Status Finish() override {
      answer_.Complete(std::move(head_));
      return Status::Ok();
    }

   private:
    Answer& answer_;
    net::HttpResponse head_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<net::HttpResponse> response_;  // Guarded by mutex_.
};

/// A request as a test writes it.
struct Sent {
  std::string method = "GET";
  std::string path;
  std::string body{};
  std::string authorization{};  ///< Empty: no such header.
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
  bool has_left = false;  ///< The client does not wait for the answer.
};

/// Takes a request through a service, as a connection would.
inline net::HttpResponse SendTo(Service& service, const Sent& sent) {
  std::vector<net::HttpHeader> headers;
  if (!sent.authorization.empty()) headers.push_back({"Authorization", sent.authorization});
  if (!sent.content_type.empty()) headers.push_back({"content-type", sent.content_type});
  for (const auto& [name, value] : sent.headers)
    headers.push_back({name, value});
  const std::string_view target = sent.path;
  net::HttpRequest request;
  request.method = sent.method;
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (target.find('?') != std::string_view::npos) {
    request.query = target.substr(target.find('?') + 1);
  }
  request.headers = headers;
  const std::atomic<bool> is_cancelled{sent.has_left};
  request.is_cancelled = &is_cancelled;
  net::RequestPlan plan = service.Plan(request);
  if (plan.refusal) return *plan.refusal;
  if (sent.body.size() > plan.body_size_bytes_max) return service.Refuse(413, "too large");
  request.body = sent.body;
  request.tag = plan.tag;
  const auto answer = std::make_shared<Answer>();
  service.Handle(request, net::HttpResponder(answer));
  return answer->Wait();
}

/// A service over one fake graph "g1", or a single graph.
class ServiceFixture {
 public:
  struct Options {
    bool is_single = false;
    AccessMode access = AccessMode::kOpen;
    std::vector<std::pair<std::string, std::string>> tokens{};  ///< Actor, token.
    std::string graph_bundle{};
    std::string server_bundle{};
    std::vector<StoredQuerySource> queries{};
    AdmissionLimits limits{};
    std::shared_ptr<engine::Graph> real_graph{};  ///< Served instead of the fake one.
    bool is_strict_cluster = false;
    std::optional<std::chrono::milliseconds> query_time_max{};
  };

  explicit ServiceFixture(const Options& options)
      : log_(LogLevel::kInfo,
             [this](LogLevel, std::string_view line) {
               const std::lock_guard lock(lines_mutex_);
               lines_.emplace_back(line);
             }),
        admission_(options.limits) {
    const auto site = std::make_shared<Site>();
    site->is_single = options.is_single;
    site->is_strict_cluster = options.is_strict_cluster;
    if (options.is_strict_cluster) site->cluster.emplace().root_uri = "/srv/cluster";
    site->access = options.access;
    site->tokens = std::make_shared<const TokenTable>(*TokenTable::FromPairs(options.tokens));
    std::vector<policy::Binding> bindings;
    const std::string id = options.is_single ? std::string(kSingleGraphId) : "g1";
    AddBinding(options.graph_bundle, policy::BundleKind::kGraph, id, bindings);
    AddBinding(options.server_bundle, policy::BundleKind::kServer, "", bindings);
    site->policies =
        std::make_shared<const policy::PolicyEngine>(*policy::PolicyEngine::Compile(bindings));
    ServedGraph served;
    served.id = id;
    served.uri = "/srv/" + id;
    served.graph = graph_;
    if (options.real_graph) served.graph = options.real_graph;
    served.queries = *StoredQueries::Parse(options.queries);
    site->graphs.emplace(id, std::move(served));
    site->openapi = RenderOpenApi({options.is_single, options.access != AccessMode::kOpen});
    current_.Replace(site);
    service_ = std::make_unique<Service>(
        ServiceParts{current_, admission_, log_, Clock::System(), nullptr, options.query_time_max});
  }

  net::HttpResponse Send(const Sent& sent) { return SendTo(*service_, sent); }

  Service& service() { return *service_; }
  FakeGraph& graph() { return *graph_; }
  std::vector<std::string> TakeLines() {
    const std::lock_guard lock(lines_mutex_);
    return std::exchange(lines_, {});
  }

 private:
  static void AddBinding(const std::string& yaml, policy::BundleKind kind, const std::string& graph,
                         std::vector<policy::Binding>& bindings) {
    if (yaml.empty()) return;
    auto bundle = policy::ParseBundle("bundle.yaml", yaml);
    bindings.push_back(
        {"bundle", std::make_shared<const policy::Bundle>(*std::move(bundle)), kind, graph});
  }

  std::mutex lines_mutex_;
  std::vector<std::string> lines_;  // Guarded by lines_mutex_.
  EventLog log_;
  AdmissionControl admission_;
  CurrentSite current_{nullptr};
  std::shared_ptr<FakeGraph> graph_ = std::make_shared<FakeGraph>();
  std::unique_ptr<Service> service_;
};

/// The value of a header of an answer; empty if there is none.
inline std::string HeaderOf(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace omnigraph::server::testing
