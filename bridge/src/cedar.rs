//! A compiled Cedar policy set: parsed and validated once, then asked without any parsing.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid,
    Expression, PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode,
    Validator,
};

/// A policy set with its schema and entities. Immutable.
pub struct Compiled {
    schema: Schema,
    /// The policies that can apply to an action: Cedar evaluates every policy of the set it is
    /// given, so a policy whose scope names another action would only cost time.
    policies_of_action: HashMap<EntityUid, PolicySet>,
    entities: Entities,
    authorizer: Authorizer,
    /// By ordinal: the place in the policy text.
    ids: Vec<String>,
    ordinals: HashMap<PolicyId, u32>,
    /// Parsing a type name costs more than a decision, so all of the schema's are kept.
    types: HashMap<String, EntityTypeName>,
    actions: HashMap<String, HashMap<String, EntityUid>>,
}

/// Names an entity by its type and its raw id.
#[derive(Clone, Copy)]
pub struct EntityRef<'a> {
    pub type_name: &'a str,
    pub id: &'a str,
}

pub enum Value<'a> {
    Bool(bool),
    Text(&'a str),
    Texts(Vec<&'a str>),
}

pub struct Question<'a> {
    pub principal: EntityRef<'a>,
    pub action: EntityRef<'a>,
    pub resource: EntityRef<'a>,
    pub context: Vec<(&'a str, Value<'a>)>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub allowed: bool,
    /// Ordinals of the determining policies, ascending.
    pub determining: Vec<u32>,
}

fn lines<T: std::fmt::Display>(problems: impl Iterator<Item = T>) -> String {
    problems.map(|problem| problem.to_string()).collect::<Vec<_>>().join("\n")
}

impl Compiled {
    pub fn compile(schema: &str, policies: &str, entities_json: &str) -> Result<Self, String> {
        let (schema, warnings) =
            Schema::from_cedarschema_str(schema).map_err(|error| format!("schema: {error}"))?;
        let warnings = lines(warnings);
        if !warnings.is_empty() {
            return Err(format!("schema: {warnings}"));
        }
        let (policies, ids) = parse_policies(policies)?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !result.validation_passed() {
            return Err(lines(result.validation_errors()));
        }
        let entities = Entities::from_json_str(entities_json, Some(&schema))
            .map_err(|error| format!("entities: {error}"))?;
        let ordinals =
            (0_u32..).zip(&ids).map(|(ordinal, id)| (PolicyId::new(id), ordinal)).collect();
        let types = schema.entity_types().map(|name| (name.to_string(), name.clone())).collect();
        let mut actions: HashMap<String, HashMap<String, EntityUid>> = HashMap::new();
        for action in schema.actions() {
            actions
                .entry(action.type_name().to_string())
                .or_default()
                .insert(action.id().unescaped().to_owned(), action.clone());
        }
        let policies_of_action = slice_by_action(&schema, &policies)?;
        let authorizer = Authorizer::new();
        Ok(Self { schema, policies_of_action, entities, authorizer, ids, ordinals, types, actions })
    }

    pub fn policy_ids(&self) -> &[String] {
        &self.ids
    }

    pub fn decide(&self, question: &Question) -> Result<Answer, String> {
        let action = self.action(question.action)?;
        let policies = &self.policies_of_action[&action];
        let request = Request::new(
            self.entity(question.principal)?,
            action,
            self.entity(question.resource)?,
            context_of(&question.context)?,
            Some(&self.schema),
        )
        .map_err(|error| format!("request: {error}"))?;
        let response = self.authorizer.is_authorized(&request, policies, &self.entities);
        let errors = lines(response.diagnostics().errors());
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut determining: Vec<u32> = response
            .diagnostics()
            .reason()
            .filter_map(|id| self.ordinals.get(id).copied())
            .collect();
        determining.sort_unstable();
        Ok(Answer { allowed: response.decision() == Decision::Allow, determining })
    }

    fn entity(&self, entity: EntityRef) -> Result<EntityUid, String> {
        let type_name = self
            .types
            .get(entity.type_name)
            .ok_or_else(|| format!("the schema has no entity type '{}'", entity.type_name))?;
        Ok(EntityUid::from_type_name_and_id(type_name.clone(), EntityId::new(entity.id)))
    }

