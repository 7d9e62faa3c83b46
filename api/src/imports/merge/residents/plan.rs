//! The set-wise statements that merge a staged roster.

use std::borrow::Cow;

use entity::enums::ImportAction as Action;
use entity::import_resident;
use sea_orm::ActiveEnum as _;

use super::super::stage::Plan;
use crate::visits::rules::TO_BE_MADE;

pub const PLAN: Plan = Plan {
    action: "import:residents",
    table: "import_resident",
    holds: &[
        "household",
        "household_place",
        "resident",
        "residence",
        "care_enrolment",
        "emergency_contact",
    ],
    epoch: None,
    // A household is merged as a whole: where one of its rows is stale, all of them are.
    stale: "SELECT s.ordinal FROM import_resident s WHERE s.import_id = $1 AND s.household_id IN (
        SELECT t.household_id FROM import_resident t
        JOIN area a ON a.id = t.area_id
        LEFT JOIN household h ON h.area_id = t.area_id AND h.unit = t.unit AND h.room = t.room
            AND h.closed_on IS NULL
        LEFT JOIN resident r ON r.id = t.resident_id
        LEFT JOIN care_enrolment e ON e.resident_id = t.resident_id AND e.to_on IS NULL
        LEFT JOIN emergency_contact c ON c.resident_id = t.resident_id AND c.position = 1
        LEFT JOIN resident o ON o.id_number_hash = t.id_number_hash
        WHERE t.import_id = $1 AND (h.version IS DISTINCT FROM t.household_version
            OR a.retired_on IS NOT NULL
            OR r.version IS DISTINCT FROM t.resident_version
            OR e.id IS DISTINCT FROM t.open_enrolment_id
            OR e.version IS DISTINCT FROM t.enrolment_version
            OR c.version IS DISTINCT FROM t.contact_version
            OR o.id <> t.resident_id
            OR (t.resident_is_new AND EXISTS (SELECT 1 FROM resident n
                WHERE n.household_id = t.household_id AND n.name = t.name
                AND n.created_at > t.created_at))))",
};

