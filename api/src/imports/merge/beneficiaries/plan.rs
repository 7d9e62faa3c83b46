//! The set-wise statements that merge a staged roster of beneficiaries.

use super::super::stage::Plan;

pub const PLAN: Plan = Plan {
    action: "import:beneficiaries",
    table: "import_beneficiary",
    holds: &["beneficiary"],
    epoch: None,
    stale: "SELECT s.ordinal FROM import_beneficiary s
        JOIN area a ON a.id = s.area_id
        LEFT JOIN beneficiary b ON b.id = s.beneficiary_id
        LEFT JOIN beneficiary o ON o.id_number_hash = s.id_number_hash
        LEFT JOIN beneficiary m ON m.resident_id = s.resident_id
        LEFT JOIN resident r ON r.id = s.resident_id
        WHERE s.import_id = $1 AND (b.version IS DISTINCT FROM s.expected_version
            OR (s.expected_version IS NULL AND a.retired_on IS NOT NULL)
            OR o.id <> s.beneficiary_id
            OR m.id <> s.beneficiary_id
            OR (s.is_newly_matched AND (r.id_number_hash IS DISTINCT FROM s.id_number_hash
                OR r.name <> s.name)))",
};

/// The merge, in order: changed records first, so that a resident is free for whom a row matches.
pub const STATEMENTS: [&str; 3] = [
    "UPDATE beneficiary SET resident_id = s.resident_id, gender = s.gender, born_on = s.born_on,
        id_number_sealed = s.id_number_sealed, id_number_hash = s.id_number_hash,
        phone_sealed = s.phone_sealed, phone_hash = s.phone_hash, category = s.category,
        certificate_number = s.certificate_number, registered_elsewhere = s.registered_elsewhere,
        home_area_id = s.home_area_id, institution = s.institution, is_immobile = s.is_immobile,
        preferred_channel = s.preferred_channel,
        version = beneficiary.version + 1, updated_at = $2
    FROM import_beneficiary s
    WHERE s.import_id = $1 AND s.expected_version IS NOT NULL AND beneficiary.id = s.beneficiary_id",
    "INSERT INTO beneficiary (id, resident_id, match_decided, area_id, grid_id, name, gender, born_on,
        id_number_sealed, id_number_hash, phone_sealed, phone_hash, category, certificate_number,
        registered_elsewhere, home_area_id, institution, is_immobile, preferred_channel,
        version, created_at, updated_at)
    SELECT beneficiary_id, resident_id, FALSE, area_id, grid_id, name, gender, born_on,
        id_number_sealed, id_number_hash, phone_sealed, phone_hash, category, certificate_number,
        registered_elsewhere, home_area_id, institution, is_immobile, preferred_channel,
        1, $2, $2
    FROM import_beneficiary WHERE import_id = $1 AND expected_version IS NULL",
    "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
    SELECT 'BENEFICIARY', beneficiary_id,
        CASE WHEN expected_version IS NULL THEN NULL ELSE area_id END, area_id, 'UPSERT', $2
    FROM import_beneficiary WHERE import_id = $1",
];
