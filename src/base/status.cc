// Implements base/status.h.

#include "base/status.h"

namespace omnigraph {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "InvalidArgument";
    case ErrorCode::kNotFound:
      return "NotFound";
    case ErrorCode::kAlreadyExists:
      return "AlreadyExists";
    case ErrorCode::kPermissionDenied:
      return "PermissionDenied";
    case ErrorCode::kUnauthenticated:
      return "Unauthenticated";
    case ErrorCode::kConflict:
      return "Conflict";
    case ErrorCode::kPreconditionFailed:
      return "PreconditionFailed";
    case ErrorCode::kResourceExhausted:
      return "ResourceExhausted";
    case ErrorCode::kUnavailable:
      return "Unavailable";
    case ErrorCode::kDeadlineExceeded:
      return "DeadlineExceeded";
    case ErrorCode::kCorruption:
      return "Corruption";
    case ErrorCode::kInternal:
      return "Internal";
  }
  OG_CHECK(false);
}

Status::Status(const Status& other)
    : detail_(other.detail_ ? std::make_unique<Detail>(*other.detail_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) detail_ = other.detail_ ? std::make_unique<Detail>(*other.detail_) : nullptr;
  return *this;
}

Status Status::Error(ErrorCode code, std::string message) {
  Status status;
  status.detail_ = std::make_unique<Detail>(Detail{code, std::move(message)});
  return status;
}

Status Status::StaleTable(TableConflict conflict, std::string message) {
  Status status = Error(ErrorCode::kConflict, std::move(message));
  status.detail_->table_conflict = std::move(conflict);
  return status;
}

Status Status::UnexpectedHead(HeadMismatch mismatch, std::string message) {
  Status status = Error(ErrorCode::kPreconditionFailed, std::move(message));
  status.detail_->head_mismatch = std::move(mismatch);
  return status;
}

ErrorCode Status::code() const {
  OG_CHECK(!ok());
  return detail_->code;
}

std::string_view Status::message() const {
  return detail_ ? std::string_view(detail_->message) : std::string_view();
}

const TableConflict* Status::table_conflict() const {
  return detail_ && detail_->table_conflict ? &*detail_->table_conflict : nullptr;
}

const HeadMismatch* Status::head_mismatch() const {
  return detail_ && detail_->head_mismatch ? &*detail_->head_mismatch : nullptr;
}

Status Status::WithContext(std::string_view attempted) && {
  if (detail_) detail_->message.insert(0, std::string(attempted) + ": ");
  return std::move(*this);
}

}  // namespace omnigraph
