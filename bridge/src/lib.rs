//! The Rust half of OmniGraph: one static library behind one C header (`bridge.h`).
//!
//! Each library that is bridged has its module, which is safe Rust and knows nothing of C, and a
//! section of `extern "C"` functions in `<module>_c.rs`. What all of them share is in `abi.rs`.

#![deny(unsafe_op_in_unsafe_fn)]

mod abi;
mod cedar;
mod cedar_c;
