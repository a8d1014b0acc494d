// Appends JSON to a string: the escaping and number spelling that every answer shares, without a
// tree in between. For documents that are read back or edited use nlohmann-json in a source file.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace omnigraph {

/// Appends `text` as a JSON string with its quotes. Escapes `"`, `\` and control characters; other
/// bytes are copied, so `text` must be UTF-8.
void AppendJsonString(std::string_view text, std::string& out);

void AppendJsonInt(std::int64_t value, std::string& out);
void AppendJsonUint(std::uint64_t value, std::string& out);

/// Appends the shortest decimal that reads back as `value`; integral values keep ".0"; exponent
/// form below 1e-5 and from 1e16. `value` must be finite.
void AppendJsonDouble(double value, std::string& out);

/// Writes one object or array member by member, compact, commas in the right places.
///
///   JsonWriter json(out);
///   json.BeginObject().Key("id").String("a").Key("tags").BeginArray().EndArray().EndObject();
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(std::int64_t value);
  JsonWriter& Uint(std::uint64_t value);
  JsonWriter& Double(double value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  /// Copies `json` (one complete value) as it is.
  JsonWriter& Raw(std::string_view json);

 private:
  JsonWriter& Open(char bracket);
  JsonWriter& Close(char bracket);
  void Separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace omnigraph
