// Implements graph/strict_lines.h.

#include "graph/strict_lines.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "text/diagnostic.h"

namespace omnigraph::graph {
namespace {

namespace dom = simdjson::dom;
using types::Scalar;

constexpr std::size_t kReadBytes = 65'536;

Status Refused(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

Status CheckNoMemberTwice(dom::element value) {
  dom::object object;
  dom::array array;
  if (value.get(object) == simdjson::SUCCESS) {
    std::set<std::string_view> seen;
    for (const dom::key_value_pair member : object) {
      if (!seen.insert(member.key).second) {
        return Refused("duplicate JSON member " + Quoted(member.key));
      }
      OG_RETURN_IF_ERROR(CheckNoMemberTwice(member.value));
    }
  } else if (value.get(array) == simdjson::SUCCESS) {
    for (const dom::element item : array)
      OG_RETURN_IF_ERROR(CheckNoMemberTwice(item));
  }
  return Status::Ok();
}

// Whether a list of `scalar` may hold `item`, judged by its kind alone.
bool IsItemOf(Scalar scalar, dom::element item) {
  switch (scalar) {
    case Scalar::kString:
    case Scalar::kBlob:
      return item.is_string();
    case Scalar::kBool:
      return item.is_bool();
    case Scalar::kF32:
    case Scalar::kF64:
      return item.is_number();
    case Scalar::kDate:
    case Scalar::kDateTime:
      return item.is_string() || item.is_int64();
    default:
      return item.is_int64() || item.is_uint64();
  }
}

Status CheckList(const schema::TableType& type, const schema::Property& property,
                 dom::element value) {
  dom::array items;
  if (value.get(items) != simdjson::SUCCESS) return Status::Ok();
  std::size_t index = 0;
  for (const dom::element item : items) {
    if (!IsItemOf(property.type.scalar, item)) {
      return Refused(type.name + ": list property '" + property.name +
                     "' has a null or invalid item at index " + std::to_string(index) +
                     "; items must be " + std::string(types::ScalarName(property.type.scalar)));
    }
    ++index;
  }
  return Status::Ok();
}

class LineChecker {
 public:
  explicit LineChecker(const schema::Catalog& catalog) : catalog_(catalog) {}

  // Checks one line without its end.
  Status Check(std::string_view line) {
    if (TrimSpace(line).empty()) return Status::Ok();
    dom::element record;
    const auto error = parser_.parse(line.data(), line.size()).get(record);
    if (error != simdjson::SUCCESS) {
      return Refused("invalid JSON: " + std::string(simdjson::error_message(error)) +
                     "; in a strict load each line holds one whole JSON object");
    }
    dom::object object;
    if (record.get(object) != simdjson::SUCCESS) {
      return Refused("in a strict load each line holds one JSON object, and this is none");
    }
    OG_RETURN_IF_ERROR(CheckNoMemberTwice(record));
    return CheckRecord(object);
  }

 private:
  Status CheckRecord(const dom::object& record) const {
    bool has_type = false;
    bool has_edge = false;
    for (const dom::key_value_pair member : record) {
      has_type |= member.key == "type";
      has_edge |= member.key == "edge";
    }
    if (has_type && has_edge) {
      return Refused("a record has either 'type' (a node) or 'edge' (an edge), and this has both");
    }
    if (!has_type && !has_edge) {
      return Refused("a record needs 'type' (a node) or 'edge' (an edge), and this has neither");
    }
    const schema::TableType* type = nullptr;
    dom::element data;
    for (const dom::key_value_pair member : record) {
      OG_RETURN_IF_ERROR(CheckHeadMember(member.key, has_edge));
      std::string_view name;
      const bool is_name = member.value.get(name) == simdjson::SUCCESS;
      if (is_name && member.key == "type") type = catalog_.FindNode(name);
      if (is_name && member.key == "edge") type = catalog_.FindEdge(name);
      if (member.key == "data") data = member.value;
    }
    dom::object members;
    if (type == nullptr || record["data"].get(members) != simdjson::SUCCESS) return Status::Ok();
    return CheckData(*type, has_edge, members);
  }

  static Status CheckHeadMember(std::string_view key, bool is_edge) {
    if (key == "type" || key == "edge" || key == "data") return Status::Ok();
    if (key == "from" || key == "to") {
      if (is_edge) return Status::Ok();
      return Refused("unknown top-level field " + Quoted(key) + ": a node has no endpoints");
    }
    const std::string_view nearest = text::DidYouMean(key, {"type", "edge", "from", "to", "data"});
    return Refused("unknown top-level field " + Quoted(key) +
                   (nearest.empty() ? "; properties stand inside 'data'"
                                    : "; did you mean " + Quoted(nearest) + "?"));
  }

  static Status CheckData(const schema::TableType& type, bool is_edge, const dom::object& data) {
    for (const dom::key_value_pair member : data) {
      if (is_edge && (member.key == "src" || member.key == "dst")) {
        return Refused(type.name + ": " + Quoted(member.key) +
                       " is reserved structural state; the endpoints of an edge are its top-level "
                       "'from' and 'to'");
      }
      const schema::Property* const property = type.FindProperty(member.key);
      if (property != nullptr && property->type.is_list) {
        OG_RETURN_IF_ERROR(CheckList(type, *property, member.value));
      }
    }
    return Status::Ok();
  }

  const schema::Catalog& catalog_;
  dom::parser parser_;
};

class StrictLineReader {
 public:
  StrictLineReader(ByteReader read, const schema::Catalog& catalog, std::size_t line_bytes_max)
      : read_(std::move(read)), checker_(catalog), line_bytes_max_(line_bytes_max) {}

  Result<std::size_t> Read(char* buffer, std::size_t size_bytes_max) {
    while (checked_ == delivered_) {
      if (is_at_end_) return std::size_t{0};
      OG_RETURN_IF_ERROR(Fill());
      OG_RETURN_IF_ERROR(CheckWholeLines());
    }
    const std::size_t count = std::min(size_bytes_max, checked_ - delivered_);
    std::memcpy(buffer, bytes_.data() + delivered_, count);
    delivered_ += count;
    return count;
  }

 private:
  // Drops what was delivered and reads one piece more.
  Status Fill() {
    bytes_.erase(0, delivered_);
    checked_ -= delivered_;
    delivered_ = 0;
    const std::size_t size = bytes_.size();
    bytes_.resize(size + kReadBytes);
    const Result<std::size_t> count = read_(bytes_.data() + size, kReadBytes);
    bytes_.resize(size + (count.ok() ? *count : 0));
    OG_RETURN_IF_ERROR(count.status());
    is_at_end_ = *count == 0;
    return Status::Ok();
  }

  Status CheckWholeLines() {
    while (checked_ < bytes_.size()) {
      std::size_t end = bytes_.find('\n', checked_);
      if (end == std::string::npos) {
        if (!is_at_end_) break;
        end = bytes_.size();
      }
      std::string_view line(bytes_.data() + checked_, end - checked_);
      ++line_;
      if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
      Status status = checker_.Check(line);
      if (!status.ok()) return std::move(status).WithContext("line " + std::to_string(line_));
      checked_ = std::min(end + 1, bytes_.size());
    }
    if (bytes_.size() - checked_ <= line_bytes_max_) return Status::Ok();
    return Status::Error(ErrorCode::kResourceExhausted,
                         "line " + std::to_string(line_ + 1) + " is larger than the limit of " +
                             std::to_string(line_bytes_max_) + " bytes (load.record_bytes_max)");
  }

  ByteReader read_;
  LineChecker checker_;
  const std::size_t line_bytes_max_;
  std::string bytes_;          // Read and not yet delivered, but for `delivered_`.
  std::size_t delivered_ = 0;  // Of `bytes_`; never more than `checked_`.
  std::size_t checked_ = 0;    // Behind the last line that was checked.
  std::uint64_t line_ = 0;     // The last line that was checked, from 1.
  bool is_at_end_ = false;
};

}  // namespace

ByteReader StrictLines(ByteReader read, const schema::Catalog& catalog,
                       std::size_t line_bytes_max) {
  const auto reader = std::make_shared<StrictLineReader>(std::move(read), catalog, line_bytes_max);
  return [reader](char* buffer, std::size_t size_bytes_max) {
    return reader->Read(buffer, size_bytes_max);
  };
}

}  // namespace omnigraph::graph
