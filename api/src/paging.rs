//! Keyset paging after the Relay specification: opaque cursors, `first` or `last`, 1 to 100.

use std::borrow::Cow;

use async_graphql::{OutputType, SimpleObject, TypeName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result, Stop};

/// The longest page.
pub const MAX_PAGE: u64 = 100;

/// Which part of an ordered list is wanted, with cursors of keys `K`.
#[derive(Clone, Debug)]
pub struct Page<K> {
    /// How many rows.
    pub size: u64,
    /// Whether the page is read from the list's end.
    pub backward: bool,
    /// Only rows after this key.
    pub after: Option<K>,
    /// Only rows before this key.
    pub before: Option<K>,
}

/// The paging arguments as a client gives them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// The first so many.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// The last so many.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// Checks the arguments; cursors must come from a list of the same `order`.
    pub fn page<K: DeserializeOwned>(&self, order: u8) -> Result<Page<K>> {
        let (count, argument, backward) = match (self.first, self.last) {
            (Some(first), None) => (first, "first", false),
            (None, Some(last)) => (last, "last", true),
            _ => return Err(Error::Stopped(Stop::BadUserInput, Some("first"))),
        };
        let size = u64::try_from(count)
            .ok()
            .filter(|size| (1..=MAX_PAGE).contains(size))
            .ok_or(Error::Stopped(Stop::BadUserInput, Some(argument)))?;
        let cursor = |text: &Option<String>, argument| {
            text.as_deref()
                .map(|text| {
                    decode_cursor(text, order)
                        .ok_or(Error::Stopped(Stop::BadUserInput, Some(argument)))
                })
                .transpose()
        };
        Ok(Page {
            size,
            backward,
            after: cursor(&self.after, "after")?,
            before: cursor(&self.before, "before")?,
        })
    }
}

/// One page of rows in the list's order, with what the page knows of its neighbours.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "a page's rows are rows")]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether there are rows after the page.
    pub has_next: bool,
    /// Whether there are rows before the page.
    pub has_previous: bool,
}

impl<T> Rows<T> {
    /// Makes a page of rows read in reading direction, one more than asked for when there is more.
    #[must_use]
    pub fn new<K>(mut rows: Vec<T>, page: &Page<K>) -> Self {
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if page.backward {
            rows.reverse();
            Self {
                rows,
                has_next: page.before.is_some(),
                has_previous: more,
            }
        } else {
            Self {
                rows,
                has_next: more,
                has_previous: page.after.is_some(),
            }
        }
    }
}

impl<T> Rows<T> {
    /// Changes every row.
    #[must_use]
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Rows<U> {
        Rows {
            rows: self.rows.into_iter().map(change).collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

/// Writes a cursor for a row with this key in a list of this order.
#[must_use]
pub fn encode_cursor<K: Serialize>(order: u8, key: &K) -> String {
    let mut bytes = vec![order];
    // A key is made of numbers, instants and ids, which always have a JSON form.
    serde_json::to_writer(&mut bytes, key).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode_cursor<K: DeserializeOwned>(text: &str, order: u8) -> Option<K> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    match bytes.split_first() {
        // A key may hold a text, and PostgreSQL takes none with NUL.
        Some((first, key)) if *first == order && !key.windows(6).any(|part| part == b"\\u0000") => {
            serde_json::from_slice(key).ok()
        }
        _ => None,
    }
}

/// Where a page lies in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are items after this page.
    pub has_next_page: bool,
    /// Whether there are items before this page.
    pub has_previous_page: bool,
    /// The cursor of the first item, absent on an empty page.
    pub start_cursor: Option<String>,
    /// The cursor of the last item, absent on an empty page.
    pub end_cursor: Option<String>,
}

/// An item of a list with its cursor.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name_type)]
pub struct Edge<T: OutputType> {
    /// An opaque position in the list, for `after` and `before`.
    pub cursor: String,
    /// The item.
    pub node: T,
}

/// One page of a list.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name_type)]
pub struct Connection<T: OutputType> {
    /// The page's items with their cursors.
    pub edges: Vec<Edge<T>>,
    /// Where the page lies in the list.
    pub page_info: PageInfo,
    /// How many items the whole list has; counted only when asked for.
    pub total_count: Option<i64>,
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> Connection<T> {
    /// Wraps items, each with its cursor.
    #[must_use]
    pub fn new(page: Rows<(String, T)>, total_count: Option<u64>) -> Self {
        let edges: Vec<Edge<T>> = page
            .rows
            .into_iter()
            .map(|(cursor, node)| Edge { cursor, node })
            .collect();
        Self {
            page_info: PageInfo {
                has_next_page: page.has_next,
                has_previous_page: page.has_previous,
                start_cursor: edges.first().map(|edge| edge.cursor.clone()),
                end_cursor: edges.last().map(|edge| edge.cursor.clone()),
            },
            edges,
            total_count: total_count.and_then(|count| i64::try_from(count).ok()),
        }
    }
}
