// Parses arguments. One pass collects options and words; the checks of the table follow, so that
// the first thing that is wrong from left to right is what the user reads.

#include "cli/command_line.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "cli/help.h"
#include "text/diagnostic.h"

namespace omnigraph::cli {
namespace {

constexpr std::string_view kRootUsage = "omnigraph [OPTIONS] <COMMAND>";

std::string LastWord(std::string_view path) {
  const std::size_t blank = path.rfind(' ');
  return std::string(blank == std::string_view::npos ? path : path.substr(blank + 1));
}

bool ListHas(std::string_view list, std::string_view word) {
  const auto words = Words(list);
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The command with that path, also by an alias of its last word.
const Command* FindCommand(std::string_view group, std::string_view word) {
  for (const Command& command : Commands()) {
    const std::size_t blank = command.path.rfind(' ');
    const std::string_view parent =
        blank == std::string_view::npos ? std::string_view() : command.path.substr(0, blank);
    if (parent != group) continue;
    if (LastWord(command.path) == word || ListHas(command.aliases, word) ||
        ListHas(command.hidden_aliases, word)) {
      return &command;
    }
  }
  return nullptr;
}

std::vector<std::string_view> NamesBelow(std::string_view group) {
  std::vector<std::string_view> names;
  for (const Command& command : Commands()) {
    if (command.is_hidden) continue;
    const std::size_t blank = command.path.find(' ');
    if (group.empty()) {
      names.push_back(command.path.substr(0, blank));
    } else if (command.path.substr(0, blank) == group && blank != std::string_view::npos) {
      names.push_back(command.path.substr(blank + 1));
    }
  }
  return names;
}

std::string Quote(std::string_view text) {
  return "'" + Abbreviate(text) + "'";
}

// A positional argument of the table: "[URI]", "NAME", "[ARGS]...".
struct Positional {
  std::string_view name;
  bool is_required = false;
  bool is_repeatable = false;
};

std::vector<Positional> PositionalsOf(const Command& command) {
  std::vector<Positional> positionals;
  for (std::string_view word : Words(command.positionals)) {
    Positional positional;
    positional.is_repeatable = word.ends_with("...");
    if (positional.is_repeatable) word.remove_suffix(3);
    positional.is_required = !word.starts_with('[');
    if (!positional.is_required) word = word.substr(1, word.size() - 2);
    positional.name = word;
    positionals.push_back(positional);
  }
  return positionals;
}

// How messages call an option key or a positional name.
std::string DisplayOfKey(std::string_view key) {
  if (key[0] >= 'A' && key[0] <= 'Z') return "<" + std::string(key) + ">";
  return DisplayOf(OptionByKey(key));
}

class ArgumentParser {
 public:
  ArgumentParser(const std::vector<std::string>& arguments, std::string_view version)
      : arguments_(arguments), version_(version) {}

  ParsedArguments Parse() {
    while (next_ < arguments_.size() && !is_done_)
      TakeArgument();
    if (!is_done_) Finish();
    parsed_.warnings = std::move(warnings_);
    return std::move(parsed_);
  }

 private:
  void TakeArgument() {
    const std::string& argument = arguments_[next_++];
    if (!IsValidUtf8(argument)) return Fail("an argument is not valid UTF-8");
    if (are_options_over_ || argument.size() < 2 || argument[0] != '-') return TakeWord(argument);
    if (argument == "--") {
      are_options_over_ = true;
    } else if (argument.starts_with("--")) {
      TakeLongOption(argument);
    } else {
      TakeShortOption(argument);
    }
  }

  void TakeWord(const std::string& word) {
    if (command_ != nullptr) {
      words_.push_back(word);
      return;
    }
    if (group_.empty() && word == "help") return TakeHelpCommand();
    const std::string name = ReplaceOldName(word);
    if (const Command* found = FindCommand(group_, name); found != nullptr) {
      command_ = found;
    } else if (group_.empty() && !GroupSummary(name).empty()) {
      group_ = name;
    } else {
      const std::string_view similar = text::DidYouMean(word, NamesBelow(group_));
      Fail("unrecognized subcommand " + Quote(word),
           similar.empty() ? "" : "a similar subcommand exists: " + Quote(similar));
    }
  }

  // Old names of commands, replaced with a warning.
  std::string ReplaceOldName(const std::string& word) {
    if (!group_.empty()) return word;
    if (word == "query" && next_ < arguments_.size() &&
        (arguments_[next_] == "lint" || arguments_[next_] == "check")) {
      WarnDeprecated("query " + arguments_[next_++], "lint");
      return "lint";
    }
    if (word == "check") return WarnDeprecated("check", "lint");
    if (word == "read") return WarnDeprecated("read", "query");
    if (word == "change") return WarnDeprecated("change", "mutate");
    return word;
  }

  std::string WarnDeprecated(const std::string& old_name, const std::string& new_name) {
    warnings_.push_back("warning: `omnigraph " + old_name + "` is deprecated; use `omnigraph " +
                        new_name + "`");
    return new_name;
  }

  void TakeHelpCommand() {
    std::string group;
    while (next_ < arguments_.size()) {
      const std::string& word = arguments_[next_++];
      if (const Command* found = FindCommand(group, word); found != nullptr)
        return ShowText(CommandHelp(*found));
      if (!group.empty() || GroupSummary(word).empty())
        return Fail("unrecognized subcommand " + Quote(word));
      group = word;
    }
    ShowText(group.empty() ? RootHelp() : GroupHelp(group));
  }

  void TakeLongOption(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string_view name =
        argument.substr(2, equals == std::string_view::npos ? std::string_view::npos : equals - 2);
    if (name == "version" && command_ == nullptr && group_.empty())
      return ShowText("omnigraph " + std::string(version_) + "\n");
    const OptionSpec* option = FindOption(name, 0);
    if (option == nullptr) return FailUnknownOption(argument.substr(0, equals), name);
    if (equals == std::string_view::npos) return TakeOption(*option, nullptr);
    const std::string value(argument.substr(equals + 1));
    TakeOption(*option, &value);
  }

  void TakeShortOption(std::string_view argument) {
    const char letter = argument[1];
    if (letter == 'v' && argument.size() == 2 && command_ == nullptr && group_.empty())
      return ShowText("omnigraph " + std::string(version_) + "\n");
    const OptionSpec* option = FindOption({}, letter);
    if (option == nullptr || (option->value.empty() && argument.size() > 2))
      return FailUnknownOption(argument, argument.substr(1));
    if (argument.size() == 2) return TakeOption(*option, nullptr);
    std::string value(argument.substr(2));
    if (value.starts_with('=')) value.erase(0, 1);
    TakeOption(*option, &value);
  }

  // By name, or by letter when `name` is empty: an option of the command, else a global one.
  const OptionSpec* FindOption(std::string_view name, char letter) const {
    std::vector<std::string_view> keys = Words(GlobalOptions());
    if (command_ != nullptr) {
      const auto own = Words(command_->options);
      keys.insert(keys.begin(), own.begin(), own.end());
    }
    for (std::string_view key : keys) {
      const OptionSpec& option = OptionByKey(key);
      if (name.empty() ? option.short_name == letter : option.name == name) return &option;
    }
    return nullptr;
  }

  void FailUnknownOption(std::string_view argument, std::string_view name) {
    std::vector<std::string_view> names;
    for (std::string_view key : Words(command_ != nullptr ? command_->options : GlobalOptions()))
      names.push_back(OptionByKey(key).name);
    const std::string_view similar = text::DidYouMean(name, names);
    Fail("unexpected argument " + Quote(argument) + " found",
         similar.empty() ? "" : "a similar argument exists: '--" + std::string(similar) + "'");
  }

  void TakeOption(const OptionSpec& option, const std::string* attached) {
    if (option.key == "help") return ShowHelp();
    std::string value;
    if (option.value.empty()) {
      if (attached != nullptr)
        return Fail("unexpected value " + Quote(*attached) + " for " + Quote(DisplayOf(option)));
    } else if (attached != nullptr) {
      value = *attached;
    } else if (next_ < arguments_.size() &&
               (arguments_[next_].size() < 2 || arguments_[next_][0] != '-')) {
      value = arguments_[next_++];
    } else {
      return Fail(
          "a value is required for " + Quote(DisplayOf(option)) + " but none was supplied",
          "a value that starts with '-' is written as --" + std::string(option.name) + "=VALUE");
    }
    if (!IsValidUtf8(value))
      return Fail("the value of " + Quote(DisplayOf(option)) + " is not valid UTF-8");
    if (!option.is_repeatable && given_.Has(option.key))
      return Fail("the argument " + Quote(DisplayOf(option)) + " cannot be used multiple times");
    if (!option.choices.empty() && !ListHas(option.choices, value)) {
      return Fail("invalid value " + Quote(value) + " for " + Quote(DisplayOf(option)) +
                  "\n  [possible values: " + CommaList(option.choices) + "]");
    }
    if (option.value == kWholeNumber && !ParseUint64(value)) {
      return Fail("invalid value " + Quote(value) + " for " + Quote(DisplayOf(option)) +
                  ": it must be a whole number");
    }
    given_.Add(option.key, std::move(value));
  }

  static std::string CommaList(std::string_view list) {
    std::string text;
    for (std::string_view word : Words(list)) {
      if (!text.empty()) text += ", ";
      text += word;
    }
    return text;
  }

  void Finish() {
    if (command_ == nullptr) {
      parsed_.kind = ParsedKind::kUsageError;
      parsed_.text = group_.empty() ? RootHelp() : GroupHelp(group_);
      return;
    }
    if (PlacePositionals() && CheckRequired() && CheckExclusive() && CheckNeeds()) {
      parsed_.kind = ParsedKind::kRun;
      parsed_.line = std::move(given_);
    }
  }

  // Gives the words to the positional arguments: required ones first, the rest from the left.
  bool PlacePositionals() {
    given_.SetCommand(command_);
    const std::vector<Positional> positionals = PositionalsOf(*command_);
    std::size_t required_count = 0;
    for (const Positional& positional : positionals)
      required_count += positional.is_required ? 1 : 0;
    std::size_t spare_count =
        words_.size() > required_count ? words_.size() - required_count : std::size_t{0};
    std::size_t word = 0;
    for (const Positional& positional : positionals) {
      while (word < words_.size() && (positional.is_required || spare_count > 0)) {
        if (!positional.is_required) --spare_count;
        given_.Add(positional.name, words_[word++]);
        if (!positional.is_repeatable) break;
      }
    }
    if (word == words_.size()) return true;
    Fail("unexpected argument " + Quote(words_[word]) + " found");
    return false;
  }

  bool CheckRequired() {
    std::string missing;
    for (std::string_view key : Words(command_->required))
      if (!given_.Has(key)) missing += "\n  " + DisplayOfKey(key);
    for (const Positional& positional : PositionalsOf(*command_))
      if (positional.is_required && !given_.Has(positional.name))
        missing += "\n  " + DisplayOfKey(positional.name);
    if (missing.empty()) return true;
    Fail("the following required arguments were not provided:" + missing);
    return false;
  }

  bool CheckExclusive() {
    for (std::string_view group : Words(command_->exclusive, ';')) {
      std::string_view first;
      for (std::string_view key : Words(group)) {
        if (!given_.Has(key)) continue;
        if (first.empty()) {
          first = key;
          continue;
        }
        Fail("the argument " + Quote(DisplayOfKey(first)) + " cannot be used with " +
             Quote(DisplayOfKey(key)));
        return false;
      }
    }
    return true;
  }

  bool CheckNeeds() {
    std::vector<std::string_view> groups = Words(command_->needs, ';');
    // Elsewhere `CheckPlane` says why it does not apply.
    if (command_->plane == Plane::kData) groups.emplace_back("graph server cluster");
    for (std::string_view group : groups) {
      const std::vector<std::string_view> keys = Words(group);
      if (!given_.Has(keys[0])) continue;
      const bool is_satisfied =
          std::any_of(keys.begin() + 1, keys.end(), [this](auto key) { return given_.Has(key); });
      if (is_satisfied) continue;
      Fail("the argument " + Quote(DisplayOfKey(keys[0])) +
           " needs another one, which was not provided:\n  " + DisplayOfKey(keys[1]));
      return false;
    }
    return true;
  }

  void ShowHelp() {
    if (command_ != nullptr) return ShowText(CommandHelp(*command_));
    ShowText(group_.empty() ? RootHelp() : GroupHelp(group_));
  }

  void ShowText(std::string text) {
    parsed_.kind = ParsedKind::kText;
    parsed_.text = std::move(text);
    is_done_ = true;
  }

  void Fail(std::string_view problem, std::string_view hint = {}) {
    parsed_.kind = ParsedKind::kUsageError;
    std::string usage(kRootUsage);
    if (command_ != nullptr) {
      usage = UsageOf(*command_);
    } else if (!group_.empty()) {
      usage = "omnigraph " + group_ + " [OPTIONS] <COMMAND>";
    }
    parsed_.text = UsageError(problem, hint, usage);
    is_done_ = true;
  }

  const std::vector<std::string>& arguments_;
  std::string_view version_;
  std::size_t next_ = 0;
  bool are_options_over_ = false;
  bool is_done_ = false;
  std::string group_;
  const Command* command_ = nullptr;
  CommandLine given_{nullptr};
  std::vector<std::string> words_;
  std::vector<std::string> warnings_;
  ParsedArguments parsed_;
};

}  // namespace

std::optional<std::string> CommandLine::Find(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second.front();
}

const std::string& CommandLine::Get(std::string_view key) const {
  const auto found = values_.find(key);
  OG_CHECK(found != values_.end());
  return found->second.front();
}

std::vector<std::string> CommandLine::All(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

void CommandLine::Add(std::string_view key, std::string value) {
  values_[std::string(key)].push_back(std::move(value));
}

ParsedArguments ParseArguments(const std::vector<std::string>& arguments,
                               std::string_view version) {
  return ArgumentParser(arguments, version).Parse();
}

}  // namespace omnigraph::cli