/// A statement of the merge, and the rows it is for; without any it is left out.
pub type Step = (fn(&import_resident::Model) -> bool, &'static str);

/// The merge, in order: households before who lives in them, changes announced while the area before
/// can still be read.
pub const STEPS: [Step; 20] = [
    // Households.
    (
        |row| row.household_is_new,
        "INSERT INTO household (id, area_id, grid_id, unit, room, is_center, version, created_at, updated_at)
        SELECT household_id, area_id, grid_id, unit, room, is_center, 1, $2, $2
        FROM import_resident WHERE import_id = $1 AND household_is_new",
    ),
    (
        |row| row.household_is_new,
        "INSERT INTO household_place (id, household_id, area_id, from_on)
        SELECT place_id, household_id, area_id, $3
        FROM import_resident WHERE import_id = $1 AND household_is_new",
    ),
    (
        |row| row.household_changed,
        "UPDATE household SET is_center = s.is_center,
            version = household.version + 1, updated_at = $2
        FROM import_resident s
        WHERE s.import_id = $1 AND s.household_changed AND household.id = s.household_id",
    ),
    (
        |row| row.household_is_new || row.household_changed,
        "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'HOUSEHOLD', household_id, CASE WHEN household_is_new THEN NULL ELSE area_id END,
            area_id, 'UPSERT', $2
        FROM import_resident WHERE import_id = $1 AND (household_is_new OR household_changed)",
    ),
    // Residents; announced first, while the area before still stands in their rows.
    (
        |row| row.resident_is_new || row.resident_changed,
        "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'RESIDENT', s.resident_id, r.area_id, s.area_id, 'UPSERT', $2
        FROM import_resident s LEFT JOIN resident r ON r.id = s.resident_id
        WHERE s.import_id = $1 AND (s.resident_is_new OR s.resident_changed)",
    ),
    (
        |row| row.resident_changed,
        "UPDATE resident SET household_id = s.household_id, area_id = s.area_id, grid_id = s.grid_id,
            gender = s.gender, born_on = s.born_on, relation = s.relation,
            id_number_sealed = s.id_number_sealed, id_number_hash = s.id_number_hash,
            phone_sealed = s.phone_sealed, phone_hash = s.phone_hash,
            health_notes_sealed = s.health_notes_sealed,
            version = resident.version + 1, updated_at = $2
        FROM import_resident s
        WHERE s.import_id = $1 AND s.resident_changed AND resident.id = s.resident_id",
    ),
    (
        |row| row.resident_is_new,
        "INSERT INTO resident (id, household_id, area_id, grid_id, name, gender, born_on,
            id_number_sealed, id_number_hash, phone_sealed, phone_hash, health_notes_sealed, relation,
            version, created_at, updated_at)
        SELECT resident_id, household_id, area_id, grid_id, name, gender, born_on,
            id_number_sealed, id_number_hash, phone_sealed, phone_hash, health_notes_sealed, relation,
            1, $2, $2
        FROM import_resident WHERE import_id = $1 AND resident_is_new",
    ),
    // Stays. One that began today is corrected, so that no interval is empty.
    (
        |row| row.move_household,
        "UPDATE residence SET household_id = s.household_id FROM import_resident s
        WHERE s.import_id = $1 AND s.move_household AND residence.resident_id = s.resident_id
            AND residence.to_on IS NULL AND residence.from_on >= $3",
    ),
    (
        |row| row.move_household,
        "UPDATE residence SET to_on = $3 FROM import_resident s
        WHERE s.import_id = $1 AND s.move_household AND residence.resident_id = s.resident_id
            AND residence.to_on IS NULL AND residence.from_on < $3",
    ),
    (
        |row| row.residence_id.is_some(),
        "INSERT INTO residence (id, resident_id, household_id, from_on)
        SELECT s.residence_id, s.resident_id, s.household_id, $3 FROM import_resident s
        WHERE s.import_id = $1 AND s.residence_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM residence o WHERE o.resident_id = s.resident_id AND o.to_on IS NULL)",
    ),
    // Enrolments, announced first for the same reason. A pause goes on across a change of tier.
    (
        |row| matches!(row.enrolment_action, Action::Update | Action::Replace),
        "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'CARE_ENROLMENT', e.id, e.area_id,
            CASE WHEN s.enrolment_action = 'UPDATE' THEN s.area_id ELSE e.area_id END, 'UPSERT', $2
        FROM import_resident s JOIN care_enrolment e ON e.id = s.open_enrolment_id
        WHERE s.import_id = $1 AND s.enrolment_action IN ('UPDATE', 'REPLACE')",
    ),
    (
        |row| matches!(row.enrolment_action, Action::Update | Action::Replace),
        "UPDATE care_enrolment SET tier = s.tier, circumstances = s.circumstances,
            area_id = s.area_id, grid_id = s.grid_id,
            version = care_enrolment.version + 1, updated_at = $2
        FROM import_resident s
        WHERE s.import_id = $1 AND s.enrolment_action = 'UPDATE'
            AND care_enrolment.id = s.open_enrolment_id",
    ),
    (
        |row| matches!(row.enrolment_action, Action::Update | Action::Replace),
        "UPDATE care_enrolment SET to_on = $3, end_reason = '名单更新',
            version = care_enrolment.version + 1, updated_at = $2
        FROM import_resident s
        WHERE s.import_id = $1 AND s.enrolment_action = 'REPLACE'
            AND care_enrolment.id = s.open_enrolment_id",
    ),
    (
        |row| matches!(row.enrolment_action, Action::Insert | Action::Replace),
        "INSERT INTO care_enrolment (id, resident_id, area_id, grid_id, tier, circumstances, from_on,
            reason, paused_on, review_on, version, created_at, updated_at)
        SELECT s.enrolment_id, s.resident_id, s.area_id, s.grid_id, s.tier, s.circumstances, $3,
            CASE WHEN o.id IS NULL THEN '名单导入' ELSE '名单更新' END, o.paused_on, o.review_on,
            1, $2, $2
        FROM import_resident s LEFT JOIN care_enrolment o ON o.id = s.open_enrolment_id
        WHERE s.import_id = $1 AND s.enrolment_action IN ('INSERT', 'REPLACE')",
    ),
    (
        |row| row.enrolment_action == Action::Replace,
        "UPDATE care_pause SET to_on = $3 FROM import_resident s
        WHERE s.import_id = $1 AND s.enrolment_action = 'REPLACE'
            AND care_pause.enrolment_id = s.open_enrolment_id AND care_pause.to_on IS NULL",
    ),
    (
        |row| row.enrolment_action == Action::Replace,
        "INSERT INTO care_pause (id, enrolment_id, from_on, review_on)
        SELECT s.enrolment_id, s.enrolment_id, $3, o.review_on
        FROM import_resident s JOIN care_enrolment o ON o.id = s.open_enrolment_id
        WHERE s.import_id = $1 AND s.enrolment_action = 'REPLACE' AND o.review_on IS NOT NULL",
    ),
    (
        |row| matches!(row.enrolment_action, Action::Insert | Action::Replace),
        "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'CARE_ENROLMENT', enrolment_id, NULL, area_id, 'UPSERT', $2
        FROM import_resident WHERE import_id = $1 AND enrolment_action IN ('INSERT', 'REPLACE')",
    ),
    // Emergency contacts.
    (
        |row| row.contact_action == Action::Update,
        "UPDATE emergency_contact SET name = s.contact_name, phone_sealed = s.contact_phone_sealed,
            phone_hash = s.contact_phone_hash,
            version = emergency_contact.version + 1, updated_at = $2
        FROM import_resident s
        WHERE s.import_id = $1 AND s.contact_action = 'UPDATE' AND emergency_contact.id = s.contact_id",
    ),
    (
        |row| row.contact_action == Action::Insert,
        "INSERT INTO emergency_contact (id, resident_id, name, phone_sealed, phone_hash, position,
            version, created_at, updated_at)
        SELECT contact_id, resident_id, contact_name, contact_phone_sealed, contact_phone_hash, 1,
            1, $2, $2
        FROM import_resident WHERE import_id = $1 AND contact_action = 'INSERT'",
    ),
    (
        |row| row.contact_action != Action::None,
        "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
        SELECT 'EMERGENCY_CONTACT', contact_id,
            CASE WHEN contact_action = 'INSERT' THEN NULL ELSE area_id END, area_id, 'UPSERT', $2
        FROM import_resident WHERE import_id = $1 AND contact_action <> 'NONE'",
    ),
];

/// Takes the visits still to be made to people who moved along; announced first, as above.
pub fn visits_follow() -> [Cow<'static, str>; 2] {
    let states = TO_BE_MADE
        .iter()
        .map(|status| format!("'{}'", status.to_value()));
    let states = states.collect::<Vec<_>>().join(", ");
    [
        format!(
            "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
            SELECT 'VISIT_TASK', v.id, v.area_id, s.area_id, 'UPSERT', $2
            FROM import_resident s JOIN visit_task v ON v.resident_id = s.resident_id
            WHERE s.import_id = $1 AND s.move_household AND v.household_id <> s.household_id
                AND v.status IN ({states})"
        )
        .into(),
        format!(
            "UPDATE visit_task SET household_id = s.household_id, area_id = s.area_id,
                grid_id = s.grid_id, version = visit_task.version + 1, updated_at = $2
            FROM import_resident s
            WHERE s.import_id = $1 AND s.move_household AND visit_task.resident_id = s.resident_id
                AND visit_task.household_id <> s.household_id AND visit_task.status IN ({states})"
        )
        .into(),
    ]
}
