// The answers of the HTTP API that are not data: the one error document of every route.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "net/http_message.h"

namespace omnigraph::server {

/// 200 with a JSON document.
net::HttpResponse JsonReply(std::string body);

/// `{"error": text, "code": …}`; the code is that of `status`. 401 also says how to authenticate,
/// 429 and 503 when to come back.
net::HttpResponse ErrorReply(int status, std::string_view text);

/// The answer to a failed operation. A lost race over one table carries `manifest_conflict`.
net::HttpResponse ErrorReply(const Status& failure);

/// The status that stands for an error code.
int HttpStatusOf(ErrorCode code);

}  // namespace omnigraph::server
