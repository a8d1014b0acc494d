// What makes a write with an idempotency key one of its kind, and the short text in which its
// commit keeps the answer for whoever asks again.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "engine/engine.h"
#include "graph/branch_writer.h"

namespace omnigraph::engine {

struct RevertAnswer;

/// Errors: `kInvalidArgument` for an expected commit that is no commit id, and for a key that is
/// longer than 255 bytes or holds control characters.
Status CheckConditions(const WriteConditions& conditions);

/// Of a write by `caller`, none without a key. `asked` is all that the answer depends on, the kind
/// of the request first.
std::optional<graph::RequestKey> RequestKeyOf(const Caller& caller,
                                              const WriteConditions& conditions,
                                              const std::vector<std::string_view>& asked);

/// Digests a stream while somebody else reads it, however that cuts it into pieces.
class StreamDigest {
 public:
  void Add(std::string_view bytes);
  /// Of everything so far. Nothing may be added afterwards.
  std::string Finish();

 private:
  std::string block_;
  std::string digest_;
};

std::string EncodeAnswer(const MutationAnswer& answer);
std::string EncodeAnswer(const LoadAnswer& answer);
std::string EncodeAnswer(const MergeAnswer& answer);
std::string EncodeAnswer(const RevertAnswer& answer);

// Fill in what the text says, and set `is_replayed`. Errors: `kCorruption`.

Status DecodeAnswer(const format::Commit& made, MutationAnswer* answer);
Status DecodeAnswer(const format::Commit& made, LoadAnswer* answer);
Status DecodeAnswer(const format::Commit& made, MergeAnswer* answer);
Status DecodeAnswer(const format::Commit& made, RevertAnswer* answer);

}  // namespace omnigraph::engine
