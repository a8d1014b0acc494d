// Reads the head of an HTTP/1.1 request strictly: what two programs could understand differently is
// refused, so that nothing can be smuggled past a proxy.
//
// Refused are: bare CR or LF, folded headers, white space before a colon, control characters,
// `Content-Length` together with `Transfer-Encoding` or given twice, transfer codings other than
// "chunked", absolute and authority forms of the target, a missing or doubled `Host`.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http_message.h"

namespace omnigraph::net {

struct HttpHeadLimits {
  std::size_t size_bytes_max = 8192;  ///< Request line and headers together.
  std::size_t headers_count_max = 64;
};

enum class HeadState : unsigned char { kIncomplete, kComplete, kRefused };

/// A request's head. Reused from request to request; the views point into the parsed bytes.
struct HttpHead {
  std::string_view method;
  std::string_view target;
  std::vector<HttpHeader> headers;
  std::size_t size_bytes = 0;  ///< With the empty line at its end.
  std::uint64_t content_length = 0;
  bool is_chunked = false;
  bool is_http_1_0 = false;
  bool keeps_alive = true;
  bool expects_continue = false;

  /// Why the head was refused.
  int refusal_status = 0;
  std::string_view refusal_reason;
};

/// Reads a head from the start of `bytes`. Cost: linear, no allocation once `head` is warm.
HeadState ParseHttpHead(std::string_view bytes, const HttpHeadLimits& limits, HttpHead& head);

}  // namespace omnigraph::net
