// Implements tests/schemas/random_schema.h.

#include "random_schema.h"

#include <algorithm>

namespace omnigraph::schemas {
namespace {

// Values of numbers are below it, so that a range of that size admits them all.
constexpr int kNumberMax = 100;

std::string TypeText(const PropertyModel& property) {
  std::string text = property.type;
  if (property.type == "enum") {
    text = "enum(";
    for (std::size_t i = 0; i < property.enum_values.size(); ++i)
      text += (i > 0 ? ", " : "") + property.enum_values[i];
    text += ")";
  }
  return text + (property.is_nullable ? "?" : "");
}

std::string Annotations(const std::string& renamed_from, const std::string& description) {
  std::string text;
  if (!renamed_from.empty()) text += " @rename_from(\"" + renamed_from + "\")";
  if (!description.empty()) text += " @description(\"" + description + "\")";
  return text;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

void PrintProperties(const std::vector<PropertyModel>& properties, std::string& out) {
  for (const PropertyModel& property : properties) {
    out += "  " + property.name + ": " + TypeText(property);
    out += Annotations(property.renamed_from, property.description);
    if (property.has_index) out += " @index";
    if (property.is_unique) out += " @unique";
    out += "\n";
  }
}

void PrintType(const TypeModel& type, std::string& out) {
  out += (type.is_edge ? "edge " : "node ") + type.name;
  if (type.is_edge) out += ": " + type.from + " -> " + type.to;
  if (type.edges_max >= 0) out += " @card(0.." + std::to_string(type.edges_max) + ")";
  out += Annotations(type.renamed_from, type.description);
  if (!type.interfaces.empty()) out += " implements " + Joined(type.interfaces);
  out += " {\n";
  PrintProperties(type.properties, out);
  if (!type.key.empty()) out += "  @key(" + Joined(type.key) + ")\n";
  for (const std::vector<std::string>& group : type.unique_groups)
    out += "  @unique(" + Joined(group) + ")\n";
  for (const auto& [property, max] : type.range_maxima)
    out += "  @range(" + property + ", 0.." + std::to_string(max) + ")\n";
  out += "}\n";
}

bool IsNumber(const std::string& type) {
  return type.size() == 3 && (type[0] == 'I' || type[0] == 'U' || type[0] == 'F');
}

bool IsScalar(const std::string& type) {
  return type[0] != '[' && type[0] != 'V' && type != "Blob";
}

void Replace(std::vector<std::string>& names, const std::string& from, const std::string& to) {
  std::replace(names.begin(), names.end(), from, to);
}

}  // namespace

PropertyModel* TypeModel::Find(const std::string& property) {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const PropertyModel& p) { return p.name == property; });
  return found == properties.end() ? nullptr : &*found;
}

bool TypeModel::Has(const std::string& property) const {
  return const_cast<TypeModel*>(this)->Find(property) != nullptr;
}

bool TypeModel::IsConstrained(const std::string& property) const {
  const auto names = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), property) != list.end();
  };
  return names(key) || std::any_of(unique_groups.begin(), unique_groups.end(), names) ||
         range_maxima.contains(property);
}

std::vector<PropertyModel> SchemaModel::EffectiveProperties(const TypeModel& type) const {
  std::vector<PropertyModel> all = type.properties;
  for (const InterfaceModel& interface : interfaces) {
    const auto& names = type.interfaces;
    if (std::find(names.begin(), names.end(), interface.name) == names.end()) continue;
    all.insert(all.end(), interface.properties.begin(), interface.properties.end());
  }
  return all;
}

std::string Print(const SchemaModel& model) {
  std::string out;
  for (const InterfaceModel& interface : model.interfaces) {
    out += "interface " + interface.name + " {\n";
    PrintProperties(interface.properties, out);
    out += "}\n";
  }
  for (const TypeModel& node : model.nodes)
    PrintType(node, out);
  for (const TypeModel& edge : model.edges)
    PrintType(edge, out);
  return out;
}

SchemaModel WithoutHints(SchemaModel model) {
  for (std::vector<TypeModel>* const types : {&model.nodes, &model.edges}) {
    for (TypeModel& type : *types) {
      type.renamed_from.clear();
      for (PropertyModel& property : type.properties)
        property.renamed_from.clear();
    }
  }
  return model;
}

