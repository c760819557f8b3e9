//! The byte of a frame that tells a record's kind.

pub(crate) const REGISTER: u8 = 1;
pub(crate) const START_RUN: u8 = 2;
pub(crate) const FINISH_RUN: u8 = 3;
pub(crate) const RELEASE_RUN: u8 = 4;
pub(crate) const START_SPAN: u8 = 5;
pub(crate) const FINISH_SPAN: u8 = 6;
pub(crate) const NOTE: u8 = 7;
pub(crate) const REGISTERED: u8 = 0x82;
pub(crate) const SENT: u8 = 0x83;
pub(crate) const REFUSED: u8 = 0x84;
pub(crate) const RENAMED: u8 = 0x85;
pub(crate) const RUN: u8 = 0x86;
pub(crate) const OPEN_SPAN: u8 = 0x87;
