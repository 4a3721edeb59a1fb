-- A made-up city as the screening stage sees it: one row per person, one fact table per item. Deterministic: every
-- value is a hash of the child and what it speaks of. {children} children, 24 months up to September 2026.
CREATE MACRO chance(seed, part) AS (hash(seed, part) % 100000) / 100000.0;
CREATE TABLE person AS
WITH child AS (
  SELECT i AS child, i // 2 AS house,
    (DATE '2026-09-30' - (hash(i, 'born') % 6570)::INTEGER) AS birth_date
  FROM range({children}) t(i)
)
SELECT child::INTEGER AS child, 'P' || lpad(child::VARCHAR, 16, '0') AS person_id, birth_date, 'read' AS register_state,
  'H' || house AS household_id,
  CASE WHEN chance(child, 'came') < 0.08 THEN birth_date + ((hash(child, 'when') % 3000)::INTEGER) END AS resident_from,
  CASE WHEN chance(child, 'left') < 0.02 THEN DATE '2026-06-30' END AS resident_until,
  CASE WHEN year(birth_date) BETWEEN 2010 AND 2020 THEN 'S' || (hash(house, 'school') % 60) END AS school
FROM child
UNION ALL
SELECT ({children} + a)::INTEGER, 'A' || lpad(a::VARCHAR, 16, '0'), DATE '1985-05-05' - ((hash(a, 'age') % 4000)::INTEGER),
  'read', 'H' || (a // 2), NULL, NULL, NULL
FROM range({children}) t(a)
WHERE a % 2 = 0 OR chance(a // 2, 'two') < 0.8;
UPDATE person SET resident_from = NULL WHERE resident_from > DATE '2026-09-30';

CREATE TABLE pupil AS
SELECT child, school, birth_date FROM person
WHERE child < {children} AND birth_date >= DATE '2010-04-02' AND birth_date < DATE '2020-04-02';
CREATE TABLE school_month AS
SELECT m::DATE AS month FROM range(DATE '2024-10-01', DATE '2026-10-01', INTERVAL 1 MONTH) t(m) WHERE month(m) <> 8;

CREATE MACRO known(seed, part) AS CASE WHEN chance(seed, part || 'state') < 0.004 THEN 'unknown' ELSE 'known' END;
CREATE MACRO place(part, seed) AS part || '/' || part || '_R08.csv';

CREATE TABLE fact_absent_days AS
SELECT child, month AS on_day, NULL::DATE AS until, NULL::VARCHAR AS label, NULL::VARCHAR AS text,
  (CASE WHEN chance(child, 'away') < 0.03 THEN hash(child, month) % 14 ELSE hash(child, month) % 4 END)::DECIMAL(18, 6)
    AS number,
  known(child, month::VARCHAR) AS state, TIMESTAMP '2026-10-01 09:00:00' + INTERVAL (r) HOUR AS recorded_at,
  'shukketsu' AS holder, place('shukketsu', child) AS file, (child * 24 + month(month) + r)::INTEGER AS row
FROM pupil, school_month, range(2) t(r)
WHERE (r = 0 OR chance(child, month::VARCHAR || 'twice') < 0.002) AND chance(child, month::VARCHAR || 'row') > 0.002
ORDER BY child, on_day;

CREATE TABLE fact_school_fee AS
SELECT child, month AS on_day, NULL::DATE AS until, NULL::VARCHAR AS label,
  CASE WHEN chance(child, 'poor') < 0.08 AND chance(child, month::VARCHAR || 'fee') < 0.5 THEN 'unpaid' ELSE 'paid' END AS text,
  NULL::DECIMAL(18, 6) AS number, known(child, month::VARCHAR || 'f') AS state, NULL::TIMESTAMP AS recorded_at,
  'kyushoku' AS holder, place('kyushoku', child) AS file, (child * 24 + month(month) + r)::INTEGER AS row
FROM pupil, school_month, range(2) t(r)
WHERE (r = 0 OR chance(child, month::VARCHAR || 'feetwice') < 0.001) AND chance(child, month::VARCHAR || 'frow') > 0.002
ORDER BY child, on_day;

CREATE TABLE fact_infirmary_visit AS
SELECT child, month + ((hash(child, month, r) % 28)::INTEGER) AS on_day, NULL::DATE AS until, NULL::VARCHAR AS label,
  NULL::VARCHAR AS text, NULL::DECIMAL(18, 6) AS number, known(child, month::VARCHAR || 'v') AS state,
  NULL::TIMESTAMP AS recorded_at, 'hokenshitsu' AS holder, place('hokenshitsu', child) AS file,
  (child * 24 + month(month) * 2 + r)::INTEGER AS row
FROM pupil, school_month, range(6) t(r)
WHERE chance(child, month::VARCHAR || 'visit' || r) < CASE WHEN chance(child, 'sick') < 0.03 THEN 0.6 ELSE 0.05 END
ORDER BY child, on_day;

CREATE MACRO yearly(part, low, high) AS TABLE
SELECT p.child, y.starts AS on_day, NULL::DATE AS until, NULL::VARCHAR AS label, NULL::VARCHAR AS text,
  (low + (hash(p.child, part) % 1000) * (high - low) / 1000.0 + ((hash(p.child, y.starts, part) % 100)::INTEGER - 50) * (high - low) / 1000.0)
    ::DECIMAL(18, 2)::DECIMAL(18, 6) AS number,
  known(p.child, part || y.starts::VARCHAR) AS state, NULL::TIMESTAMP AS recorded_at, 'kyoiku' AS holder,
  place('kyoiku', p.child) AS file, (p.child * 2 + year(y.starts))::INTEGER AS row
FROM pupil p, (VALUES (DATE '2025-04-01'), (DATE '2026-04-01')) y(starts)
WHERE chance(p.child, part || y.starts::VARCHAR || 'row') > 0.02
ORDER BY 1, 2;
CREATE TABLE fact_test_japanese AS FROM yearly('test_japanese', 36, 64);
CREATE TABLE fact_test_math AS FROM yearly('test_math', 36, 64);
CREATE TABLE fact_q_self AS FROM yearly('q_self', 2.1, 4.9);
CREATE TABLE fact_q_grit AS FROM yearly('q_grit', 2.1, 4.9);
CREATE TABLE fact_q_family AS FROM yearly('q_family', 2.1, 4.9);
CREATE TABLE fact_q_friends AS FROM yearly('q_friends', 2.1, 4.9);
CREATE TABLE fact_q_habits AS FROM yearly('q_habits', 2.1, 4.9);

CREATE MACRO coded(part, codes) AS TABLE
SELECT p.child, y.starts AS on_day, NULL::DATE AS until, NULL::VARCHAR AS label, codes[(1 + hash(p.child, part) % len(codes)::UBIGINT)::INTEGER] AS text,
  NULL::DECIMAL(18, 6) AS number, known(p.child, part || y.starts::VARCHAR) AS state, NULL::TIMESTAMP AS recorded_at,
  part AS holder, place(part, p.child) AS file, (p.child * 2 + year(y.starts))::INTEGER AS row
FROM person p, (VALUES (DATE '2025-04-01'), (DATE '2026-04-01')) y(starts);
CREATE TABLE fact_tax_class AS
SELECT * FROM coded('tax_class', ['taxed', 'taxed', 'taxed', 'taxed', 'taxed', 'exempt', 'per_capita', 'taxed', 'taxed', 'undeclared'])
WHERE child >= {children} AND chance(child, 'liable') < 0.98 ORDER BY child, on_day;
CREATE TABLE fact_school_aid AS
SELECT * FROM coded('school_aid', ['semi_protected', 'semi_protected', 'refused', 'protected'])
WHERE child IN (SELECT child FROM pupil) AND chance(child, 'aid') < 0.14 ORDER BY child, on_day;
CREATE TABLE fact_rearing_allowance AS
SELECT * FROM coded('rearing_allowance', ['full', 'partial', 'suspended'])
WHERE child < {children} AND chance(child, 'allow') < 0.11 ORDER BY child, on_day;
CREATE TABLE fact_enrolment AS
SELECT * FROM coded('enrolment', ['municipal', 'municipal', 'municipal', 'municipal', 'municipal', 'municipal', 'private'])
WHERE child IN (SELECT child FROM pupil) AND chance(child, 'enrol') < 0.99 ORDER BY child, on_day;
CREATE TABLE fact_roster AS
SELECT * FROM coded('roster', ['municipal']) WHERE child IN (SELECT child FROM pupil) ORDER BY child, on_day;

CREATE MACRO period(part, share, codes) AS TABLE
SELECT child, DATE '2024-01-01' + ((hash(child, part) % 900)::INTEGER) AS on_day,
  CASE WHEN chance(child, part || 'end') < 0.3 THEN DATE '2026-03-31' + ((hash(child, part) % 300)::INTEGER) END AS until,
  NULL::VARCHAR AS label, codes[(1 + hash(child, part) % len(codes)::UBIGINT)::INTEGER] AS text, NULL::DECIMAL(18, 6) AS number,
  'known' AS state, NULL::TIMESTAMP AS recorded_at, part AS holder, place(part, child) AS file, child AS row
FROM person WHERE child < {children} AND chance(child, part || 'has') < share ORDER BY child;
CREATE TABLE fact_assistance AS FROM period('assistance', 0.02, [NULL]);
CREATE TABLE fact_council_register AS FROM period('council_register', 0.008, ['protection', 'support', 'support', 'other']);
CREATE TABLE fact_report AS
SELECT * REPLACE (CASE WHEN text = 'a' THEN 'notification' ELSE 'consultation' END AS text, NULL::DATE AS until)
FROM period('report', 0.02, ['a', 'b']);

CREATE TABLE fact_mood AS
SELECT child, day::DATE AS on_day, NULL::DATE AS until, school AS label,
  CASE WHEN chance(child, day::VARCHAR) < CASE WHEN chance(child, 'low') < 0.05 THEN 0.65 ELSE 0.2 END
    THEN 'rainy' ELSE 'sunny' END AS text,
  NULL::DECIMAL(18, 6) AS number, known(child, day::VARCHAR || 'm') AS state, TIMESTAMP '2026-06-01 08:00:00' AS recorded_at,
  'kokoro' AS holder, place('kokoro', child) AS file, (child * 100 + dayofyear(day))::INTEGER AS row
FROM pupil, range(DATE '2026-06-01', DATE '2026-10-01', INTERVAL 1 DAY) t(day), range(2) d(r)
WHERE hash(school) % 3 = 0 AND isodow(day) < 6 AND month(day) <> 8 AND chance(child, day::VARCHAR || 'answer') < 0.7
  AND (r = 0 OR chance(child, day::VARCHAR || 'mtwice') < 0.001)
ORDER BY child, on_day;

CREATE TABLE fact_checkup AS
SELECT p.child, p.birth_date + d.days AS on_day, NULL::DATE AS until, d.label,
  CASE WHEN chance(p.child, d.label) < 0.04 THEN 'not_seen' ELSE 'seen' END AS text, NULL::DECIMAL(18, 6) AS number,
  known(p.child, d.label) AS state, NULL::TIMESTAMP AS recorded_at, 'boshi' AS holder, place('boshi', p.child) AS file,
  (p.child * 3 + d.days)::INTEGER AS row
FROM person p, (VALUES ('4か月児健診', 130), ('1歳6か月児健診', 570), ('3歳児健診', 1150)) d(label, days)
WHERE p.child < {children} AND p.birth_date + d.days <= DATE '2026-09-30' AND chance(p.child, d.label || 'row') > 0.01
ORDER BY p.child;

CREATE TABLE fact_vaccination AS
SELECT p.child, p.birth_date + 30 * d.month AS on_day, NULL::DATE AS until, d.label, NULL::VARCHAR AS text,
  NULL::DECIMAL(18, 6) AS number, known(p.child, d.label) AS state, NULL::TIMESTAMP AS recorded_at, 'boshi' AS holder,
  place('boshi', p.child) AS file, (p.child * 12 + d.month)::INTEGER AS row
FROM person p, (VALUES ('五種混合1期初回1', 2), ('五種混合1期初回2', 3), ('五種混合1期初回3', 4), ('小児用肺炎球菌1', 2),
  ('小児用肺炎球菌2', 3), ('B型肝炎1', 2), ('BCG', 5), ('MR1期', 12), ('水痘1', 12), ('五種混合追加', 12), ('水痘2', 18),
  ('日本脳炎1', 36)) d(label, month)
WHERE p.child < {children} AND p.birth_date >= DATE '2019-04-02' AND p.birth_date + 30 * d.month <= DATE '2026-09-30'
  AND chance(p.child, d.label || 'given') > CASE WHEN chance(p.child, 'late') < 0.05 THEN 0.5 ELSE 0.02 END
ORDER BY p.child;
DROP TABLE pupil;

-- Persons of a household follow one another, as the screening stage numbers them; a part of the city is whole households.
CREATE MACRO placed(c) AS
  (CASE WHEN c < {children} THEN 4 * (c // 2) + c % 2 ELSE 4 * ((c - {children}) // 2) + 2 + (c - {children}) % 2 END)::INTEGER + 1;
