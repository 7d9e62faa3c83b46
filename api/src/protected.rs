//! Personal data as phones see it: masked, empty and unknown are three things.

use async_graphql::{Context, Enum, SimpleObject};
use uuid::Uuid;

use crate::access::protected::Protected;
use crate::residents::graphql::{CareTier, Circumstance};
use crate::scalars::Date;
use crate::schema::cx;

/// How much of a protected value you see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Visibility {
    /// All of it: `value`, null where nothing is known.
    Full,
    /// Only the `masked` form.
    Masked,
    /// Nothing, not even whether there is a value.
    Absent,
}

macro_rules! protected {
    ($(#[$doc:meta] $name:ident: $value:ty;)*) => {
        $(
            #[$doc]
            #[derive(Clone, Debug, SimpleObject)]
            pub struct $name {
                /// How much of the value you see.
                visibility: Visibility,
                /// The masked form, where only that is shown.
                masked: Option<String>,
                /// The value, where it is shown in full and known.
                value: Option<$value>,
            }

            impl<T: Into<$value>> From<Protected<T>> for $name {
                fn from(value: Protected<T>) -> Self {
                    let (visibility, masked, value) = match value {
                        Protected::Full(value) => (Visibility::Full, None, value.map(Into::into)),
                        Protected::Masked(masked) => (Visibility::Masked, Some(masked), None),
                        Protected::Absent => (Visibility::Absent, None, None),
                    };
                    Self { visibility, masked, value }
                }
            }
        )*
    };
}

protected! {
    /// A protected text.
    ProtectedString: String;
    /// A protected date.
    ProtectedDate: Date;
    /// A protected care tier.
    ProtectedCareTier: CareTier;
}

/// Protected care circumstances.
#[derive(Clone, Debug, SimpleObject)]
pub struct ProtectedCircumstances {
    /// How much of the value you see.
    visibility: Visibility,
    /// The masked form, where only that is shown.
    masked: Option<String>,
    /// The circumstances, where they are shown.
    value: Option<Vec<Circumstance>>,
}

impl From<Protected<Vec<entity::circumstances::Circumstance>>> for ProtectedCircumstances {
    fn from(value: Protected<Vec<entity::circumstances::Circumstance>>) -> Self {
        let (visibility, masked, value) = match value {
            Protected::Full(value) => (
                Visibility::Full,
                None,
                value.map(|known| known.into_iter().map(Into::into).collect()),
            ),
            Protected::Masked(masked) => (Visibility::Masked, Some(masked), None),
            Protected::Absent => (Visibility::Absent, None, None),
        };
        Self {
            visibility,
            masked,
            value,
        }
    }
}

/// Shows a protected value of a subject, noting for the audit that it was read in full.
pub fn opened<T, G: From<Protected<T>>>(
    ctx: &Context<'_>,
    kind: &'static str,
    subject: Uuid,
    value: Protected<T>,
) -> G {
    if value.is_opened() {
        cx(ctx).opened(kind, subject);
    }
    value.into()
}
