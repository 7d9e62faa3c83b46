//! stub
use async_graphql::SimpleObject;
/// stub
#[derive(Clone, Debug, SimpleObject)]
pub struct Account {
    /// stub
    pub name: String,
}