    fn action(&self, action: EntityRef) -> Result<EntityUid, String> {
        self.actions
            .get(action.type_name)
            .and_then(|actions| actions.get(action.id))
            .cloned()
            .ok_or_else(|| format!("the schema has no action '{}'", action.id))
    }
}

/// Renders `text` as a Cedar string literal.
pub fn quote(text: &str) -> String {
    Expression::new_string(text.to_owned()).to_string()
}

/// For every action of the schema, the policies whose scope does not exclude it.
fn slice_by_action(
    schema: &Schema,
    policies: &PolicySet,
) -> Result<HashMap<EntityUid, PolicySet>, String> {
    let mut slices = HashMap::new();
    for action in schema.actions() {
        let may_apply = policies.policies().filter(|policy| match policy.action_constraint() {
            ActionConstraint::Eq(only) => only == *action,
            // A group of actions: left to Cedar.
            ActionConstraint::Any | ActionConstraint::In(_) => true,
        });
        let slice = PolicySet::from_policies(may_apply.cloned())
            .map_err(|error| format!("policies: {error}"))?;
        slices.insert(action.clone(), slice);
    }
    Ok(slices)
}

/// Parses the policies and names them by their `@id`; the names are in the order of the text.
fn parse_policies(text: &str) -> Result<(PolicySet, Vec<String>), String> {
    let parsed = PolicySet::from_str(text).map_err(|errors| format!("policies: {errors}"))?;
    if let Some(template) = parsed.templates().next() {
        return Err(format!("policies: {} is a template, which is not supported", template.id()));
    }
    // Cedar numbers policies "policy0", "policy1", ... in the order of the text.
    let mut policies = parsed.policies().cloned().collect::<Vec<_>>();
    policies.sort_by_key(|policy| {
        let id: &str = policy.id().as_ref();
        id.trim_start_matches("policy").parse::<usize>().unwrap_or(usize::MAX)
    });
    let mut named = PolicySet::new();
    let mut ids = Vec::with_capacity(policies.len());
    let mut seen = HashSet::new();
    for policy in policies {
        let id = policy
            .annotation("id")
            .ok_or_else(|| format!("policies: {} has no @id", policy.id()))?
            .to_owned();
        if !seen.insert(id.clone()) {
            return Err(format!("policies: duplicate @id {id:?}"));
        }
        named
            .add(policy.new_id(PolicyId::new(&id)))
            .map_err(|error| format!("policies: {error}"))?;
        ids.push(id);
    }
    Ok((named, ids))
}

