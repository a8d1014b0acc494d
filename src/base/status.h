// Carries the outcome of an operation that can fail for reasons outside the program:
// bad input, a missing object, a lost race, a broken network.
//
// A `Status` is one pointer wide and free when OK. Programming mistakes are not statuses: they are
// `OG_CHECK` failures (base/check.h) and end the process.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace omnigraph {

/// Says what the *caller* can do about a failure. The list is closed: the HTTP layer, the CLI exit
/// codes and the client libraries switch over it without a default case.
enum class ErrorCode : unsigned char {
  kInvalidArgument,     ///< Fix the request. Never retry as is.
  kNotFound,            ///< The named thing does not exist, or the caller may not see it.
  kAlreadyExists,       ///< The name is taken.
  kPermissionDenied,    ///< The policy said no. The message names the action, never the rule.
  kUnauthenticated,     ///< No credential, or one that nobody issued.
  kConflict,            ///< Another writer won. Re-read, re-apply, retry.
  kPreconditionFailed,  ///< The caller's stated expectation no longer holds. Do not retry blindly.
  kResourceExhausted,   ///< A limit was reached. The message names the limit and its value.
  kUnavailable,         ///< The store or a provider is down. Retry with backoff.
  kDeadlineExceeded,    ///< The deadline passed; the work was stopped.
  kCorruption,          ///< Stored bytes fail their checksum. The message names the object.
  kInternal,            ///< A bug in OmniGraph.
};

/// Returns the enumerator's name without the `k`, for logs and tests ("InvalidArgument").
std::string_view ErrorCodeName(ErrorCode code);

/// The facts behind a lost race over one table (`kConflict`), for programs that retry.
struct TableConflict {
  std::string table_key;           ///< "node:Person".
  std::uint64_t expected_version;  ///< The `table_version` that the operation was planned on.
  std::uint64_t actual_version;    ///< The one that it met; greater than `expected_version`.
};

/// The facts behind a conditional write that met another head (`kPreconditionFailed`).
struct HeadMismatch {
  std::string expected;  ///< The commit that the caller named.
  std::string actual;    ///< The head of the branch.
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  static Status Ok() { return Status(); }
  static Status Error(ErrorCode code, std::string message);
  /// `Error(kConflict, message)` that carries the overtaken table.
  static Status StaleTable(TableConflict conflict, std::string message);
  /// `Error(kPreconditionFailed, message)` that carries both commits.
  static Status UnexpectedHead(HeadMismatch mismatch, std::string message);

  bool ok() const { return detail_ == nullptr; }
  /// Requires `!ok()`.
  ErrorCode code() const;
  /// Empty when OK.
  std::string_view message() const;
  /// The overtaken table of a `StaleTable` error, else null.
  const TableConflict* table_conflict() const;
  /// The commits of an `UnexpectedHead` error, else null.
  const HeadMismatch* head_mismatch() const;

  /// Prefixes the message with what was being attempted, outermost first:
  /// "load people.jsonl: line 12: key 'ada' is duplicated". No effect when OK.
  Status WithContext(std::string_view attempted) &&;

 private:
  struct Detail {
    ErrorCode code;
    std::string message;
    std::optional<TableConflict> table_conflict{};
    std::optional<HeadMismatch> head_mismatch{};
  };
  std::unique_ptr<Detail> detail_;
};

/// A value, or the reason why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  // Implicit on purpose: `return value;` and `return Status::Error(…);` both read well.
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    OG_CHECK(!status_.ok());
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  /// All of these require `ok()`.
  const T& value() const& {
    OG_CHECK(ok());
    return *value_;
  }
  T& value() & {
    OG_CHECK(ok());
    return *value_;
  }
  T&& value() && {
    OG_CHECK(ok());
    return std::move(*value_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

#define OG_CONCAT_INNER(a, b) a##b
#define OG_CONCAT(a, b) OG_CONCAT_INNER(a, b)

/// Leaves the function with the status of `expression` unless it is OK.
#define OG_RETURN_IF_ERROR(expression)            \
  do {                                            \
    ::omnigraph::Status og_status = (expression); \
    if (!og_status.ok()) return og_status;        \
  } while (false)

/// `OG_ASSIGN_OR_RETURN(auto x, F())`: assigns the value of the `Result`, or leaves with its
/// status.
#define OG_ASSIGN_OR_RETURN(target, expression) \
  OG_ASSIGN_OR_RETURN_INNER(OG_CONCAT(og_result_, __LINE__), target, expression)
#define OG_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                 \
  if (!result.ok()) return std::move(result).status();        \
  target = std::move(result).value()

}  // namespace omnigraph
