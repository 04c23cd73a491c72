//! What keeps the cost of small changes small, and who waits for whom.

use crate::project::{Project, content_hash};
use serde_json::json;
use vinculo_records::Kind;

#[tokio::test]
async fn the_newest_model_is_read_as_it_was_packed_and_by_the_program_that_packed_it() {
    let project = Project::new().await;
    let store = &project.store;
    let save = async |says: &str| {
        store.save_model(Kind::Person, project.run, &json!({"plan": says}), content_hash(says)).await.unwrap()
    };
    assert_eq!(store.packed_model(Kind::Person, "1.0").await.unwrap(), None);
    let old = save("A").await;
    store.pack_model(Kind::Person, old, "1.0", b"A").await.unwrap();
    let packed = store.packed_model(Kind::Person, "1.0").await.unwrap().unwrap();
    assert_eq!((packed.version, packed.digest, &packed.data[..]), (old, content_hash("A"), &b"A"[..]));
    assert_eq!(store.packed_model(Kind::Person, "1.1").await.unwrap(), None, "another program reads the model itself");
    assert_eq!(store.packed_model(Kind::Organization, "1.0").await.unwrap(), None);
    let new = save("B").await;
    assert_eq!(store.packed_model(Kind::Person, "1.0").await.unwrap(), None, "what is packed is not the newest");
    store.pack_model(Kind::Person, new, "1.0", b"B").await.unwrap();
    store.pack_model(Kind::Person, old, "1.0", b"A").await.unwrap();
    assert_eq!(store.packed_model(Kind::Person, "1.0").await.unwrap().unwrap().data, b"B", "an older one comes late");
}

#[tokio::test]
async fn a_holder_of_the_lease_is_told_that_somebody_waits_until_nobody_does() {
    let project = Project::new().await;
    assert!(!project.store.is_awaited().await.unwrap());
    let (first, second) = (project.store.knock().await.unwrap(), project.store.knock().await.unwrap());
    assert!(project.store.is_awaited().await.unwrap());
    drop(first);
    assert!(project.store.is_awaited().await.unwrap());
    drop(second);
    // The server sees a moment later that a session is gone.
    while project.store.is_awaited().await.unwrap() {}
}
