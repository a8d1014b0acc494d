// URLs, query strings and percent-encoding.

#include "net/url.h"

#include <algorithm>

#include "base/strings.h"

namespace omnigraph::net {

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool IsUnreserved(char c) {
  return IsAlphanumeric(c) || c == '.' || c == '_' || c == '~' || c == '-';
}

Status BadUrl(std::string_view text, std::string_view problem) {
  return Status::Error(ErrorCode::kInvalidArgument,
                       "the URL " + Quoted(text) + " " + std::string(problem));
}

/// Splits "host", "host:port" and "[v6]:port".
Status ParseAuthority(std::string_view text, std::string_view authority, Url* url) {
  std::size_t host_end = authority.find(':');
  if (authority.starts_with('[')) {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return BadUrl(text, "has no ']' after its address");
    host_end = bracket + 1;
  }
  url->host = ToLowerAscii(authority.substr(0, host_end));
  if (url->host.empty()) return BadUrl(text, "names no host");
  const auto is_host_char = [](char c) {
    return IsUnreserved(c) || c == '[' || c == ']' || c == ':' || c == '%';
  };
  if (!std::all_of(url->host.begin(), url->host.end(), is_host_char)) {
    return BadUrl(text, "has a host with a strange character");
  }
  url->port = url->scheme == "https" ? 443 : 80;
  if (host_end >= authority.size()) return Status::Ok();
  const std::string_view digits = authority.substr(host_end + 1);
  const auto port = ParseUint64(digits);
  if (authority[host_end] != ':' || !port || *port == 0 || *port > 65535) {
    return BadUrl(text, "has a port that is no number from 1 to 65535");
  }
  url->port = static_cast<std::uint16_t>(*port);
  return Status::Ok();
}

}  // namespace

Result<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return Status::Error(ErrorCode::kInvalidArgument,
                             "'%' without two hexadecimal digits in " + Quoted(text));
      }
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return encoded;
}

Result<std::vector<std::pair<std::string, std::string>>> ParseQueryString(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::string_view piece : Split(query, '&')) {
    if (piece.empty()) continue;
    const std::size_t equals = std::min(piece.find('='), piece.size());
    OG_ASSIGN_OR_RETURN(std::string name, PercentDecode(piece.substr(0, equals), true));
    const std::size_t value_begin = std::min(equals + 1, piece.size());
    OG_ASSIGN_OR_RETURN(std::string value, PercentDecode(piece.substr(value_begin), true));
    if (!IsValidUtf8(name) || !IsValidUtf8(value)) {
      return Status::Error(ErrorCode::kInvalidArgument,
                           "the query parameter " + Quoted(piece) + " is not UTF-8");
    }
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

Result<Url> ParseUrl(std::string_view text) {
  Url url;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return BadUrl(text, "does not start with http://");
  url.scheme = ToLowerAscii(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") {
    return BadUrl(text, "has another scheme than http and https");
  }
  const auto is_bad = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '\\';
  };
  if (std::any_of(text.begin(), text.end(), is_bad)) {
    return BadUrl(text, "contains white space, a backslash or a control character");
  }
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  if (authority.find('@') != std::string_view::npos) {
    // The text may hold a password, so it is not repeated.
    return Status::Error(ErrorCode::kInvalidArgument, "a URL must not contain a user name ('@')");
  }
  OG_RETURN_IF_ERROR(ParseAuthority(text, authority, &url));
  url.target = std::string(rest.substr(authority_end));
  if (url.target.find('#') != std::string::npos) return BadUrl(text, "has a fragment ('#')");
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

bool HaveSameOrigin(const Url& left, const Url& right) {
  return left.scheme == right.scheme && left.host == right.host && left.port == right.port;
}

}  // namespace omnigraph::net
