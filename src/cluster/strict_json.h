// Reads the JSON documents of a cluster strictly: an unknown, missing or mistyped field is a
// problem that names it. For source files only, because it brings the JSON library along.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace omnigraph::cluster {

using Json = nlohmann::ordered_json;

/// Parses `text`; nothing if it is not JSON.
inline std::optional<Json> ParseJson(std::string_view text) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  return json;
}

/// Two-space indent and a line break at the end; bytes that are not UTF-8 are replaced.
inline std::string PrettyJson(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

/// One line without spaces.
inline std::string CompactJson(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

/// Takes fields out of one object. The first problem is kept; values after it are defaults.
class FieldReader {
 public:
  /// `where` names the object in problems: "the ledger", "applied_revision".
  FieldReader(const Json& object, std::string where, std::string* problem)
      : object_(object), where_(std::move(where)), problem_(problem) {
    if (!object.is_object()) Report(where_ + " is not an object");
  }

  std::string Text(const char* key) {
    const Json* value = Required(key);
    return value != nullptr && CheckType(*value, key, value->is_string(), "a text")
               ? value->get<std::string>()
               : std::string();
  }
  std::optional<std::string> OptionalText(const char* key) {
    const Json* value = Present(key);
    if (value == nullptr || !CheckType(*value, key, value->is_string(), "a text")) return {};
    return value->get<std::string>();
  }
  std::uint64_t Unsigned(const char* key) {
    const Json* value = Required(key);
    return value != nullptr && CheckUnsigned(*value, key) ? value->get<std::uint64_t>() : 0;
  }
  std::optional<std::uint64_t> OptionalUnsigned(const char* key) {
    const Json* value = Present(key);
    if (value == nullptr || !CheckUnsigned(*value, key)) return {};
    return value->get<std::uint64_t>();
  }
  std::optional<std::vector<std::string>> OptionalTexts(const char* key) {
    const Json* value = Present(key);
    if (value == nullptr || !CheckType(*value, key, value->is_array(), "a list")) return {};
    std::vector<std::string> texts;
    for (const Json& item : *value) {
      if (!CheckType(item, key, item.is_string(), "a list of texts")) return {};
      texts.push_back(item.get<std::string>());
    }
    return texts;
  }
  /// The object under `key`, or null if it is absent.
  const Json* OptionalObject(const char* key) {
    const Json* value = Present(key);
    return value != nullptr && CheckType(*value, key, value->is_object(), "an object") ? value
                                                                                       : nullptr;
  }
  const Json* Object(const char* key) {
    const Json* value = Required(key);
    return value != nullptr && CheckType(*value, key, value->is_object(), "an object") ? value
                                                                                       : nullptr;
  }
  /// Accepts a field and leaves its value alone.
  void Ignore(const char* key) { known_.insert(key); }

  /// Reports a field that nobody asked for.
  void Finish() {
    if (!object_.is_object()) return;
    for (const auto& [key, unused] : object_.items()) {
      if (!known_.contains(key)) Report("unknown field '" + key + "' in " + where_);
    }
  }

 private:
  /// The value under `key`; null if absent or null.
  const Json* Present(const char* key) {
    known_.insert(key);
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json* Required(const char* key) {
    const Json* value = Present(key);
    if (value == nullptr) Report("missing field '" + std::string(key) + "' in " + where_);
    return value;
  }
  bool CheckType(const Json& value, const char* key, bool is_fit, const char* expected) {
    static_cast<void>(value);
    if (!is_fit) Report("field '" + std::string(key) + "' in " + where_ + " is not " + expected);
    return is_fit;
  }
  bool CheckUnsigned(const Json& value, const char* key) {
    return CheckType(value, key, value.is_number_unsigned(), "a number without sign");
  }
  void Report(const std::string& problem) {
    if (problem_->empty()) *problem_ = problem;
  }

  const Json& object_;
  std::string where_;
  std::string* problem_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace omnigraph::cluster
