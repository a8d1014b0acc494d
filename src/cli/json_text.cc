// Adapter of the JSON library for parameters.

#include "cli/json_text.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_writer.h"
#include "base/strings.h"
#include "text/source.h"

namespace omnigraph::cli {
namespace {

using Json = nlohmann::ordered_json;

// Accepts every document and notes where one goes wrong.
struct SyntaxProbe {
  std::size_t error_offset = 0;

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const std::string&) { return true; }
  bool string(std::string&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool start_object(std::size_t) { return true; }
  bool key(std::string&) { return true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return true; }
  bool end_array() { return true; }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    error_offset = position;
    return false;
  }
};

// Decodes the four hexadecimal digits of an escape; `at` is the first of them.
std::uint32_t HexDigits(std::string_view text, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4 && i < text.size(); ++i) {
    const char c = text[i];
    const std::uint32_t digit = c >= 'a'   ? static_cast<std::uint32_t>(c - 'a' + 10)
                                : c >= 'A' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                           : static_cast<std::uint32_t>(c - '0');
    value = value * 16 + digit;
  }
  return value;
}

void AppendUtf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Decodes the escape whose backslash stands at `at`; returns one past it.
std::size_t AppendEscape(std::string_view text, std::size_t at, std::string& out) {
  const char kind = at + 1 < text.size() ? text[at + 1] : '\\';
  switch (kind) {
    case 'n':
      out += '\n';
      return at + 2;
    case 't':
      out += '\t';
      return at + 2;
    case 'r':
      out += '\r';
      return at + 2;
    case 'b':
      out += '\b';
      return at + 2;
    case 'f':
      out += '\f';
      return at + 2;
    case 'u':
      break;
    default:
      out += kind;
      return at + 2;
  }
  std::uint32_t code = HexDigits(text, at + 2);
  std::size_t end = at + 6;
  if (code >= 0xD800 && code < 0xDC00 && end + 6 <= text.size() && text[end] == '\\') {
    code = 0x10000 + ((code - 0xD800) << 10) + (HexDigits(text, end + 2) - 0xDC00);
    end += 6;
  }
  AppendUtf8(code, out);
  return end;
}

bool IsJson(std::string_view text) {
  return Json::accept(text.begin(), text.end());
}

}  // namespace

std::string ValueText(std::string_view json) {
  if (json.size() < 2 || json.front() != '"') return std::string(json);
  const std::string_view body = json.substr(1, json.size() - 2);
  if (body.find('\\') == std::string_view::npos) return std::string(body);
  std::string text;
  std::size_t at = 0;
  while (at < body.size()) {
    if (body[at] == '\\') {
      at = AppendEscape(body, at, text);
    } else {
      text += body[at++];
    }
  }
  return text;
}

Status CheckParameters(std::string_view json, std::string_view name) {
  SyntaxProbe probe;
  if (!Json::sax_parse(json.begin(), json.end(), &probe)) {
    const text::Source source{std::string(name), std::string(json)};
    const std::size_t offset = probe.error_offset > 0 ? probe.error_offset - 1 : 0;
    const text::Position position =
        source.PositionOf(static_cast<std::uint32_t>(std::min(offset, json.size())));
    return Status::Error(ErrorCode::kInvalidArgument,
                         std::string(name) + " is not valid JSON: mistake at line " +
                             std::to_string(position.line) + ", column " +
                             std::to_string(position.column));
  }
  const std::string_view trimmed = TrimSpace(json);
  if (trimmed.starts_with('{')) return Status::Ok();
  return Status::Error(ErrorCode::kInvalidArgument, "params JSON must be an object, and " +
                                                        std::string(name) + " holds " +
                                                        Abbreviate(trimmed, 40));
}

std::string MergeParameters(std::string_view base, std::string_view over) {
  Json merged = Json::parse(base.begin(), base.end(), nullptr, false);
  const Json added = Json::parse(over.begin(), over.end(), nullptr, false);
  for (const auto& member : added.items())
    merged[member.key()] = member.value();
  return merged.dump();
}

std::string ArgumentAsParameter(std::string_view key, std::string_view text) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Key(key);
  if (IsJson(text)) {
    json.Raw(text);
  } else {
    json.String(text);
  }
  json.EndObject();
  return out;
}

}  // namespace omnigraph::cli
