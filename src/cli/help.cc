// Help texts, made from the table of commands.

#include "cli/help.h"

#include <algorithm>
#include <vector>

namespace omnigraph::cli {
namespace {

constexpr std::string_view kIntroduction =
    "OmniGraph: a typed property graph with branches, over files or object storage.\n";
constexpr std::size_t kNameWidthMax = 34;

std::string_view TopName(const Command& command) {
  return command.path.substr(0, command.path.find(' '));
}

bool IsGroup(std::string_view name) {
  return !GroupSummary(name).empty();
}

// "  name   summary", the name padded to `width`.
void AppendRow(std::string_view name, std::string_view summary, std::size_t width,
               std::string& out) {
  out += "  ";
  out += name;
  if (!summary.empty()) {
    if (name.size() > width) {
      out += "\n  ";
      out.append(width, ' ');
    } else {
      out.append(width - name.size(), ' ');
    }
    out += "  ";
    out += summary;
  }
  out += '\n';
}

struct Row {
  std::string name;
  std::string summary;
};

void AppendRows(std::string_view heading, const std::vector<Row>& rows, std::string& out) {
  if (rows.empty()) return;
  std::size_t width = 0;
  for (const Row& row : rows)
    if (row.name.size() <= kNameWidthMax) width = std::max(width, row.name.size());
  out += '\n';
  out += heading;
  out += '\n';
  for (const Row& row : rows)
    AppendRow(row.name, row.summary, width, out);
}

std::string OptionSummary(const OptionSpec& option, const Command& command) {
  std::string summary(option.help);
  if (!option.choices.empty()) {
    summary += " [";
    bool is_first = true;
    for (std::string_view choice : Words(option.choices)) {
      if (!is_first) summary += ", ";
      summary += choice;
      is_first = false;
    }
    summary += ']';
  }
  const auto required = Words(command.required);
  if (std::find(required.begin(), required.end(), option.key) != required.end())
    summary += " (required)";
  if (option.is_repeatable) summary += " (may be repeated)";
  return summary;
}

std::vector<Row> OptionRows(std::string_view keys, const Command& command) {
  std::vector<Row> rows;
  for (std::string_view key : Words(keys)) {
    const OptionSpec& option = OptionByKey(key);
    if (option.is_hidden) continue;
    std::string name;
    if (option.short_name != 0) {
      name += '-';
      name += option.short_name;
      name += ", ";
    }
    name += "--";
    name += option.name;
    if (!option.value.empty()) {
      name += " <";
      name += option.value;
      name += '>';
    }
    rows.push_back({std::move(name), OptionSummary(option, command)});
  }
  return rows;
}

std::string WithAliases(const Command& command, std::string_view name) {
  std::string summary(command.summary);
  if (!command.aliases.empty() && command.path == name) {
    summary += " [alias: ";
    summary += command.aliases;
    summary += ']';
  }
  return summary;
}

// The names of the top level, each once, in the order of the table.
std::vector<Row> TopRows() {
  std::vector<Row> rows;
  for (const Command& command : Commands()) {
    const std::string_view name = TopName(command);
    const bool is_known =
        std::any_of(rows.begin(), rows.end(), [name](const Row& row) { return row.name == name; });
    if (command.is_hidden || is_known) continue;
    rows.push_back({std::string(name),
                    IsGroup(name) ? std::string(GroupSummary(name)) : WithAliases(command, name)});
  }
  return rows;
}

// Which commands a plane has: "schema show" where a group is split over planes, else the top name.
std::string PlaneMembers(Plane plane) {
  std::vector<std::string> names;
  for (const Command& command : Commands()) {
    if (command.plane != plane || command.is_hidden) continue;
    const std::string_view top = TopName(command);
    const auto commands = Commands();
    const bool is_split = std::any_of(commands.begin(), commands.end(), [&](const Command& other) {
      return TopName(other) == top && other.plane != plane;
    });
    const std::string name(is_split ? command.path : top);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string members;
  for (const std::string& name : names) {
    if (!members.empty()) members += ", ";
    members += name;
  }
  return members;
}

void AppendLegend(std::string& out) {
  std::vector<Row> rows = {
      {"data", PlaneMembers(Plane::kData) + " (a graph in storage, or behind --server)"},
      {"storage", PlaneMembers(Plane::kStorage) + " (storage only; they reject --server)"},
      {"control", PlaneMembers(Plane::kControl) + " (a cluster's config folder)"},
      {"session", PlaneMembers(Plane::kSession) + " (no graph)"}};
  AppendRows("COMMANDS BY PLANE", rows, out);
}

}  // namespace

std::string RootHelp() {
  std::string out(kIntroduction);
  out += "\nUsage: omnigraph [OPTIONS] <COMMAND>\n";
  AppendRows("Commands:", TopRows(), out);
  std::vector<Row> options = OptionRows(GlobalOptions(), Command{});
  options.push_back({"-v, --version", "Print the version"});
  AppendRows("Options:", options, out);
  AppendLegend(out);
  return out;
}

std::string GroupHelp(std::string_view group) {
  std::string out(GroupSummary(group));
  out += ".\n\nUsage: omnigraph ";
  out += group;
  out += " [OPTIONS] <COMMAND>\n";
  std::vector<Row> rows;
  for (const Command& command : Commands()) {
    if (TopName(command) != group || command.is_hidden) continue;
    rows.push_back(
        {std::string(command.path.substr(group.size() + 1)), std::string(command.summary)});
  }
  AppendRows("Commands:", rows, out);
  AppendRows("Options:", OptionRows(GlobalOptions(), Command{}), out);
  return out;
}

std::string CommandHelp(const Command& command) {
  std::string out(command.summary);
  out += ".\n\nUsage: ";
  out += UsageOf(command);
  out += '\n';
  AppendRows("Options:", OptionRows(command.options, command), out);
  AppendRows("Options of every command:", OptionRows(GlobalOptions(), command), out);
  return out;
}

std::string UsageOf(const Command& command) {
  std::string usage = "omnigraph ";
  usage += command.path;
  usage += " [OPTIONS]";
  for (std::string_view key : Words(command.required))
    usage += " " + DisplayOf(OptionByKey(key));
  for (std::string_view word : Words(command.positionals)) {
    if (word.find("LEGACY_") != std::string_view::npos) continue;
    usage += ' ';
    usage += word;
  }
  return usage;
}

std::string DisplayOf(const OptionSpec& option) {
  std::string display = "--";
  display += option.name;
  if (!option.value.empty()) {
    display += " <";
    display += option.value;
    display += '>';
  }
  return display;
}

std::string UsageError(std::string_view problem, std::string_view hint, std::string_view usage) {
  std::string text = "error: ";
  text += problem;
  text += '\n';
  if (!hint.empty()) {
    text += "\n  tip: ";
    text += hint;
    text += '\n';
  }
  text += "\nUsage: ";
  text += usage;
  text += "\n\nFor more information, try '--help'.\n";
  return text;
}

}  // namespace omnigraph::cli
