//! Where files are kept: a folder, or a bucket of a service that speaks S3.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path as Folder;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt as _, RetryConfig,
};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Objects lie below this, so that a bucket may hold other things.
const PREFIX: &str = "attachments";
/// How long one request to a bucket may take.
const REQUEST: Duration = Duration::from_secs(20);
/// How long a bucket's refusals are tried again.
const RETRY: Duration = Duration::from_secs(20);

/// Keeps bytes under names. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Store {
    objects: Option<Arc<dyn ObjectStore>>,
}

impl Store {
    /// Opens `s3://BUCKET/PREFIX`, with credentials and region from the `AWS_*` variables, or a folder
    /// (`file:///PATH` or a path), which is made for its owner alone where it is missing.
    pub fn open(url: &str) -> Result<Self> {
        let objects: Arc<dyn ObjectStore> = match url.strip_prefix("s3://") {
            Some(place) => bucket(place)?,
            None => folder(Folder::new(url.strip_prefix("file://").unwrap_or(url)))?,
        };
        Ok(Self {
            objects: Some(objects),
        })
    }

    /// Keeps bytes under a new name; they are durable when it returns.
    pub async fn put(&self, name: Uuid, bytes: Vec<u8>) -> Result<()> {
        let objects = self.objects()?;
        objects
            .put(&path(name), bytes.into())
            .await
            .map_err(failed)?;
        Ok(())
    }

    /// The bytes under a name.
    pub async fn get(&self, name: Uuid) -> Result<Vec<u8>> {
        let found = self.objects()?.get(&path(name)).await.map_err(failed)?;
        Ok(found.bytes().await.map_err(failed)?.into())
    }

    /// Removes what is kept under a name, if anything.
    pub async fn remove(&self, name: Uuid) -> Result<()> {
        match self.objects()?.delete(&path(name)).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Every name under which something is kept.
    pub async fn names(&self) -> Result<Vec<Uuid>> {
        let prefix = Path::from(PREFIX);
        let objects = self.objects()?.list(Some(&prefix));
        let names = objects.try_filter_map(async |object| {
            let name = object.location.filename().map(Uuid::try_parse);
            // What else lies there is somebody else's.
            Ok(name.and_then(std::result::Result::ok))
        });
        names.try_collect().await.map_err(failed)
    }

    fn objects(&self) -> Result<&Arc<dyn ObjectStore>> {
        self.objects
            .as_ref()
            .ok_or_else(|| Error::internal("no store for files was opened"))
    }
}

/// Folders by the last two digits, since some file systems are slow with very many files in one.
fn path(name: Uuid) -> Path {
    let text = name.to_string();
    let folder = &text[text.len() - 2..];
    Path::from_iter([PREFIX, folder, &text])
}

fn folder(folder: &Folder) -> Result<Arc<dyn ObjectStore>> {
    let unusable = |error: std::io::Error| {
        Error::internal(format!(
            "cannot keep files in {}: {error}",
            folder.display()
        ))
    };
    if !folder.exists() {
        std::fs::create_dir_all(folder).map_err(unusable)?;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(folder, mode).map_err(unusable)?;
    }
    let files = LocalFileSystem::new_with_prefix(folder).map_err(failed)?;
    Ok(Arc::new(files.with_fsync(true)))
}

fn bucket(place: &str) -> Result<Arc<dyn ObjectStore>> {
    let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
    if bucket.is_empty() {
        return Err(Error::internal("an s3:// address names a bucket"));
    }
    // Whoever was first decides; here everybody takes the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let allows_plain = std::env::var("AWS_ALLOW_HTTP").is_ok_and(|allows| allows == "true");
    let client = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(REQUEST)
        .with_allow_http(allows_plain);
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: RETRY,
        ..RetryConfig::default()
    };
    let objects = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_client_options(client)
        .with_retry(retry)
        .build()
        .map_err(failed)?;
    let prefix = prefix.trim_matches('/');
    Ok(if prefix.is_empty() {
        Arc::new(objects)
    } else {
        Arc::new(PrefixStore::new(objects, prefix))
    })
}

fn failed(error: StoreError) -> Error {
    Error::Internal(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_folder_keeps_gives_lists_and_forgets() {
        let place = tempfile::tempdir().unwrap();
        let inner = place.path().join("files");
        let store = Store::open(inner.to_str().unwrap()).unwrap();
        let mode = std::fs::metadata(&inner).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let name = Uuid::from_u128(0x17);
        store.put(name, b"kept".to_vec()).await.unwrap();
        std::fs::write(inner.join("attachments/readme.txt"), "not ours").unwrap();
        assert_eq!(store.names().await.unwrap(), [name]);
        let again = Store::open(&format!("file://{}", inner.display())).unwrap();
        assert_eq!(again.get(name).await.unwrap(), b"kept");
        again.remove(name).await.unwrap();
        again.remove(name).await.unwrap();
        assert!(store.get(name).await.is_err());
        assert!(store.names().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn without_a_place_nothing_is_kept_in_silence() {
        assert!(Store::default().put(Uuid::nil(), Vec::new()).await.is_err());
        assert!(Store::open("s3://").is_err());
    }
}
