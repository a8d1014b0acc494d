//! Texts, results and panics on the border to C; the conventions are described in `bridge.h`.

use std::ffi::{c_char, CStr, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// `OgText`: borrowed UTF-8 bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OgText {
    data: *const c_char,
    size_bytes: usize,
}

/// `OgResult`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OgResult {
    Ok = 0,
    Invalid = 1,
    Internal = 2,
}

/// Why a call failed, before it crosses the border.
pub enum Failure {
    Invalid(String),
    Internal(String),
}

impl OgText {
    pub const EMPTY: OgText = OgText { data: std::ptr::null(), size_bytes: 0 };

    /// Lends `text` to C; valid as long as the text itself.
    pub fn lend(text: &str) -> OgText {
        OgText { data: text.as_ptr().cast(), size_bytes: text.len() }
    }

    /// Borrows the text.
    ///
    /// # Safety
    /// `data` must point to `size_bytes` readable bytes that do not change during `'a`.
    pub unsafe fn borrow<'a>(self) -> Result<&'a str, Failure> {
        if self.size_bytes == 0 {
            return Ok("");
        }
        if self.data.is_null() {
            return Err(Failure::Internal("a text of some size has no data".into()));
        }
        // SAFETY: the caller promises it.
        let bytes = unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.size_bytes) };
        std::str::from_utf8(bytes).map_err(|error| Failure::Invalid(format!("not UTF-8: {error}")))
    }
}

/// Borrows an array that C passes as pointer and count; null is allowed if the count is 0.
///
/// # Safety
/// `data` must point to `count` initialised values that do not change during `'a`.
pub unsafe fn borrow_slice<'a, T>(data: *const T, count: usize) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Failure::Internal("an array of some length has no data".into()));
    }
    // SAFETY: the caller promises it.
    Ok(unsafe { std::slice::from_raw_parts(data, count) })
}

/// Hands a message to C, which gives it back to `og_message_free`. NUL bytes cannot be carried and
/// are dropped.
pub fn give_message(text: &str) -> *mut c_char {
    let without_nul: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    CString::new(without_nul).map_or(std::ptr::null_mut(), CString::into_raw)
}

/// Runs `body`, turns a panic into `Internal`, and hands the message of a failure to `error`.
///
/// # Safety
/// `error` must be null or writable.
pub unsafe fn guard(
    error: *mut *mut c_char,
    body: impl FnOnce() -> Result<(), Failure>,
) -> OgResult {
    let (result, message) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OgResult::Ok,
        Ok(Err(Failure::Invalid(message))) => (OgResult::Invalid, message),
        Ok(Err(Failure::Internal(message))) => (OgResult::Internal, message),
        Err(panic) => (OgResult::Internal, panic_message(panic.as_ref())),
    };
    if !error.is_null() {
        // SAFETY: not null, and the caller promises that it is writable.
        unsafe { *error = give_message(&message) };
    }
    result
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    format!("panic: {text}")
}

/// # Safety
/// `message` must be null or come from this library, and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn og_message_free(message: *mut c_char) {
    if !message.is_null() {
        // SAFETY: made by `CString::into_raw`; the caller promises it.
        drop(unsafe { CString::from_raw(message) });
    }
}

#[no_mangle]
pub extern "C" fn og_bridge_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => c"",
        };
    VERSION.as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_internal_result_with_its_message() {
        let mut error = std::ptr::null_mut();
        let result = unsafe { guard(&mut error, || panic!("wheels came off")) };
        assert_eq!(result, OgResult::Internal);
        let message = unsafe { CStr::from_ptr(error) }.to_str().unwrap().to_owned();
        assert_eq!(message, "panic: wheels came off");
        unsafe { og_message_free(error) };
    }

    #[test]
    fn malformed_utf8_is_refused_and_an_empty_text_needs_no_data() {
        let bytes = [0x66_u8, 0xff];
        let text = OgText { data: bytes.as_ptr().cast(), size_bytes: 2 };
        assert!(matches!(unsafe { text.borrow() }, Err(Failure::Invalid(_))));
        assert!(matches!(unsafe { OgText::EMPTY.borrow() }, Ok("")));
    }

    #[test]
    fn a_missing_error_place_is_allowed() {
        let failed = || Err(Failure::Invalid("nobody reads this".into()));
        assert_eq!(unsafe { guard(std::ptr::null_mut(), failed) }, OgResult::Invalid);
    }
}