fn context_of(attributes: &[(&str, Value)]) -> Result<Context, String> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let pairs = attributes.iter().map(|(name, value)| {
        let expression = match value {
            Value::Bool(value) => RestrictedExpression::new_bool(*value),
            Value::Text(value) => text(value),
            Value::Texts(values) => RestrictedExpression::new_set(values.iter().map(|v| text(v))),
        };
        ((*name).to_owned(), expression)
    });
    Context::from_pairs(pairs).map_err(|error| format!("context: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"
        namespace Zoo {
          entity Herd;
          entity Animal in [Herd];
          entity Gate;
          action "open", "close" appliesTo {
            principal: [Animal], resource: [Gate],
            context: { night: Bool, note: String, badges: Set<String> }
          };
        }"#;
    const POLICIES: &str = r#"
        @id("herd:open") permit(principal in Zoo::Herd::"grazers", action == Zoo::Action::"open",
                                resource == Zoo::Gate::"north") when { !context.night };
        @id("badge:open") permit(principal, action == Zoo::Action::"open", resource)
          when { context.badges.contains("gold") };
        @id("odd \" id\n:close")
          permit(principal == Zoo::Animal::"a\"b", action == Zoo::Action::"close", resource);"#;
    const ENTITIES: &str = r#"[
        {"uid": {"type": "Zoo::Animal", "id": "zebra"}, "attrs": {},
         "parents": [{"type": "Zoo::Herd", "id": "grazers"}]}]"#;

    fn zoo() -> Compiled {
        Compiled::compile(SCHEMA, POLICIES, ENTITIES).unwrap()
    }

    fn ask<'a>(animal: &'a str, action: &'a str, night: bool, badges: &[&'a str]) -> Question<'a> {
        let entity = |type_name, id| EntityRef { type_name, id };
        Question {
            principal: entity("Zoo::Animal", animal),
            action: entity("Zoo::Action", action),
            resource: entity("Zoo::Gate", "north"),
            context: vec![
                ("night", Value::Bool(night)),
                ("note", Value::Text("")),
                ("badges", Value::Texts(badges.to_vec())),
            ],
        }
    }

    fn decide(question: &Question) -> (bool, Vec<u32>) {
        let answer = zoo().decide(question).unwrap();
        (answer.allowed, answer.determining)
    }

    #[test]
    fn membership_conditions_and_ids_decide() {
        assert_eq!(decide(&ask("zebra", "open", false, &[])), (true, vec![0]));
        assert_eq!(decide(&ask("zebra", "open", true, &[])), (false, vec![]));
        assert_eq!(decide(&ask("zebra", "open", false, &["gold", "gold"])), (true, vec![0, 1]));
        assert_eq!(decide(&ask("stranger", "open", false, &["tin"])), (false, vec![]));
        assert_eq!(decide(&ask("a\"b", "close", true, &[])), (true, vec![2]));
    }

    #[test]
    fn a_policy_over_a_group_of_actions_applies_to_its_members_only() {
        let policies = r#"
            @id("any") permit(principal, action, resource) when { context.note == "any" };
            @id("some") permit(principal, action in [Zoo::Action::"close"], resource)
              when { !context.night };"#;
        let zoo = Compiled::compile(SCHEMA, policies, ENTITIES).unwrap();
        let ordinals = |action| zoo.decide(&ask("zebra", action, false, &[])).unwrap().determining;
        assert_eq!(ordinals("close"), [1]);
        assert!(ordinals("open").is_empty());
    }

    #[test]
    fn ids_are_the_annotations_in_the_order_of_the_text() {
        assert_eq!(zoo().policy_ids(), ["herd:open", "badge:open", "odd \" id\n:close"]);
    }

    #[test]
    fn a_request_outside_the_schema_is_an_error_and_not_a_denial() {
        let mut wrong = ask("zebra", "fly", false, &[]);
        assert!(zoo().decide(&wrong).unwrap_err().contains("no action 'fly'"));
        wrong = ask("zebra", "open", false, &[]);
        wrong.resource.type_name = "Zoo::Pond";
        assert!(zoo().decide(&wrong).unwrap_err().contains("no entity type 'Zoo::Pond'"));
        wrong = ask("zebra", "open", false, &[]);
        wrong.context.pop();
        assert!(zoo().decide(&wrong).is_err());
    }

    #[test]
    fn what_cannot_be_compiled_is_refused_with_a_reason() {
        fn error(schema: &str, policies: &str, entities: &str) -> String {
            Compiled::compile(schema, policies, entities).err().expect("must be refused")
        }
        assert!(error("entity", POLICIES, ENTITIES).starts_with("schema:"));
        assert!(error(SCHEMA, "permit(", ENTITIES).starts_with("policies:"));
        assert!(error(SCHEMA, POLICIES, "{").starts_with("entities:"));
        let any = "permit(principal, action, resource)";
        assert!(error(SCHEMA, &format!("{any};"), ENTITIES).contains("has no @id"));
        let twice = format!("@id(\"x\") {any}; @id(\"x\") {any};");
        assert!(error(SCHEMA, &twice, ENTITIES).contains("duplicate @id \"x\""));
        let typo = format!("@id(\"x\") {any} when {{ context.nihgt }};");
        assert!(error(SCHEMA, &typo, ENTITIES).contains("nihgt"));
    }

    #[test]
    fn a_quoted_text_survives_the_parser() {
        for text in ["plain", "a\"b\\c", "tab\tnewline\nnul\0bell\x07", "naïve ☃ \u{10FFFF}", "*"]
        {
            let policy = format!(
                "@id({0}) permit(principal == Zoo::Animal::{0}, action, resource);",
                quote(text)
            );
            let compiled = Compiled::compile(SCHEMA, &policy, "[]").unwrap();
            assert_eq!(compiled.policy_ids(), [text]);
            let answer = compiled.decide(&ask(text, "open", false, &[])).unwrap();
            assert!(answer.allowed, "{text:?}");
        }
    }
}
