//! What a file is, by its content, and what is kept of it.
//!
//! Pictures are never decoded: their parts are copied or left out, so that nothing of the picture is
//! lost and a small file cannot unpack to a large one. A PDF is read and written anew, within bounds (`pdf.rs`).

mod jpeg;
mod pdf;
mod png;

use entity::enums::AttachmentKind;

/// How a PDF begins, which takes more room to clean than others.
pub const PDF: &[u8] = pdf::BEGIN;

/// A file that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// What it is.
    pub kind: AttachmentKind,
    /// What is kept of it.
    pub bytes: Vec<u8>,
}

/// Why a file cannot be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No bytes.
    Empty,
    /// Of no kind that is taken.
    Unsupported,
    /// Of a kind that is taken, but damaged or incomplete.
    Broken,
    /// It opens with a password, or is made so as not to be changed.
    Encrypted,
}

/// Tells what a file is and takes out what the picture does not need.
pub fn clean(bytes: &[u8]) -> Result<Clean, Unfit> {
    let (kind, kept) = if bytes.is_empty() {
        return Err(Unfit::Empty);
    } else if bytes.starts_with(jpeg::BEGIN) {
        (
            AttachmentKind::Jpeg,
            jpeg::clean(bytes).ok_or(Unfit::Broken),
        )
    } else if bytes.starts_with(png::BEGIN) {
        (AttachmentKind::Png, png::clean(bytes).ok_or(Unfit::Broken))
    } else if bytes.starts_with(pdf::BEGIN) {
        (AttachmentKind::Pdf, pdf::clean(bytes))
    } else {
        return Err(Unfit::Unsupported);
    };
    let bytes = kept?;
    Ok(Clean { kind, bytes })
}

/// Goes through bytes from the front; absent where there are not enough.
struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }
}

#[cfg(test)]
mod tests;
