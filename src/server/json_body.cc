// Reads request bodies with simdjson's on-demand parser.

#include "server/json_body.h"

#include <simdjson.h>

#include <algorithm>

#include "base/json_nesting.h"
#include "base/strings.h"

namespace omnigraph::server {

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr int kDepthMax = 128;
/// Larger buffers are not kept for the next request of the thread.
constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20;

/// What a thread keeps from request to request.
struct Scratch {
  ondemand::parser parser;
  std::string bytes;
};

BodyProblem NotJson(error_code error) {
  return {400, std::string("the body is not valid JSON: ") + simdjson::error_message(error)};
}

BodyProblem WrongShape(std::string message) {
  return {422, std::move(message)};
}

/// Reads a value to its end, so that what is ignored is still JSON.
error_code Skip(ondemand::value value, int depth);

error_code SkipArray(ondemand::value value, int depth) {
  ondemand::array array;
  if (const error_code error = value.get_array().get(array)) return error;
  for (auto element : array) {
    ondemand::value inner;
    if (const error_code error = element.get(inner)) return error;
    if (const error_code error = Skip(inner, depth + 1)) return error;
  }
  return simdjson::SUCCESS;
}

error_code SkipObject(ondemand::value value, int depth) {
  ondemand::object object;
  if (const error_code error = value.get_object().get(object)) return error;
  for (auto member : object) {
    ondemand::value inner;
    std::string_view key;
    if (const error_code error = member.unescaped_key().get(key)) return error;
    if (const error_code error = member.value().get(inner)) return error;
    if (const error_code error = Skip(inner, depth + 1)) return error;
  }
  return simdjson::SUCCESS;
}

error_code Skip(ondemand::value value, int depth) {
  if (depth > kDepthMax) return simdjson::DEPTH_ERROR;
  ondemand::json_type type;
  if (const error_code error = value.type().get(type)) return error;
  switch (type) {
    case ondemand::json_type::array:
      return SkipArray(value, depth);
    case ondemand::json_type::object:
      return SkipObject(value, depth);
    case ondemand::json_type::string:
      return value.get_string().error();
    case ondemand::json_type::boolean:
      return value.get_bool().error();
    case ondemand::json_type::null: {
      // What begins with an 'n' counts as null until it is read.
      bool is_null = false;
      if (const error_code error = value.is_null().get(is_null)) return error;
      return is_null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
    }
    case ondemand::json_type::number:
      break;
  }
  return value.get_double().error();
}

/// Fills one target; WRONG TYPE is told by INCORRECT_TYPE.
class TargetReader {
 public:
  explicit TargetReader(ondemand::value& value) : value_(value) {}

  error_code operator()(std::optional<std::string>* target) const {
    std::string_view text;
    if (const error_code error = value_.get_string().get(text)) return error;
    *target = std::string(text);
    return simdjson::SUCCESS;
  }
  error_code operator()(std::optional<bool>* target) const {
    bool is_true = false;
    if (const error_code error = value_.get_bool().get(is_true)) return error;
    *target = is_true;
    return simdjson::SUCCESS;
  }
  error_code operator()(std::vector<std::string>* target) const {
    ondemand::array array;
    if (const error_code error = value_.get_array().get(array)) return error;
    for (auto element : array) {
      std::string_view text;
      if (const error_code error = element.get_string().get(text)) return error;
      target->emplace_back(text);
    }
    return simdjson::SUCCESS;
  }
  error_code operator()(RawJson* target) const {
    std::string_view text;
    if (const error_code error = simdjson::to_json_string(value_).get(text)) return error;
    if (IsNestedDeeperThan(text, kDepthMax)) return simdjson::DEPTH_ERROR;
    target->text = std::string(TrimSpace(text));
    return simdjson::SUCCESS;
  }

 private:
  ondemand::value& value_;
};

std::string_view Expectation(const BodyField& field) {
  switch (field.target.index()) {
    case 0:
      return "a text";
    case 1:
      return "true or false";
    case 2:
      return "a list of texts";
    default:
      return "a JSON value";
  }
}

/// Reads one body into the targets.
class BodyReader {
 public:
  explicit BodyReader(std::span<const BodyField> fields) : fields_(fields), seen_(fields.size()) {}

