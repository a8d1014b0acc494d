// Reads the JSON bodies of requests: one object of known keys, others ignored.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace omnigraph::server {

/// A value that is passed on as it was written.
struct RawJson {
  std::string text;
};

/// Where a key's value goes. `null` leaves the target alone, as an absent key does.
struct BodyField {
  using Target = std::variant<std::optional<std::string>*, std::optional<bool>*,
                              std::vector<std::string>*, RawJson*>;
  std::string_view name;
  Target target;
  bool is_required = false;
  std::string_view alias{};  ///< A second spelling; both together are refused.
};

struct BodyProblem {
  int status = 400;  ///< 400: not JSON. 422: JSON of another shape.
  std::string message;
};

/// Fills the targets from `body`. A key that is there twice is a problem if it is known. The whole
/// text is validated, except the inside of `RawJson` values, which whoever reads them checks.
std::optional<BodyProblem> ReadJsonBody(std::string_view body, std::span<const BodyField> fields);

}  // namespace omnigraph::server
