// Reads the head of an HTTP/1.1 request strictly.

#include "net/http_parser.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace omnigraph::net {

namespace {

/// tchar of RFC 9110 §5.6.2.
constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table = {};
  for (unsigned c = '0'; c <= '9'; ++c)
    table[c] = true;
  for (unsigned c = 'a'; c <= 'z'; ++c)
    table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c)
    table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr std::array<bool, 256> kIsToken = MakeTokenTable();

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kIsToken[static_cast<unsigned char>(c)];
  });
}

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

HeadState Refuse(HttpHead& head, int status, std::string_view reason) {
  head.refusal_status = status;
  head.refusal_reason = reason;
  return HeadState::kRefused;
}

/// Takes the bytes before the next CRLF off `rest`. A CR or LF inside the line is found later, as
/// no part of a line may hold one.
std::string_view TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), end == std::string_view::npos ? end : end + 2));
  return line;
}

HeadState ParseRequestLine(std::string_view line, HttpHead& head) {
  const std::size_t method_end = line.find(' ');
  if (method_end == std::string_view::npos || !IsToken(line.substr(0, method_end))) {
    return Refuse(head, 400, "the request line has no method");
  }
  head.method = line.substr(0, method_end);
  std::string_view rest = line.substr(method_end + 1);
  const std::size_t target_end = rest.find(' ');
  if (target_end == std::string_view::npos) {
    return Refuse(head, 400, "the request line has no version");
  }
  head.target = rest.substr(0, target_end);
  const std::string_view version = rest.substr(target_end + 1);
  const bool is_origin_form = head.target.starts_with('/');
  if (!is_origin_form && !(head.target == "*" && head.method == "OPTIONS")) {
    return Refuse(head, 400, "the request target is not a path");
  }
  if (!IsVisible(head.target) || head.target.find('#') != std::string_view::npos) {
    return Refuse(head, 400, "the request target has a character that must be percent-encoded");
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    if (version.starts_with("HTTP/") && IsVisible(version)) {
      return Refuse(head, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    return Refuse(head, 400, "the request line does not end in an HTTP version");
  }
  head.is_http_1_0 = version == "HTTP/1.0";
  head.keeps_alive = !head.is_http_1_0;
  return HeadState::kComplete;
}

/// What the headers say about the message itself, and how often.
struct Framing {
  int hosts_count = 0;
  int lengths_count = 0;
  int codings_count = 0;
};

HeadState ApplyContentLength(std::string_view value, HttpHead& head, Framing& framing) {
  const bool has_digits_only =
      !value.empty() &&
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::optional<std::uint64_t> length = has_digits_only ? ParseUint64(value) : std::nullopt;
  if (!length || ++framing.lengths_count > 1) {
    return Refuse(head, 400, "Content-Length is not one decimal number");
  }
  head.content_length = *length;
  return HeadState::kComplete;
}

HeadState ApplyHeader(const HttpHeader& header, HttpHead& head, Framing& framing) {
  if (EqualsIgnoreAsciiCase(header.name, "host")) {
    if (++framing.hosts_count > 1 || !IsVisible(header.value) ||
        header.value.find_first_of(",/@?#\\") != std::string_view::npos) {
      return Refuse(head, 400, "Host is not one host name");
    }
  } else if (EqualsIgnoreAsciiCase(header.name, "content-length")) {
    return ApplyContentLength(header.value, head, framing);
  } else if (EqualsIgnoreAsciiCase(header.name, "transfer-encoding")) {
    if (++framing.codings_count > 1) return Refuse(head, 400, "Transfer-Encoding is given twice");
    if (!EqualsIgnoreAsciiCase(header.value, "chunked")) {
      return Refuse(head, 501, "the only transfer coding is chunked");
    }
    head.is_chunked = true;
  } else if (EqualsIgnoreAsciiCase(header.name, "connection")) {
    for (std::string_view option : Split(header.value, ',')) {
      if (EqualsIgnoreAsciiCase(TrimBlanks(option), "close")) head.keeps_alive = false;
    }
  } else if (EqualsIgnoreAsciiCase(header.name, "expect")) {
    if (!EqualsIgnoreAsciiCase(header.value, "100-continue")) {
      return Refuse(head, 417, "the only expectation is 100-continue");
    }
    head.expects_continue = !head.is_http_1_0;
  }
  return HeadState::kComplete;
}

HeadState ParseHeaderLine(std::string_view line, HttpHead& head, Framing& framing) {
  if (line.front() == ' ' || line.front() == '\t') {
    return Refuse(head, 400, "a header is folded over two lines");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) {
    return Refuse(head, 400, "a header line has no proper name before its colon");
  }
  const HttpHeader header{line.substr(0, colon), TrimBlanks(line.substr(colon + 1))};
  if (!IsFieldValue(header.value)) {
    return Refuse(head, 400, "a header has a control character in its value");
  }
  head.headers.push_back(header);
  return ApplyHeader(header, head, framing);
}

HeadState CheckFraming(const Framing& framing, HttpHead& head) {
  if (framing.hosts_count == 0 && !head.is_http_1_0) {
    return Refuse(head, 400, "Host is missing");
  }
  if (framing.codings_count > 0 && (framing.lengths_count > 0 || head.is_http_1_0)) {
    return Refuse(head, 400, "Transfer-Encoding is given with Content-Length or HTTP/1.0");
  }
  return HeadState::kComplete;
}

HeadState CheckIncomplete(std::string_view bytes, const HttpHeadLimits& limits, HttpHead& head) {
  if (bytes.size() > limits.size_bytes_max) {
    const bool has_line =
        bytes.substr(0, limits.size_bytes_max).find("\r\n") != std::string_view::npos;
    return has_line ? Refuse(head, 431, "the headers are too large")
                    : Refuse(head, 414, "the request line is too long");
  }
  // A line feed alone can no longer become right; say so instead of waiting for more.
  const std::size_t line_end = bytes.find('\n');
  if (line_end != std::string_view::npos && (line_end == 0 || bytes[line_end - 1] != '\r')) {
    return Refuse(head, 400, "a line does not end in CR LF");
  }
  return HeadState::kIncomplete;
}

}  // namespace

HeadState ParseHttpHead(std::string_view bytes, const HttpHeadLimits& limits, HttpHead& head) {
  std::size_t skipped = 0;
  // Some clients send an empty line after a body (RFC 9112 §2.2).
  if (bytes.starts_with("\r\n")) skipped = 2;
  const std::size_t end = bytes.find("\r\n\r\n", skipped);
  if (end == std::string_view::npos) return CheckIncomplete(bytes, limits, head);
  head.headers.clear();
  head.size_bytes = end + 4;
  head.content_length = 0;
  head.is_chunked = false;
  head.expects_continue = false;
  if (head.size_bytes > limits.size_bytes_max) {
    return CheckIncomplete(bytes.substr(0, head.size_bytes), limits, head);
  }
  std::string_view rest = bytes.substr(skipped, end - skipped);
  HeadState state = ParseRequestLine(TakeLine(rest), head);
  if (state != HeadState::kComplete) return state;
  Framing framing;
  while (!rest.empty()) {
    if (head.headers.size() == limits.headers_count_max) {
      return Refuse(head, 431, "there are too many headers");
    }
    state = ParseHeaderLine(TakeLine(rest), head, framing);
    if (state != HeadState::kComplete) return state;
  }
  return CheckFraming(framing, head);
}

}  // namespace omnigraph::net
