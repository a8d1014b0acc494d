// Reads typed fields out of YAML mappings and reports what does not fit. Shared by the parsers of
// bundles and of policy tests.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"
#include "text/yaml.h"

namespace omnigraph::policy {

/// Reports unless `node` is a mapping with no other keys than `known_keys`; unknown keys are
/// reported one by one, with the nearest known key as help. `what` names the mapping in messages:
/// "rule 'r'". Returns false only if `node` is no mapping.
bool CheckMapping(const text::YamlNode& node, std::string_view what,
                  const std::vector<std::string_view>& known_keys, text::Diagnostics* diagnostics);

/// Reports that `node` is not an `expected` ("a text", "a list of actor ids").
void ReportKind(const text::YamlNode& node, std::string_view what, std::string_view expected,
                text::Diagnostics* diagnostics);

/// The value of `key`, or null if it is absent or empty (`key:`).
const text::YamlNode* FindPresent(const text::YamlNode& mapping, std::string_view key);

/// The text of `node`; reports other kinds, with quoting as help for numbers and booleans.
std::optional<std::string> ReadText(const text::YamlNode& node, std::string_view what,
                                    text::Diagnostics* diagnostics);

/// The text under `key`, nothing if absent; reports other kinds.
std::optional<std::string> ReadOptionalText(const text::YamlNode& mapping, std::string_view key,
                                            std::string_view what, text::Diagnostics* diagnostics);

/// Reports unless `mapping` has `version: 1`. `subject` is "policy" or "policy test".
void CheckVersion(const text::YamlNode& mapping, std::string_view subject,
                  text::Diagnostics* diagnostics);

/// The texts of a list as they are; nothing under `null`, and elements of other kinds are reported
/// and left out. `elements` names them: "actor ids".
std::vector<const text::YamlNode*> ReadTextList(const text::YamlNode& node, std::string_view what,
                                                std::string_view elements,
                                                text::Diagnostics* diagnostics);

/// Reports a YAML file that cannot be read and says whether it could.
bool AddYamlProblems(const text::YamlDocument& document, text::Diagnostics* diagnostics);

}  // namespace omnigraph::policy
