// Typed fields of YAML mappings.

#include "policy/yaml_fields.h"

#include <algorithm>

namespace omnigraph::policy {

using text::Diagnostics;
using text::YamlNode;

bool CheckMapping(const YamlNode& node, std::string_view what,
                  const std::vector<std::string_view>& known_keys, Diagnostics* diagnostics) {
  if (!node.is_mapping()) {
    ReportKind(node, what, "a mapping", diagnostics);
    return false;
  }
  for (const text::YamlEntry& entry : node.entries()) {
    if (std::find(known_keys.begin(), known_keys.end(), entry.key) != known_keys.end()) continue;
    const std::string_view near = text::DidYouMean(entry.key, known_keys);
    std::string help = "known keys: ";
    if (near.empty()) {
      for (const std::string_view known : known_keys) {
        if (known != known_keys.front()) help += ", ";
        help += known;
      }
    } else {
      help = "did you mean '" + std::string(near) + "'?";
    }
    diagnostics->Error({}, entry.key_span,
                       "unknown key '" + entry.key + "' in " + std::string(what), std::move(help));
  }
  return true;
}

void ReportKind(const YamlNode& node, std::string_view what, std::string_view expected,
                Diagnostics* diagnostics) {
  std::string help;
  const bool is_plain_value = node.is_scalar() && node.AsText() == nullptr;
  if (expected == "a text" && is_plain_value) help = "write '" + node.scalar() + "' in quotes";
  diagnostics->Error({}, node.span(),
                     std::string(what) + " must be " + std::string(expected) + ", found " +
                         std::string(Describe(node.kind())),
                     std::move(help));
}

const YamlNode* FindPresent(const YamlNode& mapping, std::string_view key) {
  const YamlNode* node = mapping.Find(key);
  return node == nullptr || node->is_null() ? nullptr : node;
}

std::optional<std::string> ReadText(const YamlNode& node, std::string_view what,
                                    Diagnostics* diagnostics) {
  const std::string* value = node.AsText();
  if (value != nullptr) return *value;
  ReportKind(node, what, "a text", diagnostics);
  return std::nullopt;
}

std::optional<std::string> ReadOptionalText(const YamlNode& mapping, std::string_view key,
                                            std::string_view what, Diagnostics* diagnostics) {
  const YamlNode* node = FindPresent(mapping, key);
  if (node == nullptr) return std::nullopt;
  return ReadText(*node, what, diagnostics);
}

void CheckVersion(const YamlNode& mapping, std::string_view subject, Diagnostics* diagnostics) {
  const std::string must = std::string(subject) + " version must be 1";
  const YamlNode* version = mapping.Find("version");
  if (version == nullptr) {
    diagnostics->Error({}, mapping.span(), must + ", but 'version' is missing",
                       "start the file with 'version: 1'");
  } else if (version->AsInteger() != 1) {
    const std::string found = version->is_scalar() ? "'" + version->scalar() + "'"
                                                   : std::string(Describe(version->kind()));
    diagnostics->Error({}, version->span(), must + ", found " + found);
  }
}

std::vector<const YamlNode*> ReadTextList(const YamlNode& node, std::string_view what,
                                          std::string_view elements, Diagnostics* diagnostics) {
  std::vector<const YamlNode*> texts;
  if (node.is_null()) return texts;
  if (!node.is_sequence()) {
    ReportKind(node, what, "a list of " + std::string(elements), diagnostics);
    return texts;
  }
  for (const YamlNode& item : node.items()) {
    if (item.AsText() != nullptr) {
      texts.push_back(&item);
    } else {
      ReportKind(item, "each item of " + std::string(what), "a text", diagnostics);
    }
  }
  return texts;
}

bool AddYamlProblems(const text::YamlDocument& document, Diagnostics* diagnostics) {
  for (const text::YamlProblem& problem : document.problems) {
    diagnostics->Add(text::ToDiagnostic(problem));
  }
  return document.ok();
}

}  // namespace omnigraph::policy