std::string SchemaRandom::NewName(const std::string& stem) {
  return stem + std::to_string(names_count_++);
}

PropertyModel SchemaRandom::NewProperty(bool is_nullable) {
  static const std::vector<std::string> kTypes = {
      "String", "Bool",     "I32",      "I64",   "U32",   "U64",    "F32",       "F64",
      "Date",   "DateTime", "[String]", "[I64]", "[F32]", "[Date]", "Vector(3)", "Blob",
      "enum",   "String",   "I32",      "enum",  "I64",   "[Bool]"};
  PropertyModel property;
  property.name = NewName("p");
  property.type = kTypes[Below(kTypes.size())];
  property.is_nullable = is_nullable;
  if (property.type == "enum") {
    for (std::size_t i = Below(3) + 1; i > 0; --i)
      property.enum_values.push_back("v" + std::to_string(Below(1000)) + "-" + std::to_string(i));
  }
  property.has_index = IsScalar(property.type) && OneIn(4);
  if (OneIn(5)) property.description = "about " + property.name;
  return property;
}

TypeModel SchemaRandom::NewNode(const SchemaModel& model) {
  TypeModel node;
  node.name = NewName("N");
  for (std::size_t i = Below(5); i > 0; --i)
    node.properties.push_back(NewProperty(!OneIn(4)));
  for (const InterfaceModel& interface : model.interfaces) {
    if (OneIn(3)) node.interfaces.push_back(interface.name);
  }
  if (!OneIn(3)) {
    // A key of one or two columns whose values are all different, and so is every combination.
    static const std::vector<std::string> kKeyTypes = {"String", "I64", "U64"};
    for (std::size_t i = Below(2) + 1; i > 0; --i) {
      PropertyModel column = NewProperty(false);
      column.type = kKeyTypes[Below(kKeyTypes.size())];
      column.enum_values.clear();
      node.key.push_back(column.name);
      node.properties.push_back(std::move(column));
    }
  }
  if (OneIn(3)) {
    PropertyModel code = NewProperty(true);
    code.type = "String";
    code.enum_values.clear();
    code.is_unique = true;
    node.properties.push_back(std::move(code));
  }
  for (const PropertyModel& property : node.properties) {
    const bool is_key =
        std::find(node.key.begin(), node.key.end(), property.name) != node.key.end();
    if (!is_key && IsNumber(property.type) && OneIn(3))
      node.range_maxima[property.name] = kNumberMax;
  }
  return node;
}

TypeModel SchemaRandom::NewEdge(const SchemaModel& model) {
  TypeModel edge;
  edge.is_edge = true;
  edge.name = NewName("E");
  edge.from = model.nodes[Below(model.nodes.size())].name;
  edge.to = model.nodes[Below(model.nodes.size())].name;
  for (std::size_t i = Below(3); i > 0; --i)
    edge.properties.push_back(NewProperty(!OneIn(4)));
  if (OneIn(3)) edge.edges_max = static_cast<int>(Below(3)) + 3;
  return edge;
}

SchemaModel SchemaRandom::Fresh() {
  SchemaModel model;
  for (std::size_t i = Below(3); i > 0; --i) {
    model.interfaces.push_back({NewName("I"), {}});
    for (std::size_t j = Below(3); j > 0; --j)
      model.interfaces.back().properties.push_back(NewProperty(!OneIn(4)));
  }
  for (std::size_t i = Below(4) + 1; i > 0; --i)
    model.nodes.push_back(NewNode(model));
  for (std::size_t i = Below(4); i > 0; --i)
    model.edges.push_back(NewEdge(model));
  return model;
}

SchemaModel SchemaRandom::Evolve(const SchemaModel& model, int changes_max, bool tightens,
                                 std::map<std::string, std::string>* backfills) {
  SchemaModel next = model;
  const auto accept = [this](auto& item) {
    item.accepted_name = item.name;
    if (OneIn(2)) item.renamed_from.clear();  // Old hints may stay for ever, or go.
  };
  for (InterfaceModel& interface : next.interfaces) {
    for (PropertyModel& property : interface.properties)
      accept(property);
  }
  for (std::vector<TypeModel>* const types : {&next.nodes, &next.edges}) {
    for (TypeModel& type : *types) {
      accept(type);
      for (PropertyModel& property : type.properties)
        accept(property);
    }
  }
  for (std::size_t i = Below(static_cast<std::size_t>(changes_max)) + 1; i > 0; --i)
    Change(next);
  if (tightens && !next.nodes.empty()) {
    std::vector<TypeModel>& types = next.edges.empty() || !OneIn(3) ? next.nodes : next.edges;
    Tighten(types[Below(types.size())], backfills);
  }
  return next;
}

