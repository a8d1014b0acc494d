/* The C interface of the Rust static library `og_bridge`: translation to libraries that exist only
 * in Rust, and nothing else.
 *
 * Conventions of every function:
 *  - Texts go in as `OgText`: UTF-8 bytes with a length, no terminator, borrowed for the call.
 *  - A function that can fail returns an `OgResult`. If that is not `OG_OK`, `*error` is a
 *    NUL-terminated UTF-8 message that the caller frees with `og_message_free`, and no other
 *    output is written. `error` may be NULL if nobody wants the message.
 *  - A panic inside the library is caught and returned as `OG_INTERNAL`; it never unwinds into
 *    the caller.
 *  - Handles are immutable: any number of threads may use one at the same time. Free a handle
 *    once, when no call on it is running. Freeing NULL is allowed.
 */

#ifndef OG_BRIDGE_H_
#define OG_BRIDGE_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Texts and results ---------------------------------------------------------------------- */

typedef struct OgText {
  const char* data; /* May be NULL if size_bytes is 0. */
  size_t size_bytes;
} OgText;

typedef enum OgResult {
  OG_OK = 0,
  OG_INVALID = 1,  /* The input was refused; the message says why. */
  OG_INTERNAL = 2, /* A bug: a panic or an impossible state. */
} OgResult;

/* Frees a message returned through an `error` parameter. */
void og_message_free(char* message);

/* The version of this library, for example "0.1.0". Static, never freed. */
const char* og_bridge_version(void);

/* ---- Cedar: authorisation -------------------------------------------------------------------- */

/* The version of the Cedar engine, for example "4.14.1". Static, never freed. */
const char* og_cedar_version(void);

/* A compiled, validated policy set with its schema and entities. */
typedef struct OgCedar OgCedar;

/* Parses and compiles a policy set.
 *
 * schema         Cedar schema text
 * policies       Cedar policy text, static policies only; every policy needs a distinct annotation
 *                @id("..."), its ordinal is its place in the text
 * entities_json  the entities in Cedar's JSON form; checked against the schema
 *
 * The set is validated strictly against the schema. On success `*cedar` is a handle for
 * `og_cedar_free`. Errors (OG_INVALID): everything Cedar complains about, one line each.
 * Cost: milliseconds; linear in the policies and entities. */
OgResult og_cedar_compile(OgText schema, OgText policies, OgText entities_json, OgCedar** cedar,
                          char** error);

void og_cedar_free(OgCedar* cedar);

/* The number of policies of a set: ordinals are 0 .. count - 1. */
size_t og_cedar_policies_count(const OgCedar* cedar);

/* The @id of a policy, valid as long as the handle; an empty text if the ordinal is too large. */
OgText og_cedar_policy_id(const OgCedar* cedar, uint32_t ordinal);

/* Names an entity: type "Namespace::Type" and id, without any quoting. */
typedef struct OgCedarEntity {
  OgText type;
  OgText id;
} OgCedarEntity;

typedef enum OgCedarKind {
  OG_CEDAR_BOOL = 0,
  OG_CEDAR_STRING = 1,
  OG_CEDAR_STRING_SET = 2,
} OgCedarKind;

/* One attribute of the context record. */
typedef struct OgCedarAttribute {
  OgText name;
  uint32_t kind;       /* An OgCedarKind: says which of the following is read. */
  uint32_t boolean;    /* OG_CEDAR_BOOL: 0 or 1. */
  OgText text;         /* OG_CEDAR_STRING. */
  const OgText* items; /* OG_CEDAR_STRING_SET: items_count texts; duplicates count once. */
  size_t items_count;
} OgCedarAttribute;

typedef struct OgCedarRequest {
  OgCedarEntity principal;
  OgCedarEntity action;
  OgCedarEntity resource;
  const OgCedarAttribute* context;
  size_t context_count;
} OgCedarRequest;

typedef struct OgCedarDecision {
  uint32_t allowed;         /* 1 = allow, 0 = deny. */
  size_t determining_count; /* How many policies determined the decision. */
} OgCedarDecision;

/* Decides one request; microseconds, no parsing.
 *
 * The types of principal and resource and the action must be declared in the schema; their ids
 * need not exist among the entities. The request is validated against the schema.
 *
 * determining           receives the ordinals of the determining policies, ascending; at most
 *                       determining_capacity of them. A denial by default has none.
 * Errors (OG_INVALID): an unknown type or action, a context of another shape, or an error while
 * a policy was evaluated. None of these is a decision: treat the request as failed. */
OgResult og_cedar_decide(const OgCedar* cedar, const OgCedarRequest* request, uint32_t* determining,
                         size_t determining_capacity, OgCedarDecision* decision, char** error);

/* Renders a text as a Cedar string literal, quotes included. Not a handle: the result is a message
 * for `og_message_free`. */
OgResult og_cedar_quote(OgText text, char** literal, char** error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OG_BRIDGE_H_ */
