//! stub
/// stub
#[derive(Debug, Default)]
pub struct AccountMutations;
#[async_graphql::Object]
impl AccountMutations {
    /// stub
    async fn act_stub(&self) -> bool {
        true
    }
}
