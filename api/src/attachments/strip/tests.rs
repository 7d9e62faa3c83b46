//! Pictures made byte by byte, as phones make them.

use proptest::prelude::*;

use super::*;

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap();
    let mut bytes = vec![0xff, marker];
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// EXIF with an orientation and, in a directory of its own, a place on earth.
fn exif(turn: u8) -> Vec<u8> {
    let mut bytes = b"Exif\0\0II\x2a\0\x08\0\0\0\x02\0".to_vec();
    bytes.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, turn, 0, 0, 0]);
    bytes.extend([0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0]);
    bytes.extend(b"\0\0\0\0GPSLatitude 32.3017 N");
    bytes
}

const TABLES: [(u8, &[u8]); 3] = [
    (0xdb, &[0; 65]),
    (0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]),
    (0xc4, &[0; 17]),
];
const DATA: &[u8] = b"\x12\xff\x00\x34\xff\xd0\x56";

/// A picture with whatever a phone puts beside it.
fn jpeg(turn: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xe1, &exif(turn)));
    let thumbnail = [
        b"JFIF\0\x01\x02\x01\0\x48\0\x48".as_slice(),
        &[1, 1],
        b"pix",
    ]
    .concat();
    bytes.extend(segment(0xe0, &thumbnail));
    bytes.extend(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>GPS</x>"));
    bytes.extend(segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"));
    bytes.extend(segment(0xe2, b"MPF\0GPS"));
    bytes.extend(segment(0xed, b"Photoshop 3.0\0GPS"));
    bytes.extend(segment(0xfe, b"GPS in a comment"));
    for (marker, content) in TABLES {
        bytes.extend(segment(marker, content));
    }
    bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    bytes.extend(DATA);
    // Between two scans, too.
    bytes.extend(segment(0xfe, b"GPS"));
    bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    bytes.extend(DATA);
    bytes.extend([0xff, 0xd9]);
    bytes.extend(b"\xff\xd8 a second picture with GPS of its own \xff\xd9");
    bytes
}

/// The same picture as nobody put anything beside it.
fn bare(turn: Option<u8>) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xe0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0"));
    if let Some(turn) = turn {
        let one = [0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0];
        let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08".as_slice(), &one, &[0; 4]].concat();
        bytes.extend(segment(0xe1, &exif));
    }
    bytes.extend(segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"));
    for (marker, content) in TABLES {
        bytes.extend(segment(marker, content));
    }
    for _ in 0..2 {
        bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
        bytes.extend(DATA);
    }
    bytes.extend([0xff, 0xd9]);
    bytes
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(content.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind);
    bytes.extend_from_slice(content);
    bytes.extend(crc32fast::hash(&[kind.as_slice(), content].concat()).to_be_bytes());
    bytes
}

fn png(chunks: &[([u8; 4], &[u8])]) -> Vec<u8> {
    let mut bytes = png::BEGIN.to_vec();
    for (kind, content) in chunks {
        bytes.extend(chunk(*kind, content));
    }
    bytes
}

const HEAD: ([u8; 4], &[u8]) = (*b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
const END: ([u8; 4], &[u8]) = (*b"IEND", b"");

/// A PDF of one page; `more` are objects besides, from the fourth on, and `root`, `page` and `trailer` what they
/// hang on.
fn pdf_of(more: &[&[u8]], [root, page, trailer]: [&str; 3]) -> Vec<u8> {
    let first = [
        format!("<< /Type /Catalog /Pages 2 0 R {root} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] {page} >>"),
    ];
    let objects = first.iter().map(String::as_bytes);
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (object, number) in objects.chain(more.iter().copied()).zip(1..) {
        places.push(bytes.len());
        bytes.extend(format!("{number} 0 obj\n").into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let (table, size) = (bytes.len(), places.len() + 1);
    bytes.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let end =
        format!("trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n");
    bytes.extend(end.into_bytes());
    bytes
}

/// As it is kept.
fn pdf() -> Vec<u8> {
    kept(&pdf_of(&[], ["", "", ""])).expect("a PDF")
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<< {dictionary} /Length {} >>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn kept(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    clean(bytes).map(|clean| clean.bytes)
}

#[test]
fn of_a_photo_the_picture_and_its_turn_stay() {
    assert_eq!(kept(&jpeg(6)), Ok(bare(Some(6))));
    assert_eq!(kept(&jpeg(1)), Ok(bare(None)));
    // What is clean stays as it is.
    assert_eq!(kept(&bare(Some(6))), Ok(bare(Some(6))));
    let shown = kept(&jpeg(6)).unwrap();
    assert!(!shown.windows(3).any(|part| part == b"GPS"));
}

#[test]
fn a_cut_or_damaged_photo_is_refused() {
    let whole = jpeg(6);
    let end = whole
        .windows(2)
        .position(|pair| pair == [0xff, 0xd9])
        .unwrap();
    for cut in (3..=end).chain([end + 1]) {
        assert_eq!(kept(&whole[..cut]), Err(Unfit::Broken), "{cut}");
    }
    assert!(kept(&whole[..end + 2]).is_ok());
    // A JPEG's name for something else, a picture without a scan, two in one.
    assert_eq!(
        kept(b"\xff\xd8\xff<script>alert(1)</script>"),
        Err(Unfit::Broken)
    );
    assert_eq!(kept(b"\xff\xd8\xff\xd9"), Err(Unfit::Broken));
    assert_eq!(kept(&[&whole[..2], &whole].concat()), Err(Unfit::Broken));
}

#[test]
fn of_a_png_texts_times_and_what_follows_go() {
    let data: ([u8; 4], &[u8]) = (*b"IDAT", b"pixels");
    let profile: ([u8; 4], &[u8]) = (*b"iCCP", b"colours");
    let full = png(&[
        HEAD,
        (*b"tEXt", b"Location\0GPS"),
        profile,
        (*b"eXIf", b"GPS"),
        (*b"tIME", &[7, 234, 3, 2, 9, 0, 0]),
        data,
        (*b"iTXt", b"GPS"),
        (*b"caBX", b"who edited it"),
        END,
    ]);
    let bare = png(&[HEAD, profile, data, END]);
    assert_eq!(
        kept(&[full.as_slice(), b"PK\x03\x04 GPS"].concat()),
        Ok(bare.clone())
    );
    assert_eq!(kept(&bare), Ok(bare.clone()));
    for cut in 8..bare.len() {
        assert_eq!(kept(&bare[..cut]), Err(Unfit::Broken), "{cut}");
    }
    let mut damaged = bare;
    damaged[20] ^= 1;
    for broken in [
        damaged,
        png(&[HEAD, END]),
        png(&[data, HEAD, END]),
        png(&[HEAD, (*b"XXXX", b""), data, END]),
    ] {
        assert_eq!(kept(&broken), Err(Unfit::Broken));
    }
}

#[test]
fn a_pdf_is_one_from_its_first_byte_to_its_last() {
    assert_eq!(kept(&pdf()), Ok(pdf()));
    let polyglot = [pdf().as_slice(), b"PK\x03\x04 something else"].concat();
    assert_eq!(kept(&polyglot), Ok(pdf()));
    assert_eq!(
        kept(&[b"GIF89a".as_slice(), &pdf()].concat()),
        Err(Unfit::Unsupported)
    );
    let elsewhere =
        String::from_utf8_lossy(&pdf_of(&[], ["", "", ""])).replace("/Root 1 0", "/Root 9 0");
    for broken in [
        &pdf()[..pdf().len() - 8],
        elsewhere.as_bytes(),
        b"%PDF-1.7\nstartxref\n999\n%%EOF",
        b"%PDF-1.7\nstartxref\nx\n%%EOF",
        b"%PDF-1.7\n<html>startxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\nstartxref\n9\n%%EOF",
        b"%PDF-",
    ] {
        assert_eq!(kept(broken), Err(Unfit::Broken));
    }
}

#[test]
fn of_a_pdf_the_pages_stay_and_what_it_says_of_itself_does_not() {
    let xmp = stream(
        "/Type /Metadata /Subtype /XML",
        b"<x:xmpmeta><exif:GPSLatitude>32,18.1N</exif:GPSLatitude></x:xmpmeta>",
    );
    let photo = stream("/Subtype /Image /Filter /DCTDecode", &jpeg(6));
    let more: [&[u8]; 5] = [
        &xmp,
        b"<< /Author (GPS of somebody) /Producer (GPS phone) >>",
        &photo,
        &stream("", b"the page itself"),
        b"(GPS of an earlier version)",
    ];
    let page = "/Contents 7 0 R /Metadata 4 0 R /LastModified (GPS) /Resources << /XObject << /A 6 0 R >> >>";
    let told = pdf_of(&more, ["/Metadata 4 0 R", page, "/Info 5 0 R"]);
    let shown = kept(&told).unwrap();
    assert!(
        !has(&shown, b"GPS") && !has(&shown, b"Metadata"),
        "{}",
        String::from_utf8_lossy(&shown)
    );
    assert!(has(&shown, b"the page itself") && has(&shown, &bare(Some(6))));
    assert_eq!(kept(&shown), Ok(shown));
}

#[test]
fn a_pdf_that_is_locked_or_would_burst_is_refused() {
    let key = "(0123456789abcdef0123456789abcdef)";
    let lock = format!("<< /Filter /Standard /V 1 /R 2 /P -4 /O {key} /U {key} >>");
    let locked = pdf_of(&[lock.as_bytes()], ["", "", "/Encrypt 4 0 R /ID [(a) (a)]"]);
    assert_eq!(kept(&locked), Err(Unfit::Encrypted));
    // A list of two million numbers would take a hundred times its room.
    let list = [b"[".as_slice(), &b"0 ".repeat(2_000_000), b"]"].concat();
    assert_eq!(
        kept(&pdf_of(&[&list], ["", "", ""])),
        Err(Unfit::Unsupported)
    );
    // Two words that lie as deep as nobody writes them.
    let deep = [b"[".repeat(20_000), b"]".repeat(20_000)].concat();
    let deep = kept(&pdf_of(&[&deep], ["", "/Deep 4 0 R", ""]));
    assert!(
        deep.as_ref().is_ok_and(|kept| kept.len() < 2_000) || deep == Err(Unfit::Broken),
        "{deep:?}"
    );
}

#[test]
fn other_files_are_not_taken_whatever_they_are_called() {
    assert_eq!(kept(b""), Err(Unfit::Empty));
    for other in [
        b"PK\x03\x04 a workbook".as_slice(),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a",
        b"\0\0\0\x18ftypheic",
        b"MZ",
        b" %PDF-1.7",
    ] {
        assert_eq!(kept(other), Err(Unfit::Unsupported));
    }
}

proptest! {
    #[test]
    fn damage_never_panics_and_cleaning_is_done_once(at in 0_usize..600, by in 1_u8.., cut in 0_usize..700) {
        let pictures = [jpeg(6), png(&[HEAD, (*b"tEXt", b"x\0y"), (*b"IDAT", b"p"), END]), pdf()];
        for mut bytes in pictures {
            let length = bytes.len();
            bytes[at % length] ^= by;
            bytes.truncate(cut);
            if let Ok(once) = clean(&bytes) {
                prop_assert_eq!(clean(&once.bytes), Ok(once.clone()));
            }
        }
    }
}
