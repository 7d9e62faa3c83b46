//! The payloads of mutations that do many things at once, each judged by itself.

/// Declares payloads with one result of this type for each part.
macro_rules! bulk_payloads {
    ($result:ident: $($payload:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $payload {
                /// One for each, in the order of the input; absent where all were refused as a whole.
                results: Option<Vec<$result>>,
                /// Why all were refused as a whole; empty when they were not.
                user_errors: Vec<UserError>,
            }
        )*
    };
}

pub(crate) use bulk_payloads;
