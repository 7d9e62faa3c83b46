//! Nuanlin's tables as sea-orm entities: rows, columns and stored values, no behaviour.
//!
//! One file per table, named as the table. The schema itself is made by the `migration` crate.
//!
//! | theme | tables |
//! |---|---|
//! | places | [`area`], [`area_closure`], [`area_successor`] |
//! | accounts | [`account`], [`role_grant`], [`session`], [`refresh_token`] |
//! | people | [`household`], [`household_place`], [`resident`], [`residence`], [`care_enrolment`], [`care_pause`], [`emergency_contact`] |
//! | visits | [`care_rule`], [`visit_round`], [`visit_task`], [`visit_attempt`], [`visit_report`], [`coverage_month`], [`coverage_person`] |
//! | reports | [`visit_claim`], [`contact_card`], [`verification_rule`], [`kind_requirement`] |
//! | alarms, findings | [`alarm`], [`alarm_step`], [`finding`], [`finding_visit_task`] |
//! | meals | [`meal_list`], [`meal_recipient`], [`meal_batch`] |
//! | certification | [`beneficiary`], [`certification_round`], [`certification_session`], [`certification_check`], [`certification_attempt`], [`certification_correction`], [`certification_hand_over`], [`attachment`] |
//! | accompaniments | [`accompaniment`] |
//! | partners, offers | [`partner`], [`partner_area`], [`partner_member`], [`service_offer`], [`offer_area`], [`service_package`], [`package_offer`], [`slot_series`], [`slot_exception`], [`service_slot`] |
//! | wishes | [`wish`], [`booking`], [`wish_hand`], [`wish_word`] |
//! | duty | [`absence`], [`duty_shift`], [`escalation`], [`notice`] |
//! | volunteers | [`volunteer_profile`], [`volunteer_training`], [`volunteer_award`], [`service_correction`] |
//! | records | [`idempotency_key`], [`audit_entry`], [`audit_detail`], [`audit_subject`], [`change`], [`epoch`], [`job`] |
//! | staging of imports | [`import_area`], [`import_resident`], [`import_account`], [`import_beneficiary`] |
//!
//! # What every table keeps to
//! - `id` is a `UUIDv7`. Columns in `*_at` are instants in UTC, in `*_on` dates of the area's time zone.
//! - Of an interval `from_on`, `to_on` the first day belongs to it, the last doesn't.
//! - `*_sealed` is encrypted and opened in `access` only; `*_hash` is a hash (keyed, for personal
//!   data) that is searched for or must be unique. "Protected" columns are shown in full, masked or
//!   not at all, as the reader's roles, scope and live claims allow.
//! - `version` is raised on every write, so that an edit of an outdated copy can be refused.
//! - Relations lead to the rows a row belongs to, never to its children: those can't be scoped.

pub mod bits;
pub mod circumstances;
pub mod enums;

pub mod area;
pub mod area_closure;
pub mod area_successor;

pub mod account;
pub mod refresh_token;
pub mod role_grant;
pub mod session;

pub mod care_enrolment;
pub mod care_pause;
pub mod emergency_contact;
pub mod household;
pub mod household_place;
pub mod residence;
pub mod resident;

pub mod care_rule;
pub mod coverage_month;
pub mod coverage_person;
pub mod visit_attempt;
pub mod visit_report;
pub mod visit_task;

pub mod attachment;
pub mod beneficiary;
pub mod certification_attempt;
pub mod certification_check;
pub mod certification_correction;
pub mod certification_hand_over;
pub mod certification_round;
pub mod certification_session;

pub mod absence;
pub mod accompaniment;
pub mod alarm;
pub mod alarm_step;
pub mod contact_card;
pub mod duty_shift;
pub mod escalation;
pub mod finding;
pub mod finding_visit_task;
pub mod kind_requirement;
pub mod meal_batch;
pub mod meal_list;
pub mod meal_recipient;
pub mod notice;
pub mod service_correction;
pub mod verification_rule;
pub mod visit_claim;
pub mod visit_round;
pub mod volunteer_award;
pub mod volunteer_profile;
pub mod volunteer_training;

pub mod audit_detail;
pub mod audit_entry;
pub mod audit_subject;
pub mod change;
pub mod epoch;
pub mod idempotency_key;
pub mod job;

pub mod import_account;
pub mod import_area;
pub mod import_beneficiary;
pub mod import_resident;

pub mod offer_area;
pub mod package_offer;
pub mod partner;
pub mod partner_area;
pub mod partner_member;
pub mod service_offer;
pub mod service_package;
pub mod service_slot;
pub mod slot_exception;
pub mod slot_series;

pub mod booking;
pub mod wish;
pub mod wish_hand;
pub mod wish_word;
