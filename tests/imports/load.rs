//! A large roster beside people who work: claims go on, and the merge is short.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use entity::audit_detail;
use entity::enums::Role;
use nuanlin::access::sealed::{self, Field};
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use nuanlin::db::{Db, Limits};
use nuanlin::ids;
use nuanlin::imports::command::{self, Kind};
use nuanlin::imports::merge::Options;
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use serde_json::json;

use super::{counts, id_number, import, staged};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, Person, World};

const HEADER: &str =
    "楼栋编码,单元,房号,姓名,身份证号,联系电话,独居,关爱等级,紧急联系人,紧急联系电话,备注\n";

/// How long one merging transaction may last, and anybody's claim: around a second, and more where nothing
/// is optimised and others build beside it.
const MERGING: Duration = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 2 });

/// Rows of the roster: 50,000 where races run at length, else a tenth.
fn size() -> u32 {
    if rounds() >= 100 { 50_000 } else { 5_000 }
}

/// Households of three; every tenth person is enrolled and has a contact and notes.
fn roster(rows: u32) -> String {
    let mut sheet = HEADER.to_owned();
    for n in 0..rows {
        let building = if n % 2 == 0 { BUILDING } else { OTHER_BUILDING };
        let born = format!(
            "{}{:02}{:02}",
            1930 + n % 70,
            1 + n / 70 % 12,
            1 + n / 840 % 28
        );
        let (id, home) = (id_number(&born, n / 23_520 * 10 + n % 10), n / 6);
        let (unit, room) = (home % 4 + 1, home / 4 + 101);
        let care = if n % 10 == 0 {
            "是,重点,王芳,13700000001,听力不好"
        } else {
            ",,,,"
        };
        let _ = writeln!(
            sheet,
            "{building},{unit},{room},居民甲,{id},138{n:08},{care}"
        );
    }
    sheet
}

/// Claims and releases one task until told to stop; the longest wait, and how often it was done.
async fn claim_and_release(
    world: Arc<World>,
    person: Person,
    task: String,
    stop: Arc<AtomicBool>,
) -> (Duration, u32) {
    const CLAIM: &str = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) {
        userErrors { code } } }";
    const RELEASE: &str = "mutation($id: ID!) { releaseVisitTask(input: {visitTaskId: $id,
        reason: \"改天再去\"}) { userErrors { code } } }";
    let (mut longest, mut claims) = (Duration::ZERO, 0);
    while !stop.load(Ordering::Relaxed) {
        for (mutation, field) in [(CLAIM, "claimVisitTask"), (RELEASE, "releaseVisitTask")] {
            let started = Instant::now();
            let answer = world.run(&person, mutation, json!({"id": task})).await;
            assert_eq!(answer.user_error_codes(field), [""; 0]);
            longest = longest.max(started.elapsed());
        }
        claims += 1;
        // A person at work, not a load generator: the cores belong to the import as well.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (longest, claims)
}

on_both! {
    async fn claims_go_on_during_a_large_import(db: TestDatabase) {
        // Ids follow the clock: with one that stands still they would come in random order.
        let world = World::at_time(db, Settings { claims_a_day: 1_000_000, ..Settings::default() }, Clock::system()).await;
        let world = Arc::new(world);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "99").await;
        let task = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        let stop = Arc::new(AtomicBool::new(false));
        let (w, s) = (Arc::clone(&world), Arc::clone(&stop));
        let claiming = tokio::spawn(claim_and_release(w, volunteer, task, s));

        let rows = size();
        let sheet = roster(rows);
        let started = Instant::now();
        let report = import(&world, Kind::Residents, &sheet).await;
        let whole = started.elapsed();
        stop.store(true, Ordering::Relaxed);
        let (longest, claims) = claiming.await.expect("no panic");
        let merging = report.merging;
        println!("{rows} rows in {whole:?}, merged in {merging:?}; {claims} claims, longest {longest:?}");

        let all = rows as usize;
        assert_eq!(counts(&report), (all, 0, 0), "{:?}", report.refused.first());
        assert_eq!(world.count("SELECT count(*) FROM resident").await, i64::from(rows));
        assert_eq!(staged(&world).await, 0);
        assert!(claims > 10, "people kept working: {claims}");
        assert!(merging < MERGING, "nobody waits for long: {merging:?}");
        assert!(longest < MERGING, "nobody waited for long: {longest:?}");
        // A part ends with the batch of 800 that fills it.
        assert!(report.parts >= all / 2_800, "{} parts", report.parts);
        let audited = "SELECT count(*) FROM audit_entry WHERE action = 'import:residents'";
        assert_eq!(world.count(audited).await, 1, "one entry, however many parts");

        let again = import(&world, Kind::Residents, &sheet).await;
        assert_eq!(counts(&again), (0, 0, all));
    }
    /// A long roster is merged in parts: what was merged stays, and the same file does the rest.
    async fn an_import_that_was_cut_short_is_completed_by_the_same_file(db: TestDatabase) {
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let sheet = roster(2_800);
        // The very last household of the file's order is one that the database refuses.
        let refuse = "居民乙";
        let (head, _) = sheet.trim_end().rsplit_once('\n').unwrap();
        let id = id_number("19200101", 1);
        let cut = format!("{head}\n{OTHER_BUILDING},9,901,{refuse},{id},13800009999,,,,,\n");
        world.raw.execute_unprepared(&if world.database.is_postgres() {
            format!("ALTER TABLE resident ADD CONSTRAINT refuse CHECK (name <> '{refuse}')")
        } else {
            format!("CREATE TRIGGER refuse BEFORE INSERT ON resident WHEN NEW.name = '{refuse}'
                BEGIN SELECT RAISE(ABORT, 'refused'); END")
        }).await.expect("a refusal");
        let db = Db::open(&world.database.url, Limits::COMMAND).await.expect("a database");
        let tools = (&db, &world.app().keys, &world.app().clock);
        let failed = command::run(tools, Kind::Residents, cut.as_bytes(), Options::default()).await;
        db.close().await;
        assert!(failed.is_err(), "the second part failed");
        let people = "SELECT count(*) FROM resident";
        let merged = world.count(people).await;
        assert!((2_000..2_800).contains(&merged), "the first part is there: {merged}");
        // The entry came with it: it says what was planned, and in how many parts.
        let entry = audit_detail::Entity::find().one(&world.raw).await.unwrap().expect("an entry");
        let planned = json!({"created": 2_800, "updated": 0, "unchanged": 0, "refused": 0});
        let said = json!({"source": "", "parts": 2, "planned": planned}).to_string();
        assert!(sealed::is(&world.app().keys, Field::AuditDetails, &entry.details_sealed, &said));

        world.raw.execute_unprepared(if world.database.is_postgres() {
            "ALTER TABLE resident DROP CONSTRAINT refuse"
        } else {
            "DROP TRIGGER refuse"
        }).await.expect("no refusal");
        let merged = usize::try_from(merged).unwrap();
        let report = import(&world, Kind::Residents, &cut).await;
        assert_eq!(counts(&report), (2_800 - merged, 0, merged));
        assert_eq!(world.count(people).await, 2_800);
    }
}
