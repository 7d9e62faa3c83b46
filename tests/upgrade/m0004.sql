-- A community as the program of migration m0004 left it; `#7` is a primary key. Never changed.
INSERT INTO area (id, parent_id, kind, code, name, time_zone, version, created_at, updated_at) VALUES
  (#1, NULL, 'DISTRICT', '341191', '测试区', 'Asia/Shanghai', 1, @, @),
  (#2, #1, 'STREET', '341191001', '测试街道', 'Asia/Shanghai', 1, @, @),
  (#3, #2, 'COMMUNITY', '341191001001', '测试社区', 'Asia/Shanghai', 1, @, @),
  (#4, #3, 'COMPOUND', '341191001001.01', '测试小区', 'Asia/Shanghai', 1, @, @),
  (#5, #4, 'GRID', '341191001001.01.01', '第1网格', 'Asia/Shanghai', 1, @, @),
  (#6, #5, 'BUILDING', '341191001001.01.01.01', '1栋', 'Asia/Shanghai', 1, @, @);
INSERT INTO area_closure (ancestor_id, descendant_id, depth) VALUES
  (#1, #1, 0), (#2, #2, 0), (#3, #3, 0), (#4, #4, 0), (#5, #5, 0), (#6, #6, 0),
  (#1, #2, 1), (#2, #3, 1), (#3, #4, 1), (#4, #5, 1), (#5, #6, 1),
  (#1, #3, 2), (#2, #4, 2), (#3, #5, 2), (#4, #6, 2),
  (#1, #4, 3), (#2, #5, 3), (#3, #6, 3), (#1, #5, 4), (#2, #6, 4), (#1, #6, 5);
INSERT INTO account (id, phone_sealed, phone_hash, name, status, access_changed_at, created_at, updated_at) VALUES
  (#10, 'sealed', 'hash-10', '周建国', 'ACTIVE', @, @, @),
  (#11, 'sealed', 'hash-11', '陈静', 'ACTIVE', @, @, @);
INSERT INTO role_grant (id, account_id, role, area_id, valid_from, created_at) VALUES
  (#12, #10, 'GRID_LEAD', #5, @, @),
  (#13, #11, 'VOLUNTEER', #5, @, @);
INSERT INTO household (id, area_id, grid_id, unit, room, created_at, updated_at) VALUES
  (#20, #6, #5, '1', '101', @, @);
INSERT INTO household_place (id, household_id, area_id, from_on) VALUES (#21, #20, #6, '2026-01-05');
INSERT INTO resident (id, household_id, area_id, grid_id, name, gender, born_on, created_at, updated_at) VALUES
  (#22, #20, #6, #5, '李秀英', 'FEMALE', '1940-05-06', @, @);
INSERT INTO residence (id, resident_id, household_id, from_on) VALUES (#23, #22, #20, '2026-01-05');
INSERT INTO care_enrolment (id, resident_id, area_id, grid_id, tier, circumstances, from_on, paused_on, review_on, created_at, updated_at) VALUES
  (#24, #22, #6, #5, 'HIGH_RISK', 33, '2026-01-05', '2026-03-01', '2026-03-20', @, @);
INSERT INTO emergency_contact (id, resident_id, name, created_at, updated_at) VALUES (#25, #22, '王芳', @, @);
INSERT INTO visit_task (id, kind, status, household_id, resident_id, area_id, grid_id, starts_at, due_at, planned_by,
    claimed_by, claimed_at, lease_until, reported_by, reported_at, occurred_at, outcome, method, created_at, updated_at) VALUES
  (#30, 'HOME_VISIT', 'OPEN', #20, #22, #6, #5, @, @, #10, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, @, @),
  (#31, 'HOME_VISIT', 'REPORTED', #20, #22, #6, #5, @, @, #10, #11, @, @, #11, @, @, 'SEEN_WELL', 'IN_PERSON', @, @);
INSERT INTO visit_attempt (id, visit_task_id, account_id, reason, occurred_at, recorded_at) VALUES
  (#32, #31, #11, 'NOT_AT_HOME', @, @);
INSERT INTO visit_report (id, visit_task_id, revision, account_id, outcome, method, occurred_at, recorded_at) VALUES
  (#33, #31, 1, #11, 'SEEN_WELL', 'IN_PERSON', @, @);
INSERT INTO change (kind, object_id, area_after, op, at) VALUES ('VISIT_TASK', #31, #6, 'UPSERT', @);
