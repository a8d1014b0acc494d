//! `bridge.h`, section Cedar.

use std::ffi::{c_char, CStr};

use crate::abi::{borrow_slice, give_message, guard, Failure, OgResult, OgText};
use crate::cedar::{quote, Compiled, EntityRef, Question, Value};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct OgCedarEntity {
    type_name: OgText,
    id: OgText,
}

#[repr(C)]
pub struct OgCedarAttribute {
    name: OgText,
    kind: u32,
    boolean: u32,
    text: OgText,
    items: *const OgText,
    items_count: usize,
}

#[repr(C)]
pub struct OgCedarRequest {
    principal: OgCedarEntity,
    action: OgCedarEntity,
    resource: OgCedarEntity,
    context: *const OgCedarAttribute,
    context_count: usize,
}

#[repr(C)]
pub struct OgCedarDecision {
    allowed: u32,
    determining_count: usize,
}

const KIND_BOOL: u32 = 0;
const KIND_STRING: u32 = 1;
const KIND_STRING_SET: u32 = 2;

/// # Safety
/// The texts of `entity` must be readable during `'a`.
unsafe fn borrow_entity<'a>(entity: OgCedarEntity) -> Result<EntityRef<'a>, Failure> {
    // SAFETY: the caller promises it.
    unsafe { Ok(EntityRef { type_name: entity.type_name.borrow()?, id: entity.id.borrow()? }) }
}

/// # Safety
/// The texts and items of `attribute` must be readable during `'a`.
unsafe fn borrow_value<'a>(attribute: &OgCedarAttribute) -> Result<Value<'a>, Failure> {
    match attribute.kind {
        KIND_BOOL => Ok(Value::Bool(attribute.boolean != 0)),
        // SAFETY: the caller promises it.
        KIND_STRING => Ok(Value::Text(unsafe { attribute.text.borrow()? })),
        KIND_STRING_SET => {
            // SAFETY: the caller promises it.
            let items = unsafe { borrow_slice(attribute.items, attribute.items_count)? };
            let texts = items.iter().map(|item| unsafe { item.borrow() });
            Ok(Value::Texts(texts.collect::<Result<_, _>>()?))
        }
        other => Err(Failure::Internal(format!("unknown kind of attribute: {other}"))),
    }
}

/// # Safety
/// Everything that `request` points to must be readable during `'a`.
unsafe fn borrow_question<'a>(request: &OgCedarRequest) -> Result<Question<'a>, Failure> {
    // SAFETY: the caller promises it.
    unsafe {
        let attributes = borrow_slice(request.context, request.context_count)?;
        let mut context = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            context.push((attribute.name.borrow()?, borrow_value(attribute)?));
        }
        Ok(Question {
            principal: borrow_entity(request.principal)?,
            action: borrow_entity(request.action)?,
            resource: borrow_entity(request.resource)?,
            context,
        })
    }
}

#[no_mangle]
pub extern "C" fn og_cedar_version() -> *const c_char {
    const VERSION: &CStr = c"4.14.1";
    VERSION.as_ptr()
}

/// # Safety
/// The texts must be readable; `cedar` and, if not null, `error` must be writable.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_compile(
    schema: OgText,
    policies: OgText,
    entities_json: OgText,
    cedar: *mut *mut Compiled,
    error: *mut *mut c_char,
) -> OgResult {
    // SAFETY: the caller promises it.
    unsafe {
        guard(error, || {
            let (schema, policies) = (schema.borrow()?, policies.borrow()?);
            let compiled = Compiled::compile(schema, policies, entities_json.borrow()?)
                .map_err(Failure::Invalid)?;
            *cedar = Box::into_raw(Box::new(compiled));
            Ok(())
        })
    }
}

/// # Safety
/// `cedar` must be null or a handle that is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_free(cedar: *mut Compiled) {
    if !cedar.is_null() {
        // SAFETY: made by `Box::into_raw`; the caller promises it.
        drop(unsafe { Box::from_raw(cedar) });
    }
}

/// # Safety
/// `cedar` must be a live handle.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_policies_count(cedar: *const Compiled) -> usize {
    // SAFETY: the caller promises it.
    unsafe { (*cedar).policy_ids().len() }
}

/// # Safety
/// `cedar` must be a live handle.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_policy_id(cedar: *const Compiled, ordinal: u32) -> OgText {
    // SAFETY: the caller promises it.
    let ids = unsafe { (*cedar).policy_ids() };
    ids.get(ordinal as usize).map_or(OgText::EMPTY, |id| OgText::lend(id))
}

