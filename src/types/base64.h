// Standard base64 with padding (RFC 4648 §4), and the text form of blobs.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/value.h"

namespace omnigraph::types {

std::string EncodeBase64(std::string_view bytes);

/// None unless `text` is complete, padded and canonical (unused bits zero).
std::optional<std::string> DecodeBase64(std::string_view text);

/// `base64:<…>` gives stored bytes, a text with a URI scheme gives a reference; anything else is
/// `kInvalidArgument` naming `what`.
Result<Blob> ParseBlob(std::string_view text, std::string_view what);

/// The inverse of `ParseBlob`.
std::string BlobText(const Blob& blob);

}  // namespace omnigraph::types
