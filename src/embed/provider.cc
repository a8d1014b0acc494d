// Implements embed/provider.h.

#include "embed/provider.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/strings.h"
#include "net/http_client.h"

namespace omnigraph::embed {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::uint64_t kBackoffDoublingsMax = 10;
constexpr std::uint64_t kReplyBytesMax = 64u << 20;
constexpr milliseconds kSleepStep{50};

Status Failure(std::string message) {
  return Status::Error(ErrorCode::kInternal, "embedding: " + std::move(message));
}

// The time that is left of `Settings::deadline`.
class Budget {
 public:
  explicit Budget(milliseconds total) : total_(total), begin_nanos_(MonotonicNanos()) {}
  bool is_limited() const { return total_.count() > 0; }
  milliseconds left() const {
    const auto spent = static_cast<std::int64_t>((MonotonicNanos() - begin_nanos_) / 1'000'000);
    return milliseconds(std::max<std::int64_t>(total_.count() - spent, 0));
  }
  bool is_spent() const { return is_limited() && left().count() == 0; }

 private:
  milliseconds total_;
  std::uint64_t begin_nanos_;
};

// One answer of the provider: a vector, or why not and whether to try again.
struct Outcome {
  std::vector<float> vector;
  Status error;
  bool can_retry = false;
};

class Provider final : public Embedder {
 public:
  explicit Provider(Settings settings) : settings_(std::move(settings)) {}

  std::string_view model() const override { return settings_.model; }

  Result<std::vector<float>> Embed(std::string_view text, std::uint32_t dimensions, Task task,
                                   const Deadline& deadline) override {
    const Budget budget(settings_.deadline);
    const net::HttpClientRequest request = MakeRequest(text, dimensions, task);
    for (std::uint64_t attempt = 1;; ++attempt) {
      Outcome outcome = Try(request, dimensions, budget);
      if (outcome.error.ok()) return std::move(outcome.vector);
      if (!outcome.can_retry || attempt >= settings_.attempts_max) return outcome.error;
      OG_RETURN_IF_ERROR(Wait(attempt, budget, deadline));
    }
  }

 private:
  net::HttpClientRequest MakeRequest(std::string_view text, std::uint32_t dimensions,
                                     Task task) const {
    Json body;
    net::HttpClientRequest request;
    request.method = "POST";
    request.content_type = "application/json";
    request.response_size_bytes_max = kReplyBytesMax;
    if (settings_.wire == Wire::kGemini) {
      request.target = "/models/" + settings_.model + ":embedContent";
      body["model"] = "models/" + settings_.model;
      body["content"]["parts"] = Json::array({{{"text", text}}});
      body["taskType"] = task == Task::kQuery ? "RETRIEVAL_QUERY" : "RETRIEVAL_DOCUMENT";
      body["outputDimensionality"] = dimensions;
    } else {
      request.target = "/embeddings";
      body["model"] = settings_.model;
      body["input"] = text;
      body["dimensions"] = dimensions;
    }
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return request;
  }

  Outcome Try(const net::HttpClientRequest& request, std::uint32_t dimensions,
              const Budget& budget) {
    const bool is_short = budget.is_limited() && budget.left() < settings_.timeout;
    auto client = is_short ? Open(budget.left()) : TakeClient();
    if (!client.ok()) return {{}, Failure(Clean(client.status().message())), false};
    const auto response = (*client)->Send(request);
    if (!response.ok()) {
      const ErrorCode code = response.status().code();
      return {{},
              Failure("the provider at " + settings_.base_url +
                      " did not answer: " + Clean(response.status().message())),
              code == ErrorCode::kUnavailable || code == ErrorCode::kDeadlineExceeded};
    }
    if (!is_short) KeepClient(*std::move(client));
    if (response->status < 200 || response->status > 299) {
      return {{},
              Failure("the provider at " + settings_.base_url + " answered with status " +
                      std::to_string(response->status) + ": " + Clean(MessageOf(response->body))),
              response->status == 429 || response->status >= 500};
    }
    Outcome outcome;
    outcome.error = ReadVector(response->body, dimensions, &outcome.vector);
    return outcome;
  }

  // Connections are kept for the next text; one that failed is not.
  Result<std::unique_ptr<net::HttpClient>> TakeClient() {
    {
      const std::lock_guard lock(mutex_);
      if (idle_ != nullptr) return std::move(idle_);
    }
    return Open(settings_.timeout);
  }
  void KeepClient(std::unique_ptr<net::HttpClient> client) {
    const std::lock_guard lock(mutex_);
    idle_ = std::move(client);
  }