/// # Safety
/// `cedar` must be a live handle, everything `request` points to readable, `determining` writable
/// for `determining_capacity` values, and `decision` and, if not null, `error` writable.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_decide(
    cedar: *const Compiled,
    request: *const OgCedarRequest,
    determining: *mut u32,
    determining_capacity: usize,
    decision: *mut OgCedarDecision,
    error: *mut *mut c_char,
) -> OgResult {
    // SAFETY: the caller promises it.
    unsafe {
        guard(error, || {
            let question = borrow_question(&*request)?;
            let answer = (*cedar).decide(&question).map_err(Failure::Invalid)?;
            for (place, ordinal) in answer.determining.iter().take(determining_capacity).enumerate()
            {
                *determining.add(place) = *ordinal;
            }
            *decision = OgCedarDecision {
                allowed: u32::from(answer.allowed),
                determining_count: answer.determining.len(),
            };
            Ok(())
        })
    }
}

/// # Safety
/// `text` must be readable; `literal` and, if not null, `error` must be writable.
#[no_mangle]
pub unsafe extern "C" fn og_cedar_quote(
    text: OgText,
    literal: *mut *mut c_char,
    error: *mut *mut c_char,
) -> OgResult {
    // SAFETY: the caller promises it.
    unsafe {
        guard(error, || {
            *literal = give_message(&quote(text.borrow()?));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = r#"
        entity Actor; entity Graph;
        action "read" appliesTo { principal: [Actor], resource: [Graph],
                                  context: { main: Bool, names: Set<String> } };"#;
    const POLICIES: &str = r#"
        @id("one") permit(principal, action == Action::"read", resource) when { context.main };
        @id("two") permit(principal, action, resource) when { context.names.contains("x") };"#;

    fn entity(type_name: &'static str, id: &'static str) -> OgCedarEntity {
        OgCedarEntity { type_name: OgText::lend(type_name), id: OgText::lend(id) }
    }

    fn attribute(name: &'static str, kind: u32, items: &[OgText]) -> OgCedarAttribute {
        OgCedarAttribute {
            name: OgText::lend(name),
            kind,
            boolean: 1,
            text: OgText::EMPTY,
            items: items.as_ptr(),
            items_count: items.len(),
        }
    }

    #[test]
    fn a_set_is_compiled_asked_and_freed_through_the_c_interface() {
        let names = [OgText::lend("x")];
        let context =
            [attribute("main", KIND_BOOL, &[]), attribute("names", KIND_STRING_SET, &names)];
        let request = OgCedarRequest {
            principal: entity("Actor", "ada"),
            action: entity("Action", "read"),
            resource: entity("Graph", "g"),
            context: context.as_ptr(),
            context_count: context.len(),
        };
        let mut cedar = std::ptr::null_mut();
        let mut error = std::ptr::null_mut();
        let mut decision = OgCedarDecision { allowed: 9, determining_count: 9 };
        let mut ordinals = [77_u32; 2];
        unsafe {
            let texts = (OgText::lend(SCHEMA), OgText::lend(POLICIES), OgText::lend("[]"));
            let compiled = og_cedar_compile(texts.0, texts.1, texts.2, &mut cedar, &mut error);
            assert_eq!(compiled, OgResult::Ok);
            assert_eq!(og_cedar_policies_count(cedar), 2);
            assert_eq!(og_cedar_policy_id(cedar, 1).borrow().ok(), Some("two"));
            assert_eq!(og_cedar_policy_id(cedar, 2).borrow().ok(), Some(""));
            let decided = og_cedar_decide(
                cedar,
                &request,
                ordinals.as_mut_ptr(),
                1,
                &mut decision,
                &mut error,
            );
            assert_eq!(decided, OgResult::Ok);
            og_cedar_free(cedar);
        }
        assert_eq!((decision.allowed, decision.determining_count), (1, 2));
        assert_eq!(ordinals, [0, 77], "no more ordinals than fit");
    }

    #[test]
    fn the_version_is_that_of_the_linked_engine() {
        let version = unsafe { CStr::from_ptr(og_cedar_version()) }.to_str().unwrap();
        assert_eq!(version, cedar_policy::get_sdk_version().to_string());
    }

    #[test]
    fn a_refused_set_yields_a_message_and_no_handle() {
        let mut cedar = std::ptr::null_mut();
        let mut error = std::ptr::null_mut();
        unsafe {
            let broken = OgText::lend("entity");
            let result = og_cedar_compile(broken, broken, broken, &mut cedar, &mut error);
            assert_eq!(result, OgResult::Invalid);
            assert!(cedar.is_null());
            assert!(CStr::from_ptr(error).to_str().unwrap().contains("schema"));
            crate::abi::og_message_free(error);
        }
    }
}