  std::optional<BodyProblem> Read(ondemand::object object) {
    for (auto member : object) {
      std::string_view key;
      ondemand::value value;
      if (const error_code error = member.unescaped_key().get(key)) return NotJson(error);
      if (const error_code error = member.value().get(value)) return NotJson(error);
      if (auto problem = TakeMember(key, value)) return problem;
    }
    return std::nullopt;
  }

  std::optional<BodyProblem> CheckRequired() const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (!fields_[i].is_required || seen_[i] == Seen::kValue) continue;
      return WrongShape("the body lacks the key '" + std::string(fields_[i].name) + "', " +
                        std::string(Expectation(fields_[i])));
    }
    return std::nullopt;
  }

 private:
  enum class Seen : unsigned char { kNo, kNull, kValue };

  std::optional<BodyProblem> TakeMember(std::string_view key, ondemand::value& value) {
    const auto field = std::find_if(fields_.begin(), fields_.end(), [&](const BodyField& known) {
      return known.name == key || (!known.alias.empty() && known.alias == key);
    });
    if (field == fields_.end()) {
      const error_code error = Skip(value, 1);
      if (error) return NotJson(error);
      return std::nullopt;
    }
    Seen& seen = seen_[static_cast<std::size_t>(field - fields_.begin())];
    if (seen != Seen::kNo) return Repeated(*field);
    ondemand::json_type type;
    if (const error_code error = value.type().get(type)) return NotJson(error);
    if (type == ondemand::json_type::null) {
      seen = Seen::kNull;
      if (const error_code error = Skip(value, 1)) return NotJson(error);
      return std::nullopt;
    }
    seen = Seen::kValue;
    const std::string name(key);  // The next read may overwrite the key.
    const error_code error = std::visit(TargetReader(value), field->target);
    if (error == simdjson::INCORRECT_TYPE) {
      return WrongShape("the value of '" + name + "' must be " + std::string(Expectation(*field)));
    }
    if (error) return NotJson(error);
    return std::nullopt;
  }

  static BodyProblem Repeated(const BodyField& field) {
    std::string message = "the key '" + std::string(field.name) + "' is given twice";
    if (!field.alias.empty()) {
      message += " ('" + std::string(field.alias) + "' is another name for it)";
    }
    return WrongShape(std::move(message));
  }

  std::span<const BodyField> fields_;
  std::vector<Seen> seen_;
};

std::optional<BodyProblem> ReadDocument(Scratch& scratch, std::span<const BodyField> fields) {
  ondemand::document document;
  const simdjson::padded_string_view view(scratch.bytes.data(), scratch.bytes.size(),
                                          scratch.bytes.capacity());
  if (const error_code error = scratch.parser.iterate(view).get(document)) return NotJson(error);
  ondemand::json_type type;
  if (const error_code error = document.type().get(type)) return NotJson(error);
  if (type == ondemand::json_type::array) {
    ondemand::value value;
    if (const error_code error = document.get_value().get(value)) return NotJson(error);
    if (const error_code error = Skip(value, 0)) return NotJson(error);
  }
  if (type != ondemand::json_type::object) return WrongShape("the body must be a JSON object");
  ondemand::object object;
  if (const error_code error = document.get_object().get(object)) return NotJson(error);
  BodyReader reader(fields);
  if (auto problem = reader.Read(object)) return problem;
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return BodyProblem{400, "the body holds more than one JSON value"};
  }
  return reader.CheckRequired();
}

}  // namespace

std::optional<BodyProblem> ReadJsonBody(std::string_view body, std::span<const BodyField> fields) {
  thread_local Scratch scratch;
  scratch.bytes.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  scratch.bytes.assign(body);
  std::optional<BodyProblem> problem = ReadDocument(scratch, fields);
  if (scratch.bytes.capacity() > kKeptBytesMax) scratch = Scratch();
  return problem;
}

}  // namespace omnigraph::server
