// A small HTTP client over libcurl.

#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>

#include "base/strings.h"

namespace omnigraph::net {

namespace {

constexpr int kRedirectsMax = 5;

using BytesSink = std::function<Status(std::string_view)>;

struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

/// What one transfer collects.
struct Transfer {
  CURL* easy = nullptr;
  HttpClientResponse response;
  const BytesSink* sink = nullptr;
  std::uint64_t size_bytes_max = 0;
  bool is_too_large = false;
  Status sink_status;
};

bool IsSuccess(int status) {
  return status >= 200 && status < 300;
}

std::size_t TakeHeader(char* bytes, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(bytes, size * count);
  if (line.starts_with("HTTP/")) transfer.response.headers.clear();  // After a 100 or a proxy.
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    transfer.response.headers.emplace_back(ToLowerAscii(line.substr(0, colon)),
                                           TrimSpace(line.substr(colon + 1)));
  }
  return line.size();
}

std::size_t TakeBody(char* bytes, std::size_t size, std::size_t count, void* context) {
  Transfer& transfer = *static_cast<Transfer*>(context);
  const std::string_view piece(bytes, size * count);
  long status = 0;
  curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &status);
  if (transfer.sink != nullptr && IsSuccess(static_cast<int>(status))) {
    transfer.sink_status = (*transfer.sink)(piece);
    return transfer.sink_status.ok() ? piece.size() : 0;
  }
  if (transfer.response.body.size() + piece.size() > transfer.size_bytes_max) {
    transfer.is_too_large = true;
    return 0;
  }
  transfer.response.body.append(piece);
  return piece.size();
}

bool IsHeaderSafe(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
}

class CurlClient final : public HttpClient {
 public:
  CurlClient(HttpClientOptions options, Url base, CURL* easy)
      : options_(std::move(options)), base_(std::move(base)), easy_(easy) {
    while (base_.target.ends_with('/'))
      base_.target.pop_back();
  }

  Result<HttpClientResponse> Send(const HttpClientRequest& request) override {
    return Follow(request, nullptr);
  }
  Result<HttpClientResponse> SendStreaming(const HttpClientRequest& request,
                                           const BytesSink& on_bytes) override {
    return Follow(request, &on_bytes);
  }

 private:
  std::string Origin() const {
    return base_.scheme + "://" + base_.host + ":" + std::to_string(base_.port);
  }

  Result<HttpClientResponse> Follow(const HttpClientRequest& request, const BytesSink* sink);
  Result<HttpClientResponse> SendOnce(const HttpClientRequest& request, const std::string& url,
                                      const BytesSink* sink);
  HeaderList MakeHeaders(const HttpClientRequest& request) const;
  void SetOptions(const HttpClientRequest& request, const std::string& url, curl_slist* headers,
                  Transfer& transfer);
  Status TransferError(CURLcode code, Transfer& transfer) const;

  const HttpClientOptions options_;
  Url base_;
  std::unique_ptr<CURL, EasyDeleter> easy_;
};

HeaderList CurlClient::MakeHeaders(const HttpClientRequest& request) const {
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    list.reset(curl_slist_append(list.release(), line.c_str()));
  };
  if (options_.bearer_token) add("Authorization: Bearer " + *options_.bearer_token);
  for (const auto& [name, value] : options_.headers)
    add(name + ": " + value);
  if (!request.content_type.empty()) add("Content-Type: " + request.content_type);
  for (const auto& [name, value] : request.headers)
    add(name + ": " + value);
  add("Expect:");  // No extra round trip for large bodies.
  return list;
}

void CurlClient::SetOptions(const HttpClientRequest& request, const std::string& url,
                            curl_slist* headers, Transfer& transfer) {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);  // Keeps the connection.
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
  if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (!request.content_type.empty() || request.method == "POST" || request.method == "PUT") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

Status CurlClient::TransferError(CURLcode code, Transfer& transfer) const {
  if (!transfer.sink_status.ok()) return std::move(transfer.sink_status);
  if (transfer.is_too_large) {
    return Status::Error(ErrorCode::kResourceExhausted,
                         "the response of " + Origin() + " has more than " +
                             std::to_string(transfer.size_bytes_max) + " bytes");
  }
  const ErrorCode kind =
      code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable;
  return Status::Error(kind, "request to " + Origin() + ": " + curl_easy_strerror(code));
}

Result<HttpClientResponse> CurlClient::SendOnce(const HttpClientRequest& request,
                                                const std::string& url, const BytesSink* sink) {
  for (const auto& [name, value] : request.headers) {
    if (!IsHeaderSafe(value)) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "the header " + Quoted(name) + " contains a control character");
    }
  }
  Transfer transfer;
  transfer.easy = easy_.get();
  transfer.sink = sink;
  transfer.size_bytes_max = request.response_size_bytes_max;
  const HeaderList headers = MakeHeaders(request);
  SetOptions(request, url, headers.get(), transfer);
  const CURLcode code = curl_easy_perform(easy_.get());
  if (code != CURLE_OK) return TransferError(code, transfer);
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  transfer.response.content_type = transfer.response.Header("content-type").value_or("");
  return std::move(transfer.response);
}

Result<HttpClientResponse> CurlClient::Follow(const HttpClientRequest& request,
                                              const BytesSink* sink) {
  std::string target = base_.target + request.target;
  for (int redirects_count = 0;; ++redirects_count) {
    OG_ASSIGN_OR_RETURN(HttpClientResponse response, SendOnce(request, Origin() + target, sink));
    const bool is_redirect = response.status == 301 || response.status == 302 ||
                             response.status == 303 || response.status == 307 ||
                             response.status == 308;
    const std::optional<std::string_view> location = response.Header("location");
    if (!is_redirect || !location || request.method != "GET" || redirects_count == kRedirectsMax) {
      return response;
    }
    if (location->starts_with('/') && !location->starts_with("//")) {
      target = std::string(*location);
      continue;
    }
    // The token must not travel to another server.
    const Result<Url> url = ParseUrl(*location);
    if (!url.ok() || !HaveSameOrigin(*url, base_)) return response;
    target = url->target;
  }
}

}  // namespace

std::optional<std::string_view> HttpClientResponse::Header(std::string_view name) const {
  for (const auto& [present, value] : headers) {
    if (EqualsIgnoreAsciiCase(present, name)) return value;
  }
  return std::nullopt;
}

Result<std::unique_ptr<HttpClient>> HttpClient::Open(HttpClientOptions options) {
  static std::once_flag is_initialized;
  std::call_once(is_initialized, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  OG_ASSIGN_OR_RETURN(Url base, ParseUrl(options.base_url));
  if (base.target.find('?') != std::string::npos) {
    return Status::Error(ErrorCode::kInvalidArgument, "a server's base URL must not have a query");
  }
  if (options.bearer_token && !IsHeaderSafe(*options.bearer_token)) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "the bearer token contains a control character");
  }
  for (const auto& [name, value] : options.headers) {
    if (!IsHeaderSafe(name) || !IsHeaderSafe(value)) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "the header " + Quoted(name) + " contains a control character");
    }
  }
  CURL* easy = curl_easy_init();
  if (easy == nullptr) return Status::Error(ErrorCode::kInternal, "libcurl cannot be used");
  return std::unique_ptr<HttpClient>(
      std::make_unique<CurlClient>(std::move(options), std::move(base), easy));
}

}  // namespace omnigraph::net