void SchemaRandom::Change(SchemaModel& model) {
  std::vector<TypeModel>& types = model.edges.empty() || !OneIn(3) ? model.nodes : model.edges;
  switch (Below(10)) {
    case 0:
      model.nodes.push_back(NewNode(model));
      return;
    case 1:
      if (!model.nodes.empty()) model.edges.push_back(NewEdge(model));
      return;
    case 2:
      if (OneIn(2)) return DropNode(model);
      if (!model.edges.empty()) {
        model.edges.erase(model.edges.begin() +
                          static_cast<std::ptrdiff_t>(Below(model.edges.size())));
      }
      return;
    case 3:
      if (!model.interfaces.empty()) {
        model.interfaces[Below(model.interfaces.size())].properties.push_back(NewProperty(true));
      }
      return;
    case 4:
    case 5:
      if (!types.empty()) ChangeType(model, types[Below(types.size())]);
      return;
    default:
      if (!types.empty()) ChangeProperty(types[Below(types.size())]);
  }
}

void SchemaRandom::DropNode(SchemaModel& model) {
  if (model.nodes.size() < 2) return;
  const std::size_t index = Below(model.nodes.size());
  const std::string name = model.nodes[index].name;
  model.nodes.erase(model.nodes.begin() + static_cast<std::ptrdiff_t>(index));
  std::erase_if(model.edges,
                [&](const TypeModel& edge) { return edge.from == name || edge.to == name; });
}

void SchemaRandom::ChangeType(SchemaModel& model, TypeModel& type) {
  switch (Below(3)) {
    case 0: {
      const std::string before = type.name;
      type.name = NewName(type.is_edge ? "E" : "N");
      type.renamed_from = type.accepted_name;
      for (TypeModel& edge : model.edges) {
        if (type.is_edge) continue;
        if (edge.from == before) edge.from = type.name;
        if (edge.to == before) edge.to = type.name;
      }
      return;
    }
    case 1:
      type.description = type.description.empty() ? "about " + type.name : "";
      return;
    default:
      if (type.edges_max >= 0) type.edges_max += 1;
  }
}

void SchemaRandom::ChangeProperty(TypeModel& type) {
  if (type.properties.empty() || OneIn(3)) {
    type.properties.push_back(NewProperty(true));
    return;
  }
  const std::size_t index = Below(type.properties.size());
  PropertyModel& property = type.properties[index];
  const std::string before = property.name;
  switch (Below(5)) {
    case 0: {
      property.name = NewName("p");
      property.renamed_from = property.accepted_name;
      Replace(type.key, before, property.name);
      for (std::vector<std::string>& group : type.unique_groups)
        Replace(group, before, property.name);
      if (const auto range = type.range_maxima.extract(before); !range.empty())
        type.range_maxima[property.name] = range.mapped();
      return;
    }
    case 1:
      if (!type.IsConstrained(before) && !property.is_unique) {
        type.properties.erase(type.properties.begin() + static_cast<std::ptrdiff_t>(index));
      }
      return;
    case 2:
      if (property.type == "enum") property.enum_values.push_back(NewName("w"));
      return;
    case 3:
      if (IsScalar(property.type)) property.has_index = !property.has_index;
      return;
    default:
      if (!type.IsConstrained(before)) property.is_nullable = true;
  }
}

void SchemaRandom::Tighten(TypeModel& type, std::map<std::string, std::string>* backfills) {
  if (type.properties.empty() || OneIn(3)) {
    type.properties.push_back(NewProperty(false));
    const PropertyModel& added = type.properties.back();
    if (OneIn(2)) (*backfills)[type.name + "." + added.name] = Value(added);
    return;
  }
  PropertyModel& property = type.properties[Below(type.properties.size())];
  if (OneIn(3)) {
    property.is_nullable = false;
  } else if (IsScalar(property.type) && OneIn(2)) {
    property.is_unique = true;
  } else if (!type.is_edge && IsNumber(property.type) && !type.IsConstrained(property.name)) {
    type.range_maxima[property.name] = static_cast<int>(Below(kNumberMax));
  } else if (type.is_edge) {
    type.edges_max = static_cast<int>(Below(4));
  }
}

