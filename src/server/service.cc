// Dispatches requests.

#include "server/service.h"

#include <algorithm>
#include <exception>

#include "base/hash.h"
#include "base/strings.h"
#include "cluster/address.h"
#include "server/call.h"
#include "server/handlers.h"
#include "server/reply.h"

namespace omnigraph::server {

namespace {

constexpr std::uint32_t kActorShift = 16;
constexpr std::uint64_t kRouteMask = 0xffff;

bool IsJson(std::optional<std::string_view> content_type) {
  if (!content_type) return false;
  const std::string type =
      ToLowerAscii(TrimSpace(content_type->substr(0, content_type->find(';'))));
  if (type == "application/json") return true;
  return type.starts_with("application/") && type.ends_with("+json");
}

/// Requests of one kind cost about the same: a stored query by its path, any other by its path and
/// the text before its parameters.
std::uint64_t KindOf(const Route& route, const net::HttpRequest& request) {
  if (route.body != BodyKind::kJson) return Checksum64(request.path);
  return Checksum64(request.path) ^
         Checksum64(request.body.substr(0, request.body.find("\"params\"")));
}

bool IsLines(std::optional<std::string_view> content_type) {
  if (!content_type) return false;
  const std::string_view type = TrimSpace(content_type->substr(0, content_type->find(';')));
  return EqualsIgnoreAsciiCase(type, "application/x-ndjson");
}

/// The content type must be the one that the route takes.
std::optional<net::HttpResponse> CheckContentType(const Route& route,
                                                  const net::HttpRequest& head) {
  const auto given = head.Header("content-type");
  if (route.body == BodyKind::kJson && !IsJson(given)) {
    return ErrorReply(415, "the body must be JSON: send the header Content-Type: application/json");
  }
  if (route.body == BodyKind::kLines && !IsLines(given)) {
    return ErrorReply(415,
                      "the body must be lines of JSON: send the header Content-Type: "
                      "application/x-ndjson");
  }
  return std::nullopt;
}

std::string RandomPrefix() {
  unsigned char bytes[6];
  Randomness::System().Fill(bytes, sizeof(bytes));
  return ToHex({reinterpret_cast<const char*>(bytes), sizeof(bytes)}) + "-";
}

const ServedGraph* FindGraph(const Site& site, const RouteMatch& match) {
  const auto found = site.graphs.find(match.graph.value_or(kSingleGraphId));
  return found == site.graphs.end() ? nullptr : &found->second;
}

net::HttpResponse GraphNotFound(const RouteMatch& match) {
  return ErrorReply(404, "graph " + Quoted(*match.graph) + " not found");
}

/// Calls the handler. What a library throws, most likely for want of memory, ends this request and
/// nothing else: on a thread of a pool it would end the server.
net::HttpResponse AnswerOf(Call& call) {
  try {
    return call.route().handler(call);
  } catch (const std::exception& thrown) {
    call.log().Write(LogLevel::kError, "handler threw",
                     {{"path", call.request().path}, {"what", thrown.what()}});
    return ErrorReply(500, "internal: the request failed in a way that nobody expected");
  }
}

/// The graph that the path names, if it names one, must be there.
std::optional<net::HttpResponse> CheckGraph(const Site& site, const RouteMatch& match) {
  if (!match.graph) return std::nullopt;
  if (!site.is_single && !cluster::IsServableGraphId(*match.graph)) {
    return ErrorReply(400, "graph_id " + Quoted(*match.graph) +
                               " must match [A-Za-z_][A-Za-z0-9_-]*, with " +
                               std::string(cluster::kServableGraphIdRule));
  }
  if (FindGraph(site, match) != nullptr) return std::nullopt;
  return GraphNotFound(match);
}

}  // namespace

Service::Service(const ServiceParts& parts)
    : parts_(parts),
      request_id_prefix_(RandomPrefix()),
      metrics_(parts.clock.NowMicros()),
      deferred_("http-deferred", std::max<std::size_t>(8, 2 * ProcessorsCount())),
      writers_("http-writer", kWritersCount),
      streamers_("http-stream", kStreamsCount) {}

net::RequestPlan Service::Plan(const net::HttpRequest& head) {
  const std::shared_ptr<const Site> site = parts_.current.Get();
  const RouteMatch match = FindRoute(head.method, head.path, site->is_single);
  Identity identity;
  net::RequestPlan plan;
  plan.refusal = CheckHead(*site, head, match, identity);
  if (plan.refusal) {
    metrics_.CountRefused(match.route, plan.refusal->status);
    for (auto& header : ExtraHeaders(*site, match.route))
      plan.refusal->headers.push_back(header);
    return plan;
  }
  plan.body_size_bytes_max = match.route->body_size_bytes_max;
  const Effort effort = match.route->effort;
  plan.is_inline = effort != Effort::kHeavy && effort != Effort::kStreaming;
  plan.tag = static_cast<std::uint64_t>(match.route - AllRoutes().data()) |
             (std::uint64_t{identity.number} << kActorShift);
  return plan;
}

std::optional<net::HttpResponse> Service::CheckHead(const Site& site, const net::HttpRequest& head,
                                                    const RouteMatch& match, Identity& identity) {
  const auto no_route = [&] { return ErrorReply(404, "no route " + Quoted(head.path)); };
  if (!match.is_known_path) return no_route();
  if (match.route == nullptr || match.route->needs_token()) identity = Authenticate(site, head);
  if (identity.refusal) return std::move(identity.refusal);
  if (auto refusal = CheckGraph(site, match)) return refusal;
  if (match.route == nullptr) {
    net::HttpResponse response =
        ErrorReply(405, "method " + Quoted(head.method) + " is not one of " +
                            match.allowed_methods + " for " + Quoted(head.path));
    response.headers.emplace_back("allow", match.allowed_methods);
    return response;
  }
  if (auto refusal = CheckContentType(*match.route, head)) return refusal;
  if (match.route->check_head == nullptr) return std::nullopt;
  return match.route->check_head(
      Call(PartsOf(site, head, match, ActorOf(site, identity.number), nullptr)));
}

std::optional<std::string> Service::ActorOf(const Site& site, std::uint32_t number) {
  if (number == 0) return std::nullopt;
  return site.tokens->actor(number - 1);
}

Call::Parts Service::PartsOf(const Site& site, const net::HttpRequest& request,
                             const RouteMatch& match, std::optional<std::string> actor,
                             net::HttpResponder* responder) {
  const bool is_of_graph = match.route->scope == RouteScope::kGraph;
  return {*match.route,
          request,
          site,
          is_of_graph ? FindGraph(site, match) : nullptr,
          std::move(actor),
          match.argument,
          parts_.admission,
          parts_.log,
          responder,
          {},
          parts_.reloader,
          metrics_,
          is_draining_.load(std::memory_order_relaxed),
          parts_.query_time_max};
}

Service::Identity Service::Authenticate(const Site& site, const net::HttpRequest& head) {
  if (site.access == AccessMode::kOpen) return {};
  const Credential credential = ParseAuthorization(head.Header("authorization"));
  if (!credential.is_bearer) return {0, ErrorReply(401, "missing bearer token")};
  const auto actor = site.tokens->Find(credential.token);
  if (!actor) return {0, ErrorReply(401, "invalid bearer token")};
  return {*actor + 1, std::nullopt};
}

Service::Headers Service::ExtraHeaders(const Site& site, const Route* route) {
  Headers headers;
  headers.emplace_back("x-request-id",
                       request_id_prefix_ + std::to_string(requests_count_.fetch_add(1) + 1));
  if (route != nullptr && route->is_deprecated()) {
    // Under /graphs/{id}/ only the relative form leads to the right place.
    const std::string slash = site.is_single ? "/" : "";
    headers.emplace_back("deprecation", "true");
    headers.emplace_back(
        "link", "<" + slash + std::string(route->successor) + ">; rel=\"successor-version\"");
  }
  return headers;
}

void Service::Handle(const net::HttpRequest& request, net::HttpResponder responder) {
  const Route& route = AllRoutes()[request.tag & kRouteMask];
  const std::uint64_t begin = MonotonicNanos();
  metrics_.Begin();
  if (route.effort == Effort::kWaiting || route.effort == Effort::kStreaming) {
    ThreadPool& pool = route.effort == Effort::kWaiting ? writers_ : streamers_;
    // A std::function must be copyable, a responder is not.
    auto shared = std::make_shared<net::HttpResponder>(std::move(responder));
    pool.Submit(
        [this, &route, asked = request, shared, begin] { Run(route, asked, *shared, begin); });
    return;
  }
  if (route.effort != Effort::kAdaptive) {
    Run(route, request, responder, begin);
    return;
  }
  const std::uint64_t kind = KindOf(route, request);
  const auto run_and_record = [this, &route, kind, begin](const net::HttpRequest& asked,
                                                          net::HttpResponder& answerer) {
    const std::int64_t run_begin = parts_.clock.NowMicros();
    Run(route, asked, answerer, begin);
    const std::int64_t taken = parts_.clock.NowMicros() - run_begin;
    costs_.Record(kind, static_cast<std::uint64_t>(std::max<std::int64_t>(taken, 0)));
  };
  if (costs_.IsQuick(kind)) {
    run_and_record(request, responder);
    return;
  }
  auto shared = std::make_shared<net::HttpResponder>(std::move(responder));
  deferred_.Submit([run_and_record, asked = request, shared] { run_and_record(asked, *shared); });
}

void Service::Run(const Route& route, const net::HttpRequest& request,
                  net::HttpResponder& responder, std::uint64_t begin_nanos) {
  // Counted before the answer leaves, so that who has it finds it counted.
  const auto finish = [&](int status) {
    metrics_.Finish(route, status, MonotonicNanos() - begin_nanos);
  };
  const std::shared_ptr<const Site> site = parts_.current.Get();  // Kept to the end of the answer.
  const RouteMatch match = FindRoute(request.method, request.path, site->is_single);
  const bool is_of_graph = route.scope == RouteScope::kGraph;
  const ServedGraph* served = is_of_graph ? FindGraph(*site, match) : nullptr;
  if (is_of_graph && served == nullptr) {  // A reload removed it a moment ago.
    finish(404);
    responder.Send(GraphNotFound(match));
    return;
  }
  const auto actor_number = static_cast<std::uint32_t>(request.tag >> kActorShift);
  if (served != nullptr && parts_.log.Shows(LogLevel::kDebug)) {
    parts_.log.Write(LogLevel::kDebug, "graph routed", {{"graph_id", served->id}});
  }
  Call::Parts parts = PartsOf(*site, request, match, ActorOf(*site, actor_number), &responder);
  parts.extra_headers = ExtraHeaders(*site, &route);
  Call call(parts);
  net::HttpResponse response = AnswerOf(call);
  finish(response.status);  // 200 for a stream, as its head says.
  if (call.is_answered()) return;
  for (auto& header : call.extra_headers())
    response.headers.push_back(header);
  // A probe that is told to go elsewhere is no failure, nor is what a client gave up.
  if (response.status >= 500 && route.handler != GetReadiness && !request.IsCancelled()) {
    parts_.log.Write(LogLevel::kError, "request failed",
                     {{"status", std::to_string(response.status)},
                      {"method", request.method},
                      {"path", request.path},
                      {"answer", response.body}});
  }
  responder.Send(std::move(response));
}

net::HttpResponse Service::Refuse(int status, std::string_view reason) {
  metrics_.CountRefused(nullptr, status);
  net::HttpResponse response = ErrorReply(status, reason);
  for (auto& header : ExtraHeaders(*parts_.current.Get(), nullptr))
    response.headers.push_back(std::move(header));
  return response;
}

}  // namespace omnigraph::server
