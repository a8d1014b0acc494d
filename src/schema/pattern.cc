// Implements schema/pattern.h on RE2.

#include "schema/pattern.h"

#include <re2/re2.h>

#include <utility>

#include "base/strings.h"

namespace omnigraph::schema {

Pattern::Pattern(std::string text, std::shared_ptr<const re2::RE2> compiled)
    : text_(std::move(text)), compiled_(std::move(compiled)) {}

Result<Pattern> Pattern::Compile(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->ok()) {
    return Status::Error(ErrorCode::kInvalidArgument,
                         "invalid regex " + Quoted(pattern) + ": " + compiled->error());
  }
  return Pattern(std::string(pattern), std::move(compiled));
}

std::size_t Pattern::size() const {
  return static_cast<std::size_t>(compiled_->ProgramSize());
}

bool Pattern::MatchesSomewhere(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace omnigraph::schema