  Result<std::unique_ptr<net::HttpClient>> Open(milliseconds timeout) const {
    net::HttpClientOptions options;
    options.base_url = settings_.base_url;
    options.timeout = std::max(timeout, milliseconds(1));
    options.connect_timeout = std::min(options.connect_timeout, options.timeout);
    if (settings_.wire == Wire::kGemini) {
      options.headers = {{"x-goog-api-key", settings_.api_key}};
    } else {
      options.bearer_token = settings_.api_key;
    }
    return net::HttpClient::Open(std::move(options));
  }

  Status ReadVector(const std::string& body, std::uint32_t dimensions,
                    std::vector<float>* vector) const {
    const Json reply = Json::parse(body, nullptr, false);
    const Json* values = ValuesOf(reply);
    if (values == nullptr) return Failure("the provider's answer holds no vector");
    if (values->size() != dimensions) {
      return Failure("the provider sent a vector of another length: expected " +
                     std::to_string(dimensions) + ", got " + std::to_string(values->size()));
    }
    bool is_zero = true;
    for (const Json& value : *values) {
      const float component = value.is_number() ? value.get<float>() : NAN;
      if (!std::isfinite(component)) {
        return Failure("the provider sent a vector with an element that is no finite number");
      }
      is_zero = is_zero && component == 0.0F;
      vector->push_back(component);
    }
    if (is_zero) return Failure("the provider sent a vector of zeros");
    Normalize(vector);
    return Status::Ok();
  }

  const Json* ValuesOf(const Json& reply) const {
    const auto child = [](const Json* parent, const char* key) -> const Json* {
      if (parent == nullptr || !parent->is_object()) return nullptr;
      const auto found = parent->find(key);
      return found == parent->end() ? nullptr : &*found;
    };
    const Json* values = nullptr;
    if (settings_.wire == Wire::kGemini) {
      values = child(child(&reply, "embedding"), "values");
    } else {
      const Json* data = child(&reply, "data");
      const bool has_item = data != nullptr && data->is_array() && !data->empty();
      values = has_item ? child(&data->front(), "embedding") : nullptr;
    }
    return values != nullptr && values->is_array() ? values : nullptr;
  }

  // What a provider says about a refusal: `{"error": {"message": …}}` or the text itself.
  static std::string MessageOf(const std::string& body) {
    const Json reply = Json::parse(body, nullptr, false);
    if (reply.is_object() && reply.contains("error")) {
      const Json& error = reply["error"];
      if (error.is_string()) return error.get<std::string>();
      if (error.is_object() && error.contains("message") && error["message"].is_string()) {
        return error["message"].get<std::string>();
      }
    }
    return body;
  }

  // Providers repeat keys that they refuse.
  std::string Clean(std::string_view message) const {
    std::string text(message);
    for (std::size_t at = 0; (at = text.find(settings_.api_key, at)) != std::string::npos;) {
      text.replace(at, settings_.api_key.size(), "***");
      at += 3;
    }
    return Abbreviate(text, 300);
  }

  Status Wait(std::uint64_t attempt, const Budget& budget, const Deadline& deadline) {
    const std::uint64_t doublings = std::min(attempt - 1, kBackoffDoublingsMax);
    const std::uint64_t end_nanos =
        MonotonicNanos() +
        static_cast<std::uint64_t>(settings_.backoff.count()) * 1'000'000 * (1ull << doublings);
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    while (MonotonicNanos() < end_nanos) {
      if (deadline.HasPassed()) {
        return Status::Error(ErrorCode::kDeadlineExceeded,
                             "embedding: the deadline passed between two attempts");
      }
      if (budget.is_spent()) {
        return Failure("the provider at " + settings_.base_url + " did not answer within " +
                       std::to_string(settings_.deadline.count()) +
                       " ms (OMNIGRAPH_EMBED_DEADLINE_MS)");
      }
      const auto left =
          milliseconds((end_nanos - std::min(end_nanos, MonotonicNanos())) / 1'000'000 + 1);
      never.wait_for(lock, std::min(kSleepStep, left));
    }
    return Status::Ok();
  }

  const Settings settings_;
  std::mutex mutex_;
  std::unique_ptr<net::HttpClient> idle_;  // Guarded by mutex_.
};

}  // namespace

std::shared_ptr<Embedder> OpenProvider(Settings settings) {
  return std::make_shared<Provider>(std::move(settings));
}

}  // namespace omnigraph::embed
