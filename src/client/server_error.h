// What a server's refusal means here.

#pragma once

#include <string_view>

#include "base/status.h"

namespace omnigraph::client {

/// The status for an HTTP response that is no success: the server's own message with its details
/// (conflicts one per line) if the body is an error document, else the HTTP status and the body.
Status ErrorFromResponse(int http_status, std::string_view body);

}  // namespace omnigraph::client
