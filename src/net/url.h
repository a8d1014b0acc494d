// URLs, query strings and percent-encoding.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace omnigraph::net {

/// Decodes `%XX` once, and with `plus_is_space` also '+'. The result may hold any byte.
///
/// Errors: `kInvalidArgument` for '%' without two hexadecimal digits.
Result<std::string> PercentDecode(std::string_view text, bool plus_is_space = false);

/// Encodes all but `[A-Za-z0-9._~-]`: for one path segment or query value.
std::string PercentEncode(std::string_view text);

/// The form-decoded pairs of a query string, in order; empty pieces are dropped and a name without
/// '=' has an empty value.
///
/// Errors: `kInvalidArgument` for a bad escape or text that is not UTF-8.
Result<std::vector<std::pair<std::string, std::string>>> ParseQueryString(std::string_view query);

/// An absolute `http` or `https` URL.
struct Url {
  std::string scheme;  ///< "http" or "https".
  std::string host;    ///< In lower case; an IPv6 address with its brackets.
  std::uint16_t port = 0;
  std::string target;  ///< Path and query as written; "/" if there is no path.
};

/// Errors: `kInvalidArgument` for other schemes, user names in the URL, a missing host, a bad port,
/// a fragment, white space and control characters.
Result<Url> ParseUrl(std::string_view text);

/// Whether both lead to the same server.
bool HaveSameOrigin(const Url& left, const Url& right);

}  // namespace omnigraph::net
