//! JPEG (ITU-T T.81): the segments a picture needs, and of its EXIF nothing but which side is up.
//!
//! Written here because the libraries that rewrite segments keep everything behind the first scan as it
//! is: there phones hang on second pictures with EXIF of their own, and videos.

use super::Reader;

/// How every JPEG begins.
pub const BEGIN: &[u8] = &[0xff, 0xd8, 0xff];

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// What is kept of a picture, in the order in which it is written.
#[derive(Default)]
struct Kept {
    /// Density and version; without its thumbnail, which may show what was cut off.
    jfif: Option<Vec<u8>>,
    /// How the picture is turned, 2 to 8; 1 is as it is.
    orientation: Option<u8>,
    /// Everything else, markers included.
    rest: Vec<u8>,
    has_frame: bool,
    has_scan: bool,
}

/// The picture alone; absent where it is damaged or incomplete.
pub fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: bytes };
    reader.take(2)?;
    let mut kept = Kept::default();
    loop {
        match marker(&mut reader)? {
            EOI => break,
            // Restarts stand within scans; one between segments says nothing.
            0x01 | 0xd0..=0xd7 => {}
            marker => segment(&mut reader, marker, &mut kept)?,
        }
    }
    (kept.has_frame && kept.has_scan).then(|| written(kept))
}

fn marker(reader: &mut Reader<'_>) -> Option<u8> {
    if reader.byte()? != 0xff {
        return None;
    }
    loop {
        match reader.byte()? {
            // Any number of these may fill up the space before a marker.
            0xff => {}
            marker => return Some(marker),
        }
    }
}

fn segment(reader: &mut Reader<'_>, marker: u8, kept: &mut Kept) -> Option<()> {
    let length = usize::from(u16::from_be_bytes(reader.array()?)).checked_sub(2)?;
    let content = reader.take(length)?;
    match marker {
        0xc4 | 0xcc | 0xdb..=0xdf => {}
        0xc0..=0xcf => kept.has_frame |= has_size(content),
        SOS => {
            kept.has_scan = true;
            copy(&mut kept.rest, marker, content);
            kept.rest.extend_from_slice(scan(reader)?);
            return Some(());
        }
        0xe0 => {
            if content.starts_with(b"JFIF\0") && kept.jfif.is_none() {
                let mut jfif = content.get(..12)?.to_vec();
                jfif.extend([0, 0]);
                kept.jfif = Some(jfif);
            }
            return Some(());
        }
        0xe1 => {
            if kept.orientation.is_none() {
                kept.orientation = content.strip_prefix(b"Exif\0\0").and_then(orientation);
            }
            return Some(());
        }
        // Colours: the profile, and how Adobe's programs coded them.
        0xe2 if content.starts_with(b"ICC_PROFILE\0") => {}
        0xee if content.starts_with(b"Adobe") => {}
        0xe2..=0xef | 0xfe => return Some(()),
        // A second beginning, or what no JPEG has.
        _ => return None,
    }
    copy(&mut kept.rest, marker, content);
    Some(())
}

/// Whether a frame's header names a width and a height; a height of 0 is told after the first scan.
fn has_size(frame: &[u8]) -> bool {
    frame.get(3..5).is_some_and(|width| width != [0, 0])
}

/// The coded picture up to the next marker.
fn scan<'b>(reader: &mut Reader<'b>) -> Option<&'b [u8]> {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    let end = reader.rest.windows(2).position(is_end)?;
    reader.take(end)
}

/// The orientation in a TIFF structure (EXIF 2.32, tag 0x0112), where it is not the usual one.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return None,
    };
    let short = |at: usize| -> Option<u16> {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let offset: [u8; 4] = tiff.get(4..8)?.try_into().ok()?;
    let directory = usize::try_from(if is_little {
        u32::from_le_bytes(offset)
    } else {
        u32::from_be_bytes(offset)
    })
    .ok()?;
    let entries = usize::from(short(directory)?);
    let value = (0..entries)
        .map_while(|entry| directory.checked_add(2 + entry * 12))
        .find(|at| short(*at) == Some(0x0112))
        .and_then(|at| short(at.checked_add(8)?))?;
    u8::try_from(value)
        .ok()
        .filter(|turn| (2..=8).contains(turn))
}

fn written(kept: Kept) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(kept.rest.len() + 64);
    bytes.extend([0xff, SOI]);
    if let Some(jfif) = &kept.jfif {
        copy(&mut bytes, 0xe0, jfif);
    }
    if let Some(turn) = kept.orientation {
        // One directory of one entry, big-endian: a SHORT.
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([turn, 0, 0, 0, 0, 0, 0]);
        copy(&mut bytes, 0xe1, &exif);
    }
    bytes.extend(kept.rest);
    bytes.extend([0xff, EOI]);
    bytes
}

fn copy(into: &mut Vec<u8>, marker: u8, content: &[u8]) {
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    into.extend([0xff, marker]);
    into.extend(length.to_be_bytes());
    into.extend_from_slice(content);
}
