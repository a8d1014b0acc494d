// Calls into the bridge.

#include "policy/cedar.h"

#include <array>

#include "base/check.h"
#include "bridge/bridge.h"

namespace omnigraph::policy {
namespace {

OgText Lend(std::string_view text) {
  return {text.data(), text.size()};
}

OgCedarEntity Lend(const CedarEntity& entity) {
  return {Lend(entity.type), Lend(entity.id)};
}

/// Takes over a message of the bridge.
std::string TakeMessage(char* message) {
  std::string text = message == nullptr ? "no reason was given" : message;
  og_message_free(message);
  return text;
}

/// The request in the bridge's layout; the lists live as long as this object.
class LentContext {
 public:
  explicit LentContext(std::span<const CedarAttribute> attributes) {
    for (const CedarAttribute& attribute : attributes) {
      for (const std::string_view text : attribute.texts)
        texts_.push_back(Lend(text));
    }
    std::size_t texts_used = 0;
    attributes_.reserve(attributes.size());
    for (const CedarAttribute& attribute : attributes) {
      attributes_.push_back({Lend(attribute.name), KindOf(attribute), attribute.boolean ? 1U : 0U,
                             Lend(attribute.text), texts_.data() + texts_used,
                             attribute.texts.size()});
      texts_used += attribute.texts.size();
    }
  }

  const OgCedarAttribute* data() const { return attributes_.data(); }
  std::size_t size() const { return attributes_.size(); }

 private:
  static std::uint32_t KindOf(const CedarAttribute& attribute) {
    switch (attribute.kind) {
      case CedarAttribute::Kind::kBool:
        return OG_CEDAR_BOOL;
      case CedarAttribute::Kind::kText:
        return OG_CEDAR_STRING;
      case CedarAttribute::Kind::kTextSet:
        return OG_CEDAR_STRING_SET;
    }
    return OG_CEDAR_BOOL;
  }

  std::vector<OgText> texts_;
  std::vector<OgCedarAttribute> attributes_;
};

}  // namespace

void CedarPolicySet::Free::operator()(OgCedar* cedar) const {
  og_cedar_free(cedar);
}

Result<CedarPolicySet> CedarPolicySet::Compile(std::string_view schema, std::string_view policies,
                                               std::string_view entities_json) {
  OgCedar* cedar = nullptr;
  char* error = nullptr;
  const OgResult result =
      og_cedar_compile(Lend(schema), Lend(policies), Lend(entities_json), &cedar, &error);
  if (result == OG_OK) return CedarPolicySet(cedar);
  return Status::Error(result == OG_INVALID ? ErrorCode::kInvalidArgument : ErrorCode::kInternal,
                       "policy validation failed: " + TakeMessage(error));
}

Result<CedarAnswer> CedarPolicySet::Decide(const CedarRequest& request) const {
  const LentContext context(request.context);
  const OgCedarRequest lent = {Lend(request.principal), Lend(request.action),
                               Lend(request.resource), context.data(), context.size()};
  CedarAnswer answer;
  answer.determining.resize(og_cedar_policies_count(cedar_.get()));
  OgCedarDecision decision = {};
  char* error = nullptr;
  const OgResult result = og_cedar_decide(cedar_.get(), &lent, answer.determining.data(),
                                          answer.determining.size(), &decision, &error);
  if (result != OG_OK) {
    return Status::Error(ErrorCode::kInternal, "policy: " + TakeMessage(error));
  }
  answer.allowed = decision.allowed != 0;
  answer.determining.resize(decision.determining_count);
  return answer;
}

std::string QuoteForCedar(std::string_view text) {
  char* literal = nullptr;
  // Fails only for malformed UTF-8, which no reader lets through.
  OG_CHECK(og_cedar_quote(Lend(text), &literal, nullptr) == OG_OK);
  return TakeMessage(literal);
}

}  // namespace omnigraph::policy
