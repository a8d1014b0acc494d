// Implements cli/change_views.h.

#include "cli/change_views.h"

#include <algorithm>

#include "base/json_writer.h"
#include "base/strings.h"
#include "cli/json_layout.h"
#include "client/json_slices.h"

namespace omnigraph::cli {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

char SignOf(engine::ChangeOperation operation) {
  switch (operation) {
    case engine::ChangeOperation::kInsert:
      return '+';
    case engine::ChangeOperation::kUpdate:
      return '~';
    case engine::ChangeOperation::kDelete:
      return '-';
  }
  return ' ';
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : ", ") + word;
  return text;
}

// `json` laid out as an element inside of a document, without the line break at its end.
std::string LaidOutWithin(std::string_view json, std::size_t depth) {
  const std::string laid_out = LayOutJson(json);
  std::string out;
  std::size_t at = 0;
  while (at < laid_out.size()) {
    const std::size_t end = laid_out.find('\n', at);
    if (at > 0) out += '\n';
    out.append(depth * 2, ' ');
    out.append(laid_out, at, end - at);
    at = end + 1;
  }
  return out;
}

using Members = std::vector<client::JsonMember>;

// The members of the object that is a member of `json`; none if there is no such thing.
Members MembersOf(std::string_view json, std::string_view key) {
  const auto outer = client::CutObject(json);
  if (!outer.ok()) return {};
  for (const client::JsonMember& member : *outer) {
    if (member.key != key) continue;
    auto inner = client::CutObject(member.json);
    return inner.ok() ? *std::move(inner) : Members();
  }
  return {};
}

std::string_view ValueOf(const Members& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const client::JsonMember& m) { return m.key == key; });
  return found == members.end() ? std::string_view("null") : found->json;
}

// "  age: 30 -> 31" for everything that differs between two images.
void AppendValueChanges(const engine::EntityChange& change, std::string& out) {
  for (const std::string_view part : {"properties", "endpoints"}) {
    const Members before = MembersOf(change.before_json, part);
    for (const client::JsonMember& after : MembersOf(change.after_json, part)) {
      const std::string_view old = ValueOf(before, after.key);
      if (old == after.json) continue;
      out += "  " + after.key + ": " + Abbreviate(old) + " -> " + Abbreviate(after.json);
    }
  }
}

void AppendBlockText(const engine::ChangeBlock& block, std::string& out) {
  const engine::ChangeCause& cause = block.cause;
  out += "commit " + cause.graph_commit_id + " branch=" + cause.authored_branch;
  if (cause.actor_id) out += " actor=" + *cause.actor_id;
  out += '\n';
  if (block.changes.empty()) out += "  (no changes)\n";
  for (const engine::EntityChange& change : block.changes) {
    out += "  ";
    out += SignOf(change.operation);
    out += ' ';
    out +=
        std::string(engine::EntityKindName(change.kind)) + ":" + change.type_name + " " + change.id;
    if (change.operation == engine::ChangeOperation::kUpdate) AppendValueChanges(change, out);
    out += '\n';
  }
}

}  // namespace

Status DiffPrinter::Start(const engine::DiffHead& head) {
  if (form_ == Form::kJson) {
    std::string object = "{";
    AppendJsonMembers(head, object);
    const std::string laid_out = LayOutJson(object + "}");
    // What closes the object comes at the end.
    out_ = laid_out.substr(0, laid_out.size() - 3) + ",\n  \"changes\": [";
    return Status::Ok();
  }
  out_ += head.from_commit_id + " (v" + std::to_string(head.from_version) + ") .. " +
          head.to_commit_id + " (v" + std::to_string(head.to_version) + ")\n";
  return Status::Ok();
}

