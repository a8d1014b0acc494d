// Implements embed/seed_rows.h.

#include "embed/seed_rows.h"

#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace omnigraph::embed {
namespace {

using Json = nlohmann::ordered_json;

Status Invalid(std::string message) {
  return Status::Error(ErrorCode::kInvalidArgument, std::move(message));
}

// A value as text: what selectors compare with and what texts are made of.
std::string Rendered(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(TrimSpace(value.get_ref<const std::string&>()));
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const Json& element : value) {
    std::string part = Rendered(element);
    if (!part.empty()) parts.push_back(std::move(part));
  }
  return Join(parts, ", ");
}

std::string RenderedField(const Json& data, const std::string& field) {
  const auto found = data.find(field);
  return found == data.end() ? std::string() : Rendered(*found);
}

bool IsSelected(const std::string& type, const Json& data, const SeedSelection& selection) {
  if (!selection.types.empty() && !selection.types.contains(type)) return false;
  if (selection.selectors.empty()) return true;
  for (const SeedSelector& selector : selection.selectors) {
    if (selector.type && *selector.type != type) continue;
    if (RenderedField(data, selector.field) == selector.value) return true;
  }
  return false;
}

bool IsMissing(const Json& data, const std::string& property) {
  const auto found = data.find(property);
  return found == data.end() || found->is_null() || (found->is_array() && found->empty());
}

std::string TextOf(const std::string& type, const Json& data, const SeedSpec::Target& target) {
  std::string text = "type: " + type;
  for (const std::string& field : target.fields) {
    const std::string value = RenderedField(data, field);
    if (!value.empty()) text += "\n" + field + ": " + value;
  }
  return text;
}

class Rows {
 public:
  Rows(const SeedSpec& spec, const SeedSelection& selection, SeedMode mode, Embedder* embedder,
       SeedCounts* counts)
      : spec_(spec), selection_(selection), mode_(mode), embedder_(embedder), counts_(counts) {}

  // Appends the line, changed or not.
  Status Take(std::string_view line, std::string* out) {
    const std::string number = "line " + std::to_string(++counts_->rows);
    Json record = Json::parse(line, nullptr, false);
    if (record.is_discarded()) return Invalid(number + " is not valid JSON");
    if (!record.is_object()) return Invalid(number + " is not a JSON object");
    const auto type = record.find("type");
    if (type != record.end() && type->is_string()) {
      const auto data = record.find("data");
      if (data == record.end() || !data->is_object()) {
        return Invalid(number + " is missing object field 'data'");
      }
      const std::string type_name = *type;
      if (IsSelected(type_name, *data, selection_)) {
        ++counts_->selected;
        OG_RETURN_IF_ERROR(Change(type_name, &record).WithContext(number));
      }
    }
    *out += record.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    return Status::Ok();
  }

 private:
  Status Change(const std::string& type, Json* record) {
    const auto target = spec_.types.find(type);
    if (target == spec_.types.end()) return Status::Ok();
    Json data = std::move((*record)["data"]);
    Status changed = ChangeData(type, target->second, &data);
    record->erase("data");  // On lines that may have changed it is the last key.
    (*record)["data"] = std::move(data);
    return changed;
  }

  Status ChangeData(const std::string& type, const SeedSpec::Target& target, Json* data) {
    if (mode_ == SeedMode::kClean) {
      counts_->cleaned += data->erase(target.property);
      return Status::Ok();
    }
    if (mode_ == SeedMode::kFillMissing && !IsMissing(*data, target.property)) return Status::Ok();
    OG_ASSIGN_OR_RETURN(
        std::vector<float> vector,
        embedder_->Embed(TextOf(type, *data, target), spec_.dimension, Task::kDocument, {}));
    (*data)[target.property] = std::move(vector);
    ++counts_->embedded;
    return Status::Ok();
  }

  const SeedSpec& spec_;
  const SeedSelection& selection_;
  SeedMode mode_;
  Embedder* embedder_;
  SeedCounts* counts_;
};

}  // namespace

std::string_view SeedModeName(SeedMode mode) {
  switch (mode) {
    case SeedMode::kFillMissing:
      return "fill_missing";
    case SeedMode::kReembedSelected:
      return "reembed_selected";
    case SeedMode::kReembedAll:
      return "reembed_all";
    case SeedMode::kClean:
      break;
  }
  return "clean";
}

Result<SeedSelector> ParseSelector(std::string_view text) {
  const std::size_t equal = text.find('=');
  const std::string_view left = text.substr(0, std::min(equal, text.size()));
  const std::size_t colon = left.find(':');
  SeedSelector selector;
  if (colon != std::string_view::npos) selector.type = TrimSpace(left.substr(0, colon));
  selector.field = TrimSpace(colon == std::string_view::npos ? left : left.substr(colon + 1));
  const bool is_good = equal != std::string_view::npos && !selector.field.empty() &&
                       (!selector.type || !selector.type->empty());
  if (!is_good) {
    return Invalid("selector " + Quoted(text) +
                   " is not of the form field=value or "
                   "Type:field=value");
  }
  selector.value = TrimSpace(text.substr(equal + 1));
  return selector;
}

Result<std::string> EmbedRows(std::string_view input, const SeedSpec& spec,
                              const SeedSelection& selection, SeedMode mode, Embedder* embedder,
                              SeedCounts* counts) {
  Rows rows(spec, selection, mode, embedder, counts);
  std::string out;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = TrimSpace(input.substr(0, end));
    if (!line.empty()) OG_RETURN_IF_ERROR(rows.Take(line, &out));
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return out;
}

}  // namespace omnigraph::embed
