//! stub
/// stub
#[derive(Debug, Default)]
pub struct ResidentMutations;
#[async_graphql::Object]
impl ResidentMutations {
    /// stub
    async fn resident_stub(&self) -> bool {
        true
    }
}