Status DiffPrinter::Add(const engine::DiffChange& change) {
  if (form_ == Form::kJson) {
    AddJson(change);
  } else if (form_ == Form::kRows) {
    AddLine(change);
  } else {
    Counts& counts = counts_[change.table_key];
    switch (change.operation) {
      case engine::ChangeOperation::kInsert:
        ++counts.inserts;
        break;
      case engine::ChangeOperation::kUpdate:
        ++counts.updates;
        break;
      case engine::ChangeOperation::kDelete:
        ++counts.deletes;
        break;
    }
  }
  has_changes_ = true;
  return out_.size() < kPieceBytes ? Status::Ok() : Flush();
}

void DiffPrinter::AddJson(const engine::DiffChange& change) {
  std::string json;
  AppendJson(change, json);
  out_ += has_changes_ ? ",\n" : "\n";
  out_ += LaidOutWithin(json, 2);
}

void DiffPrinter::AddLine(const engine::DiffChange& change) {
  if (change.table_key != table_key_) {
    table_key_ = change.table_key;
    out_ += table_key_ + "\n";
  }
  out_ += "  ";
  out_ += SignOf(change.operation);
  out_ += " " + change.id;
  if (change.endpoints) out_ += "  " + change.endpoints->src + " -> " + change.endpoints->dst;
  if (!change.properties.empty()) out_ += "  (" + Joined(change.properties) + ")";
  out_ += '\n';
}

Status DiffPrinter::Finish(const engine::DiffStats& stats) {
  if (form_ == Form::kJson) {
    std::string json;
    AppendJson(stats, json);
    out_ += has_changes_ ? "\n  ],\n" : "],\n";
    out_ += "  \"stats\": " + LaidOutWithin(json, 1).substr(2) + "\n}\n";
    return Flush();
  }
  for (const auto& [table_key, counts] : counts_) {
    out_ += "  " + table_key + "  +" + std::to_string(counts.inserts) + " ~" +
            std::to_string(counts.updates) + " -" + std::to_string(counts.deletes) + "\n";
  }
  if (!has_changes_) {
    out_ += "no differences\n";
  } else {
    out_ += std::to_string(stats.inserts) + " inserted, " + std::to_string(stats.updates) +
            " updated, " + std::to_string(stats.deletes) + " deleted in " +
            Joined(stats.types_affected) + "\n";
  }
  return Flush();
}

Status DiffPrinter::Flush() {
  const Status written = console_.Write(out_);
  out_.clear();
  return written;
}

void AppendText(const CommitChangesView& view, std::string& out) {
  AppendBlockText(view.block, out);
}

void AppendText(const ChangeFeedView& view, std::string& out) {
  if (view.blocks.empty()) out += "(no new commits)\n";
  for (const engine::ChangeBlock& block : view.blocks)
    AppendBlockText(block, out);
  out += "cursor: " + view.cursor + "\n";
  if (!view.is_caught_up) out += "(there is more: poll again with the cursor)\n";
}

void AppendText(const BaselineView& view, std::string& out) {
  out += "wrote " + view.path + "\nsnapshot_commit_id: " + view.answer.snapshot_commit_id +
         "\nresume_cursor: " + view.answer.resume_cursor + "\n";
}

void AppendJson(const CommitChangesView& view, std::string& out) {
  AppendJson(view.block, out);
}

void AppendJson(const ChangeFeedView& view, std::string& out) {
  out += "{\"blocks\":[";
  for (std::size_t i = 0; i < view.blocks.size(); ++i) {
    if (i > 0) out += ',';
    AppendJson(view.blocks[i], out);
  }
  out += "],\"cursor\":";
  AppendJsonString(view.cursor, out);
  out += view.is_caught_up ? ",\"caught_up\":true}" : ",\"caught_up\":false}";
}

void AppendJson(const BaselineView& view, std::string& out) {
  AppendJson(view.answer, out);
}

void AppendJson(const ChangeErrorView& view, std::string& out) {
  JsonWriter json(out);
  json.BeginObject().Key("error").String(view.text);
  json.Key(view.details_key).Raw(view.details_json).EndObject();
}

}  // namespace omnigraph::cli
