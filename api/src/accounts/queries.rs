//! stub
/// stub
#[derive(Debug, Default)]
pub struct AccountQueries;
#[async_graphql::Object]
impl AccountQueries {
    /// stub
    async fn viewer_stub(&self) -> bool {
        true
    }
}
