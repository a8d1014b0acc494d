// Implements query/vector_parameters.h. simdjson stays inside this file.

#include "query/vector_parameters.h"

#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json_writer.h"

namespace omnigraph::query {
namespace {

namespace ondemand = simdjson::ondemand;

// Below this, the ordinary reader is quick enough.
constexpr std::size_t kTextBytesMin = 1024;

bool IsVector(const types::Type& type) {
  return type.is_vector() && !type.is_list && type.dimensions > 0;
}

std::optional<types::VectorValue> ReadVector(ondemand::array array, std::uint32_t dimensions) {
  types::VectorValue vector;
  vector.reserve(dimensions);
  for (auto element : array) {
    double number = 0;
    if (vector.size() == dimensions || element.get_double().get(number)) return std::nullopt;
    const auto value = static_cast<float>(number);
    if (!std::isfinite(value)) return std::nullopt;
    vector.push_back(value);
  }
  if (vector.size() != dimensions) return std::nullopt;
  return vector;
}

class Taker {
 public:
  explicit Taker(const std::vector<Parameter>& declared) : declared_(declared) {
    taken_.values.resize(declared.size());
  }

  /// Whether the member is one that the ordinary reader would take as it is taken here.
  bool Take(ondemand::field field) {
    std::string_view key;
    if (field.unescaped_key().get(key) || !keys_.emplace(key).second) return false;
    ondemand::value value = field.value();
    const auto parameter =
        std::find_if(declared_.begin(), declared_.end(),
                     [&](const Parameter& one) { return one.name == key && IsVector(one.type); });
    ondemand::json_type type{};
    if (value.type().get(type)) return false;
    if (parameter == declared_.end() || type != ondemand::json_type::array) {
      return Keep(key, value);
    }
    ondemand::array array;
    if (value.get_array().get(array)) return false;
    auto vector = ReadVector(array, parameter->type.dimensions);
    if (!vector) return false;
    taken_.values[static_cast<std::size_t>(parameter - declared_.begin())] = std::move(vector);
    return true;
  }

  VectorParameters Finish() && {
    taken_.rest = "{" + taken_.rest + "}";
    return std::move(taken_);
  }

 private:
  bool Keep(std::string_view key, ondemand::value value) {
    std::string_view json;
    if (simdjson::to_json_string(value).get(json)) return false;
    if (!taken_.rest.empty()) taken_.rest += ',';
    AppendJsonString(key, taken_.rest);
    taken_.rest.append(":").append(json);
    return true;
  }

  const std::vector<Parameter>& declared_;
  VectorParameters taken_;
  std::set<std::string, std::less<>> keys_;
};

}  // namespace

std::optional<VectorParameters> TakeVectors(const std::vector<Parameter>& declared,
                                            std::string_view text) {
  const bool has_vector = std::any_of(declared.begin(), declared.end(),
                                      [](const Parameter& one) { return IsVector(one.type); });
  if (text.size() < kTextBytesMin || !has_vector) return std::nullopt;
  thread_local ondemand::parser parser;
  const simdjson::padded_string padded(text);
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object)) {
    return std::nullopt;
  }
  Taker taker(declared);
  for (auto member : object) {
    ondemand::field field;
    if (std::move(member).get(field) || !taker.Take(field)) return std::nullopt;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return std::nullopt;
  return std::move(taker).Finish();
}

}  // namespace omnigraph::query