std::string SchemaRandom::Value(const PropertyModel& property) {
  const std::string number = std::to_string(Below(kNumberMax));
  const std::string& type = property.type;
  if (type == "enum") return "\"" + property.enum_values[Below(property.enum_values.size())] + "\"";
  if (type == "String") return "\"s" + std::to_string(values_count_++) + " \\\"ü\\\"\"";
  if (type == "Bool" || type == "[Bool]") {
    const std::string truth = OneIn(2) ? "true" : "false";
    return type == "Bool" ? truth : "[" + truth + "]";
  }
  if (type == "Date") return "\"2024-02-" + std::to_string(10 + Below(19)) + "\"";
  if (type == "DateTime") return "\"2024-02-10T00:00:" + std::to_string(10 + Below(50)) + ".000Z\"";
  if (type == "[String]") return OneIn(3) ? "[]" : "[\"a" + number + "\",\"b\"]";
  if (type == "[I64]" || type == "[F32]") return "[" + number + "," + number + "]";
  if (type == "[Date]") return "[\"2024-02-10\"]";
  if (type == "Vector(3)") return "[" + number + ",0.5,-1]";
  if (type == "Blob") return "\"base64:aGk=\"";
  return type[0] == 'F' && OneIn(2) ? number + ".25" : number;
}

std::string SchemaRandom::Data(const SchemaModel& model, const TypeModel& type, std::string* id) {
  *id = "id" + std::to_string(values_count_++);
  std::vector<std::pair<std::string, std::string>> key;  // Name and id text.
  std::string data;
  const auto add = [&data](const std::string& name, const std::string& value) {
    data += (data.empty() ? "" : ",") + ("\"" + name + "\":" + value);
  };
  for (const PropertyModel& property : model.EffectiveProperties(type)) {
    const bool is_key =
        std::find(type.key.begin(), type.key.end(), property.name) != type.key.end();
    const std::string fresh = std::to_string(values_count_++);
    if (is_key || property.is_unique) {
      // Different from every other value of its column, if the type has room for that.
      const bool is_text = property.type == "String";
      add(property.name, is_text                           ? "\"k" + fresh + "\""
                         : is_key || !property.is_nullable ? (is_key ? fresh : Value(property))
                                                           : "null");
      if (is_key) key.emplace_back(property.name, (is_text ? "k" : "") + fresh);
    } else if (!property.is_nullable || !OneIn(3)) {
      add(property.name, Value(property));
    }
  }
  if (type.key.empty()) add("id", "\"" + *id + "\"");
  if (key.size() == 1) *id = key[0].second;
  if (key.size() > 1) id->clear();  // Only the schema knows in which order the columns are spelled.
  return data;
}

std::string SchemaRandom::Rows(const SchemaModel& model) {
  std::string text;
  std::map<std::string, std::vector<std::string>> ids;
  for (const TypeModel& node : model.nodes) {
    for (std::size_t i = Below(5); i > 0; --i) {
      std::string id;
      text += R"({"type":")" + node.name + R"(","data":{)" + Data(model, node, &id) + "}}\n";
      if (!id.empty()) ids[node.name].push_back(id);
    }
  }
  for (const TypeModel& edge : model.edges) {
    const std::vector<std::string>& sources = ids[edge.from];
    const std::vector<std::string>& targets = ids[edge.to];
    if (sources.empty() || targets.empty()) continue;
    // Every source is new, and one edge each is within every limit but none.
    for (const std::string& source : sources) {
      if (edge.edges_max == 0 || OneIn(3)) continue;
      std::string id;
      text += R"({"edge":")" + edge.name + R"(","from":")" + source + R"(","to":")" +
              targets[Below(targets.size())] + R"(","data":{)" + Data(model, edge, &id) + "}}\n";
    }
  }
  return text;
}

}  // namespace omnigraph::schemas
