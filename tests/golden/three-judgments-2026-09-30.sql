-- whole
CREATE OR REPLACE TABLE x19_mood_series AS
SELECT label, min(on_day) AS since
FROM (
  SELECT label, on_day, row_number() OVER (PARTITION BY label ORDER BY on_day DESC) AS place
  FROM (
    SELECT DISTINCT label, on_day FROM "whole_mood"
    WHERE on_day <= DATE '2026-09-30' AND on_day > DATE '2025-09-30' AND label IS NOT NULL
  )
)
WHERE place <= 40
GROUP BY label;

-- judged
CREATE OR REPLACE TABLE x1_assistance AS
WITH
x1_assistance AS (
  SELECT child,
    coalesce(bool_or(state = 'known'), FALSE) AS holds,
    max(on_day) FILTER (state = 'known') AS since,
    bool_or(state <> 'known') AS doubtful
  FROM "fact_assistance"
  WHERE (on_day IS NULL OR on_day <= DATE '2026-09-30') AND (until IS NULL OR until > DATE '2026-09-30')
  GROUP BY child
)
SELECT * FROM x1_assistance;

CREATE OR REPLACE TABLE x2_school_aid AS
WITH
x2_school_aid_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN text END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_school_aid"
  WHERE (on_day IN (DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x2_school_aid_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_school_aid"
        WHERE on_day IN (DATE '2026-04-01') AND child IN (SELECT child FROM x2_school_aid_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x2_school_aid AS (
  SELECT child, d202604, seen, stray FROM x2_school_aid_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, r.seen, r.stray
  FROM x2_school_aid_settled s JOIN x2_school_aid_rows r USING (child)
)
SELECT * FROM x2_school_aid;

CREATE OR REPLACE TABLE x3_rearing_allowance AS
WITH
x3_rearing_allowance_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN text END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_rearing_allowance"
  WHERE (on_day IN (DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x3_rearing_allowance_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_rearing_allowance"
        WHERE on_day IN (DATE '2026-04-01') AND child IN (SELECT child FROM x3_rearing_allowance_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x3_rearing_allowance AS (
  SELECT child, d202604, seen, stray FROM x3_rearing_allowance_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, r.seen, r.stray
  FROM x3_rearing_allowance_settled s JOIN x3_rearing_allowance_rows r USING (child)
)
SELECT * FROM x3_rearing_allowance;

CREATE OR REPLACE TABLE x4_tax_class AS
WITH
x4_tax_class_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN text END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_tax_class"
  WHERE (on_day IN (DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x4_tax_class_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_tax_class"
        WHERE on_day IN (DATE '2026-04-01') AND child IN (SELECT child FROM x4_tax_class_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x4_tax_class AS (
  SELECT child, d202604, seen, stray FROM x4_tax_class_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, r.seen, r.stray
  FROM x4_tax_class_settled s JOIN x4_tax_class_rows r USING (child)
)
SELECT * FROM x4_tax_class;

CREATE OR REPLACE TABLE x5_tax_class AS
WITH
x5_tax_class AS (
  SELECT household_id,
    CASE
      WHEN bool_or(value = 'taxed') THEN 'taxed'
      WHEN bool_or(value = 'unknown') THEN NULL
      WHEN bool_or(value = 'per_capita') THEN 'per_capita'
      WHEN bool_or(value = 'exempt') THEN 'exempt'
    END AS value
  FROM (
    SELECT p.household_id, CASE WHEN a.d202604 IS NULL OR a.d202604 IN ('undeclared') THEN 'unknown' ELSE a.d202604 END AS value
    FROM person p
    LEFT JOIN x4_tax_class a ON a.child = p.child
    WHERE p.register_state <> 'absent' AND (p.resident_from IS NULL OR p.resident_from <= DATE '2026-09-30') AND (p.resident_until IS NULL OR p.resident_until > DATE '2026-09-30') AND (p.birth_date IS NULL OR p.birth_date <= DATE '2008-01-01')
  )
  WHERE household_id IS NOT NULL
  GROUP BY household_id
)
SELECT * FROM x5_tax_class;

CREATE OR REPLACE TABLE x6_school_fee AS
WITH
x6_school_fee_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-05-01') AS d202605,
    max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-06-01') AS d202606,
    max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-07-01') AS d202607,
    max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-09-01') AS d202609,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_school_fee"
  WHERE (on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') OR on_day IS NULL)
  GROUP BY child
),
x6_school_fee_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604,
    max(value) FILTER (on_day = DATE '2026-05-01') AS d202605,
    max(value) FILTER (on_day = DATE '2026-06-01') AS d202606,
    max(value) FILTER (on_day = DATE '2026-07-01') AS d202607,
    max(value) FILTER (on_day = DATE '2026-09-01') AS d202609
  FROM (
    SELECT child, on_day, (value IN ('unpaid'))::INTEGER AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_school_fee"
        WHERE on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') AND child IN (SELECT child FROM x6_school_fee_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x6_school_fee AS (
  SELECT child, d202604, d202605, d202606, d202607, d202609, seen, stray FROM x6_school_fee_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, s.d202605, s.d202606, s.d202607, s.d202609, r.seen, r.stray
  FROM x6_school_fee_settled s JOIN x6_school_fee_rows r USING (child)
)
SELECT * FROM x6_school_fee;

CREATE OR REPLACE TABLE x7_test_japanese AS
WITH
x7_test_japanese_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_test_japanese"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x7_test_japanese_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_test_japanese"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x7_test_japanese_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x7_test_japanese AS (
  SELECT child, d202504, d202604, seen, stray FROM x7_test_japanese_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x7_test_japanese_settled s JOIN x7_test_japanese_rows r USING (child)
)
SELECT * FROM x7_test_japanese;

CREATE OR REPLACE TABLE x8_test_math AS
WITH
x8_test_math_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_test_math"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x8_test_math_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_test_math"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x8_test_math_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x8_test_math AS (
  SELECT child, d202504, d202604, seen, stray FROM x8_test_math_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x8_test_math_settled s JOIN x8_test_math_rows r USING (child)
)
SELECT * FROM x8_test_math;

CREATE OR REPLACE TABLE x9_absent_days AS
WITH
x9_absent_days_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-05-01') AS d202605,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-06-01') AS d202606,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-07-01') AS d202607,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-09-01') AS d202609,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_absent_days"
  WHERE (on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') OR on_day IS NULL)
  GROUP BY child
),
x9_absent_days_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604,
    max(value) FILTER (on_day = DATE '2026-05-01') AS d202605,
    max(value) FILTER (on_day = DATE '2026-06-01') AS d202606,
    max(value) FILTER (on_day = DATE '2026-07-01') AS d202607,
    max(value) FILTER (on_day = DATE '2026-09-01') AS d202609
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_absent_days"
        WHERE on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') AND child IN (SELECT child FROM x9_absent_days_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x9_absent_days AS (
  SELECT child, d202604, d202605, d202606, d202607, d202609, seen, stray FROM x9_absent_days_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, s.d202605, s.d202606, s.d202607, s.d202609, r.seen, r.stray
  FROM x9_absent_days_settled s JOIN x9_absent_days_rows r USING (child)
)
SELECT * FROM x9_absent_days;

CREATE OR REPLACE TABLE x10_q_self AS
WITH
x10_q_self_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_q_self"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x10_q_self_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_q_self"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x10_q_self_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x10_q_self AS (
  SELECT child, d202504, d202604, seen, stray FROM x10_q_self_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x10_q_self_settled s JOIN x10_q_self_rows r USING (child)
)
SELECT * FROM x10_q_self;

CREATE OR REPLACE TABLE x11_q_grit AS
WITH
x11_q_grit_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_q_grit"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x11_q_grit_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_q_grit"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x11_q_grit_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x11_q_grit AS (
  SELECT child, d202504, d202604, seen, stray FROM x11_q_grit_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x11_q_grit_settled s JOIN x11_q_grit_rows r USING (child)
)
SELECT * FROM x11_q_grit;

CREATE OR REPLACE TABLE x12_q_family AS
WITH
x12_q_family_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_q_family"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x12_q_family_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_q_family"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x12_q_family_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x12_q_family AS (
  SELECT child, d202504, d202604, seen, stray FROM x12_q_family_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x12_q_family_settled s JOIN x12_q_family_rows r USING (child)
)
SELECT * FROM x12_q_family;

CREATE OR REPLACE TABLE x13_q_friends AS
WITH
x13_q_friends_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_q_friends"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x13_q_friends_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_q_friends"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x13_q_friends_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x13_q_friends AS (
  SELECT child, d202504, d202604, seen, stray FROM x13_q_friends_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x13_q_friends_settled s JOIN x13_q_friends_rows r USING (child)
)
SELECT * FROM x13_q_friends;

CREATE OR REPLACE TABLE x14_q_habits AS
WITH
x14_q_habits_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_q_habits"
  WHERE (on_day IN (DATE '2025-04-01', DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x14_q_habits_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2025-04-01') AS d202504,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
          THEN min(number) END AS value
      FROM (
        SELECT child, on_day, number, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_q_habits"
        WHERE on_day IN (DATE '2025-04-01', DATE '2026-04-01') AND child IN (SELECT child FROM x14_q_habits_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x14_q_habits AS (
  SELECT child, d202504, d202604, seen, stray FROM x14_q_habits_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202504, s.d202604, r.seen, r.stray
  FROM x14_q_habits_settled s JOIN x14_q_habits_rows r USING (child)
)
SELECT * FROM x14_q_habits;

CREATE OR REPLACE TABLE x15_infirmary_visit AS
WITH
x15_infirmary_visit AS (
  SELECT child,
    count(*) FILTER (state = 'known' AND on_day >= DATE '2026-06-01' AND on_day < DATE '2026-07-01' AND on_day <= DATE '2026-09-30') AS d202606
    ,bool_or(state <> 'known' AND on_day >= DATE '2026-06-01' AND on_day < DATE '2026-07-01') AS u202606
    ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-07-01' AND on_day < DATE '2026-08-01' AND on_day <= DATE '2026-09-30') AS d202607
    ,bool_or(state <> 'known' AND on_day >= DATE '2026-07-01' AND on_day < DATE '2026-08-01') AS u202607
    ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-09-01' AND on_day < DATE '2026-10-01' AND on_day <= DATE '2026-09-30') AS d202609
    ,bool_or(state <> 'known' AND on_day >= DATE '2026-09-01' AND on_day < DATE '2026-10-01') AS u202609,
    bool_or(on_day IS NULL) AS stray
  FROM "fact_infirmary_visit"
  WHERE ((on_day >= DATE '2026-06-01' AND on_day < DATE '2026-10-01') OR on_day IS NULL)
  GROUP BY child
)
SELECT * FROM x15_infirmary_visit;

CREATE OR REPLACE TABLE x16_council_register AS
WITH
x16_council_register AS (
  SELECT child,
    coalesce(bool_or(state = 'known' AND text IN ('protection')), FALSE) AS holds,
    max(on_day) FILTER (state = 'known' AND text IN ('protection')) AS since,
    bool_or(state <> 'known') AS doubtful
  FROM "fact_council_register"
  WHERE (on_day IS NULL OR on_day <= DATE '2026-09-30') AND (until IS NULL OR until > DATE '2026-09-30')
  GROUP BY child
)
SELECT * FROM x16_council_register;

CREATE OR REPLACE TABLE x17_council_register AS
WITH
x17_council_register AS (
  SELECT child,
    coalesce(bool_or(state = 'known' AND text IN ('support', 'other')), FALSE) AS holds,
    max(on_day) FILTER (state = 'known' AND text IN ('support', 'other')) AS since,
    bool_or(state <> 'known') AS doubtful
  FROM "fact_council_register"
  WHERE (on_day IS NULL OR on_day <= DATE '2026-09-30') AND (until IS NULL OR until > DATE '2026-09-30')
  GROUP BY child
)
SELECT * FROM x17_council_register;

CREATE OR REPLACE TABLE x18_report AS
WITH
x18_report AS (
  SELECT child,
    count(*) FILTER (state = 'known' AND on_day IS NOT NULL AND text IN ('notification')) AS n,
    max(on_day) FILTER (state = 'known' AND text IN ('notification')) AS newest,
    bool_or(state <> 'known' OR on_day IS NULL) AS doubtful
  FROM "fact_report"
  WHERE (on_day > DATE '2025-09-30' AND on_day <= DATE '2026-09-30') OR on_day IS NULL
  GROUP BY child
)
SELECT * FROM x18_report;

CREATE OR REPLACE TABLE x19_mood AS
WITH
x19_mood_own AS (
  SELECT child, max({'on_day': on_day, 'label': label}).label AS label
  FROM "fact_mood"
  WHERE on_day <= DATE '2026-09-30' AND on_day > DATE '2025-09-30' AND label IS NOT NULL
    AND child IN (SELECT child FROM person WHERE school IS NULL)
  GROUP BY child
),
x19_mood_rows AS (
  SELECT f.child, count(CASE WHEN f.state = 'known' AND f.text IS NOT NULL THEN 1 END) AS answers, max(CASE WHEN f.state = 'known' AND f.text IS NOT NULL THEN 2 * epoch(f.on_day)::BIGINT + (f.text IN ('rainy', 'thunder'))::INTEGER END, 20) AS newest,
    count(*) <> bit_count(bitstring_agg(date_diff('day', f.on_day, DATE '2026-09-30'), 0, 364)) AS doubled
  FROM "fact_mood" f
  JOIN person p ON p.child = f.child
  LEFT JOIN x19_mood_own o ON o.child = f.child
  JOIN x19_mood_series s ON s.label = f.label
  WHERE f.on_day <= DATE '2026-09-30' AND f.on_day >= s.since AND f.label = coalesce(p.school, o.label)
  GROUP BY f.child
),
x19_mood_newest AS (
  SELECT child, answers, newest FROM x19_mood_rows WHERE NOT doubled
  UNION ALL
  SELECT child, count(*) AS answers,
    max(2 * epoch(on_day)::BIGINT + (value IN ('rainy', 'thunder'))::INTEGER, 20) AS newest
  FROM (
    SELECT child, on_day,
      CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
        THEN min(text) END AS value
    FROM (
      SELECT f.child, f.on_day, f.text, f.state, f.recorded_at,
        max(f.recorded_at) OVER (PARTITION BY f.child, f.on_day) AS latest
      FROM "fact_mood" f
      JOIN (SELECT child FROM x19_mood_rows WHERE doubled) r ON r.child = f.child
      JOIN person p ON p.child = f.child
      LEFT JOIN x19_mood_own o ON o.child = f.child
      JOIN x19_mood_series s ON s.label = f.label
      WHERE f.on_day <= DATE '2026-09-30' AND f.on_day >= s.since AND f.label = coalesce(p.school, o.label)
    )
    WHERE recorded_at IS NULL OR recorded_at = latest
    GROUP BY child, on_day
  )
  WHERE value IS NOT NULL
  GROUP BY child
),
x19_mood AS (
  SELECT child, answers, array_length(newest) AS used, array_length(list_filter(newest, lambda a: a % 2 <> 0)) AS n,
    coalesce(nullif(array_position(list_transform(newest, lambda a: a % 2), 0), 0) - 1, array_length(newest)) AS run
  FROM x19_mood_newest
)
SELECT * FROM x19_mood;

CREATE OR REPLACE TABLE x20_checkup AS
WITH
x20_checkup_rows AS (
  SELECT child,
    max((text IN ('not_seen'))::INTEGER) FILTER (state = 'known' AND label = '4か月児健診') AS l1,
    max((text IN ('not_seen'))::INTEGER) FILTER (state = 'known' AND label = '1歳6か月児健診') AS l2,
    max((text IN ('not_seen'))::INTEGER) FILTER (state = 'known' AND label = '3歳児健診') AS l3,
    count(*) <> bit_count(bit_or(1::BIGINT << array_position(['4か月児健診', '1歳6か月児健診', '3歳児健診'], label))) AS doubled
  FROM "fact_checkup"
  WHERE label IN ('4か月児健診', '1歳6か月児健診', '3歳児健診') AND (on_day IS NULL OR on_day > DATE '2019-09-30')
  GROUP BY child
),
x20_checkup AS (
  SELECT child, l1, l2, l3 FROM x20_checkup_rows WHERE NOT doubled
  UNION ALL
  SELECT child,
    max((value IN ('not_seen'))::INTEGER) FILTER (label = '4か月児健診') AS l1,
    max((value IN ('not_seen'))::INTEGER) FILTER (label = '1歳6か月児健診') AS l2,
    max((value IN ('not_seen'))::INTEGER) FILTER (label = '3歳児健診') AS l3
  FROM (
      SELECT child, label,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, label, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, label) AS latest
        FROM "fact_checkup"
        WHERE label IN ('4か月児健診', '1歳6か月児健診', '3歳児健診') AND (on_day IS NULL OR on_day > DATE '2019-09-30') AND child IN (SELECT child FROM x20_checkup_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, label
    )
  GROUP BY child
)
SELECT * FROM x20_checkup;

CREATE OR REPLACE TABLE x21_vaccination AS
WITH
x21_vaccination AS (
  SELECT child,
    coalesce(bit_or(1::BIGINT << array_position(['五種混合1期初回1', '五種混合1期初回2', '五種混合1期初回3', '小児用肺炎球菌1', '小児用肺炎球菌2', 'B型肝炎1', 'BCG', 'MR1期', '水痘1', '五種混合追加', '水痘2', '日本脳炎1'], label)) FILTER (state = 'known' AND label IS NOT NULL), 0) AS given,
    coalesce(bit_or(1::BIGINT << array_position(['五種混合1期初回1', '五種混合1期初回2', '五種混合1期初回3', '小児用肺炎球菌1', '小児用肺炎球菌2', 'B型肝炎1', 'BCG', 'MR1期', '水痘1', '五種混合追加', '水痘2', '日本脳炎1'], label)) FILTER (state <> 'known' AND label IS NOT NULL), 0) AS doubtful,
    bool_or(label IS NULL) AS stray
  FROM "fact_vaccination"
  WHERE (label IN ('五種混合1期初回1', '五種混合1期初回2', '五種混合1期初回3', '小児用肺炎球菌1', '小児用肺炎球菌2', 'B型肝炎1', 'BCG', 'MR1期', '水痘1', '五種混合追加', '水痘2', '日本脳炎1') OR label IS NULL) AND (on_day IS NULL OR on_day > DATE '2019-09-30')
  GROUP BY child
)
SELECT * FROM x21_vaccination;

CREATE OR REPLACE TABLE x22_enrolment AS
WITH
x22_enrolment_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN text END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_enrolment"
  WHERE (on_day IN (DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x22_enrolment_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_enrolment"
        WHERE on_day IN (DATE '2026-04-01') AND child IN (SELECT child FROM x22_enrolment_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x22_enrolment AS (
  SELECT child, d202604, seen, stray FROM x22_enrolment_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, r.seen, r.stray
  FROM x22_enrolment_settled s JOIN x22_enrolment_rows r USING (child)
)
SELECT * FROM x22_enrolment;

CREATE OR REPLACE TABLE x23_roster AS
WITH
x23_roster_rows AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN text END) FILTER (on_day = DATE '2026-04-01') AS d202604,
    coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
    bool_or(on_day IS NULL) AS stray,
    count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
  FROM "fact_roster"
  WHERE (on_day IN (DATE '2026-04-01') OR on_day IS NULL)
  GROUP BY child
),
x23_roster_settled AS (
  SELECT child,
    max(value) FILTER (on_day = DATE '2026-04-01') AS d202604
  FROM (
    SELECT child, on_day, value AS value
    FROM (
      SELECT child, on_day,
        CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
          THEN min(text) END AS value
      FROM (
        SELECT child, on_day, text, state, recorded_at,
          max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
        FROM "fact_roster"
        WHERE on_day IN (DATE '2026-04-01') AND child IN (SELECT child FROM x23_roster_rows WHERE doubled)
      )
      WHERE recorded_at IS NULL OR recorded_at = latest
      GROUP BY child, on_day
    )
  )
  GROUP BY child
),
x23_roster AS (
  SELECT child, d202604, seen, stray FROM x23_roster_rows WHERE NOT doubled
  UNION ALL
  SELECT s.child, s.d202604, r.seen, r.stray
  FROM x23_roster_settled s JOIN x23_roster_rows r USING (child)
)
SELECT * FROM x23_roster;

CREATE OR REPLACE TABLE judged AS
SELECT child, school,
  i_assistance_s,
  i_assistance_v,
  CASE WHEN i_assistance_s > 0 THEN x1_assistance_since END AS i_assistance_at,
  i_school_aid_s,
  i_school_aid_v,
  i_rearing_allowance_s,
  i_rearing_allowance_v,
  i_tax_class_s,
  i_tax_class_v,
  i_unpaid_months_s,
  i_unpaid_months_v,
  i_unpaid_months_w,
  i_score_s,
  i_score_v,
  i_score_before_s,
  i_score_before_v,
  i_score_fall_s,
  i_score_fall_v,
  i_absent_worst_month_s,
  i_absent_worst_month_v,
  i_absent_worst_month_w,
  CASE WHEN i_absent_worst_month_s > 0 THEN CASE WHEN x9_absent_days_d202609 = i_absent_worst_month_v THEN DATE '2026-09-01' WHEN x9_absent_days_d202607 = i_absent_worst_month_v THEN DATE '2026-07-01' WHEN x9_absent_days_d202606 = i_absent_worst_month_v THEN DATE '2026-06-01' END END AS i_absent_worst_month_at,
  i_absent_rising_s,
  i_absent_rising_v,
  i_absent_total_s,
  i_absent_total_v,
  i_absent_total_w,
  i_scales_s,
  i_scales_v,
  i_scales_before_s,
  i_scales_before_v,
  i_scales_fall_s,
  i_scales_fall_v,
  i_infirmary_worst_month_s,
  i_infirmary_worst_month_v,
  i_infirmary_worst_month_w,
  CASE WHEN i_infirmary_worst_month_s > 0 THEN CASE WHEN coalesce(x15_infirmary_visit_d202609, 0) = i_infirmary_worst_month_v THEN DATE '2026-09-01' WHEN coalesce(x15_infirmary_visit_d202607, 0) = i_infirmary_worst_month_v THEN DATE '2026-07-01' WHEN coalesce(x15_infirmary_visit_d202606, 0) = i_infirmary_worst_month_v THEN DATE '2026-06-01' END END AS i_infirmary_worst_month_at,
  i_council_protection_s,
  i_council_protection_v,
  CASE WHEN i_council_protection_s > 0 THEN x16_council_register_since END AS i_council_protection_at,
  i_council_support_s,
  i_council_support_v,
  CASE WHEN i_council_support_s > 0 THEN x17_council_register_since END AS i_council_support_at,
  i_notifications_s,
  i_notifications_v,
  i_notifications_w,
  CASE WHEN i_notifications_s > 0 THEN x18_report_newest END AS i_notifications_at,
  i_low_mood_s,
  i_low_mood_v,
  i_low_mood_d,
  i_checkups_missed_s,
  i_checkups_missed_v,
  i_checkups_missed_w,
  i_doses_missing_s,
  i_doses_missing_v,
  i_doses_missing_w,
  s_P1,
  s_P2a,
  s_P2b,
  s_P3a,
  s_P3b,
  s_P4a,
  s_P4b,
  s_P5,
  s_P6,
  s_A1,
  s_A2,
  s_A3,
  s_N1a,
  s_N1b,
  s_N1c,
  s_N2a,
  s_N2b,
  s_N3,
  s_N4a,
  s_N4b,
  s_N4c,
  s_N5,
  s_N6a,
  s_N6b,
  s_N7,
  (i_assistance_s = 2) AS m_P1,
  (i_school_aid_s = 2) AS m_P2,
  (i_rearing_allowance_s = 2) AS m_P3,
  (i_tax_class_s = 2) AS m_P4,
  (i_unpaid_months_s = 2) AS m_P5,
  (i_score_s = 2) AS m_A1,
  (i_score_before_s = 2) AS m_A3,
  (i_absent_worst_month_s = 2 OR i_absent_rising_s = 2 OR i_absent_total_s = 2) AS m_N1,
  (i_scales_s = 2 OR i_scales_before_s = 2) AS m_N2,
  (i_infirmary_worst_month_s = 2) AS m_N3,
  (i_council_protection_s = 2 OR i_council_support_s = 2 OR i_notifications_s = 2) AS m_N4,
  (i_low_mood_s = 2) AS m_N5,
  (i_checkups_missed_s = 2) AS m_N6,
  (i_doses_missing_s = 2) AS m_N7,
  l_poverty,
  greatest(l_poverty, c_poverty) AS h_poverty,
  l_academic,
  greatest(l_academic, c_academic) AS h_academic,
  l_noncognitive,
  greatest(l_noncognitive, c_noncognitive) AS h_noncognitive,
  r_low,
  r_high,
  CASE WHEN r_low = 5 AND r_high <> 5 THEN 4 ELSE r_low END AS r_level
FROM (
SELECT *,
  CASE
        WHEN s_N4a OR coalesce(l_poverty >= 2, FALSE)::INTEGER + coalesce(l_academic >= 2, FALSE)::INTEGER + coalesce(l_noncognitive >= 2, FALSE)::INTEGER >= 2 THEN 1
        WHEN coalesce(l_poverty >= 2, FALSE)::INTEGER + coalesce(l_academic >= 2, FALSE)::INTEGER + coalesce(l_noncognitive >= 2, FALSE)::INTEGER >= 1 OR coalesce(l_poverty >= 1, FALSE)::INTEGER + coalesce(l_academic >= 1, FALSE)::INTEGER + coalesce(l_noncognitive >= 1, FALSE)::INTEGER >= 2 THEN 2
        WHEN coalesce(l_poverty >= 1, FALSE)::INTEGER + coalesce(l_academic >= 1, FALSE)::INTEGER + coalesce(l_noncognitive >= 1, FALSE)::INTEGER >= 1 THEN 3
        ELSE 5
      END AS r_low,
  CASE
        WHEN (s_N4a OR u_N4a) OR coalesce(greatest(l_poverty, c_poverty) >= 2, FALSE)::INTEGER + coalesce(greatest(l_academic, c_academic) >= 2, FALSE)::INTEGER + coalesce(greatest(l_noncognitive, c_noncognitive) >= 2, FALSE)::INTEGER >= 2 THEN 1
        WHEN coalesce(greatest(l_poverty, c_poverty) >= 2, FALSE)::INTEGER + coalesce(greatest(l_academic, c_academic) >= 2, FALSE)::INTEGER + coalesce(greatest(l_noncognitive, c_noncognitive) >= 2, FALSE)::INTEGER >= 1 OR coalesce(greatest(l_poverty, c_poverty) >= 1, FALSE)::INTEGER + coalesce(greatest(l_academic, c_academic) >= 1, FALSE)::INTEGER + coalesce(greatest(l_noncognitive, c_noncognitive) >= 1, FALSE)::INTEGER >= 2 THEN 2
        WHEN coalesce(greatest(l_poverty, c_poverty) >= 1, FALSE)::INTEGER + coalesce(greatest(l_academic, c_academic) >= 1, FALSE)::INTEGER + coalesce(greatest(l_noncognitive, c_noncognitive) >= 1, FALSE)::INTEGER >= 1 THEN 3
        ELSE 5
      END AS r_high
FROM (
SELECT *,
  CASE WHEN NOT p_all THEN NULL WHEN s_P1 OR s_P2a OR s_P3a AND s_P4a OR s_P2b AND s_P4a OR s_P2b AND s_P5 THEN 2 WHEN s_P1 OR s_P2a OR s_P2b OR s_P3a OR s_P3b OR s_P4a OR s_P4b OR s_P5 OR s_P6 THEN 1 ELSE 0 END AS l_poverty,
  CASE WHEN NOT p_pupil THEN NULL WHEN s_A1 OR s_A2 AND s_A3 THEN 2 WHEN s_A2 OR s_A3 THEN 1 ELSE 0 END AS l_academic,
  CASE WHEN NOT p_all THEN NULL WHEN s_N1a OR s_N4a OR s_N6b OR (s_N1b OR s_N1c)::INTEGER + (s_N2a OR s_N2b)::INTEGER + (s_N3)::INTEGER + (s_N4b OR s_N4c)::INTEGER + (s_N5)::INTEGER + (s_N6a)::INTEGER + (s_N7)::INTEGER >= 2 THEN 2 WHEN (s_N1b OR s_N1c)::INTEGER + (s_N2a OR s_N2b)::INTEGER + (s_N3)::INTEGER + (s_N4b OR s_N4c)::INTEGER + (s_N5)::INTEGER + (s_N6a)::INTEGER + (s_N7)::INTEGER >= 1 THEN 1 ELSE 0 END AS l_noncognitive,
  CASE WHEN NOT p_all THEN NULL WHEN u_P1 OR u_P2a OR u_P3a AND u_P4a OR u_P2b AND u_P4a OR u_P2b AND u_P5 THEN 2 WHEN u_P1 OR u_P2a OR u_P2b OR u_P3a OR u_P3b OR u_P4a OR u_P4b OR u_P5 OR u_P6 THEN 1 ELSE 0 END AS c_poverty,
  CASE WHEN NOT p_pupil THEN NULL WHEN u_A1 OR u_A2 AND u_A3 THEN 2 WHEN u_A2 OR u_A3 THEN 1 ELSE 0 END AS c_academic,
  CASE WHEN NOT p_all THEN NULL WHEN u_N1a OR u_N4a OR u_N6b OR (u_N1b OR u_N1c)::INTEGER + (u_N2a OR u_N2b)::INTEGER + (u_N3)::INTEGER + (u_N4b OR u_N4c)::INTEGER + (u_N5)::INTEGER + (u_N6a)::INTEGER + (u_N7)::INTEGER >= 2 THEN 2 WHEN (u_N1b OR u_N1c)::INTEGER + (u_N2a OR u_N2b)::INTEGER + (u_N3)::INTEGER + (u_N4b OR u_N4c)::INTEGER + (u_N5)::INTEGER + (u_N6a)::INTEGER + (u_N7)::INTEGER >= 1 THEN 1 ELSE 0 END AS c_noncognitive
FROM (
SELECT *,
  coalesce((i_assistance_v >= 1), FALSE) AS s_P1,
  coalesce((i_assistance_s = 2 OR (i_assistance_s = 1 AND (i_assistance_v >= 1))), FALSE) AS u_P1,
  coalesce((i_school_aid_v = 'protected'), FALSE) AS s_P2a,
  coalesce((i_school_aid_s = 2 OR (i_school_aid_s = 1 AND (i_school_aid_v = 'protected'))), FALSE) AS u_P2a,
  coalesce((i_school_aid_v = 'semi_protected'), FALSE) AS s_P2b,
  coalesce((i_school_aid_s = 1 AND (i_school_aid_v = 'semi_protected')), FALSE) AS u_P2b,
  coalesce((i_rearing_allowance_v = 'full'), FALSE) AS s_P3a,
  coalesce((i_rearing_allowance_s = 2 OR (i_rearing_allowance_s = 1 AND (i_rearing_allowance_v = 'full'))), FALSE) AS u_P3a,
  coalesce((i_rearing_allowance_v = 'partial'), FALSE) AS s_P3b,
  coalesce((i_rearing_allowance_s = 1 AND (i_rearing_allowance_v = 'partial')), FALSE) AS u_P3b,
  coalesce((i_tax_class_v = 'exempt'), FALSE) AS s_P4a,
  coalesce((i_tax_class_s = 2 OR (i_tax_class_s = 1 AND (i_tax_class_v = 'exempt'))), FALSE) AS u_P4a,
  coalesce((i_tax_class_v = 'per_capita'), FALSE) AS s_P4b,
  coalesce((i_tax_class_s = 1 AND (i_tax_class_v = 'per_capita')), FALSE) AS u_P4b,
  coalesce((i_unpaid_months_v >= 2), FALSE) AS s_P5,
  coalesce((i_unpaid_months_w >= 2), FALSE) AS u_P5,
  coalesce((coalesce((i_unpaid_months_v >= 1), FALSE) AND coalesce((i_school_aid_v = 'refused'), FALSE)), FALSE) AS s_P6,
  coalesce((coalesce((i_unpaid_months_w >= 1), FALSE) AND coalesce((i_school_aid_s = 1 AND (i_school_aid_v = 'refused')), FALSE)), FALSE) AS u_P6,
  coalesce((i_score_v < 80), FALSE) AS s_A1,
  coalesce((i_score_s = 2 OR (i_score_s = 1 AND (i_score_v < 80))), FALSE) AS u_A1,
  coalesce((i_score_v >= 80 AND i_score_v < 90), FALSE) AS s_A2,
  coalesce((i_score_s = 1 AND (i_score_v >= 80 AND i_score_v < 90)), FALSE) AS u_A2,
  coalesce((i_score_fall_v >= 10), FALSE) AS s_A3,
  coalesce((i_score_fall_s = 2 OR (i_score_fall_s = 1 AND (i_score_fall_v >= 10))), FALSE) AS u_A3,
  coalesce((i_absent_worst_month_v >= 10), FALSE) AS s_N1a,
  coalesce((i_absent_worst_month_w >= 10), FALSE) AS u_N1a,
  coalesce((i_absent_rising_v >= 3), FALSE) AS s_N1b,
  coalesce((i_absent_rising_s = 2 OR (i_absent_rising_s = 1 AND (i_absent_rising_v >= 3))), FALSE) AS u_N1b,
  coalesce((i_absent_total_v >= 15), FALSE) AS s_N1c,
  coalesce((i_absent_total_w >= 15), FALSE) AS u_N1c,
  coalesce((i_scales_v < 12.5), FALSE) AS s_N2a,
  coalesce((i_scales_s = 2 OR (i_scales_s = 1 AND (i_scales_v < 12.5))), FALSE) AS u_N2a,
  coalesce((i_scales_fall_v >= 5), FALSE) AS s_N2b,
  coalesce((i_scales_fall_s = 2 OR (i_scales_fall_s = 1 AND (i_scales_fall_v >= 5))), FALSE) AS u_N2b,
  coalesce((i_infirmary_worst_month_v >= 4), FALSE) AS s_N3,
  coalesce((i_infirmary_worst_month_w >= 4), FALSE) AS u_N3,
  coalesce((i_council_protection_v >= 1), FALSE) AS s_N4a,
  coalesce((i_council_protection_s = 2 OR (i_council_protection_s = 1 AND (i_council_protection_v >= 1))), FALSE) AS u_N4a,
  coalesce((i_council_support_v >= 1), FALSE) AS s_N4b,
  coalesce((i_council_support_s = 2 OR (i_council_support_s = 1 AND (i_council_support_v >= 1))), FALSE) AS u_N4b,
  coalesce((i_notifications_v >= 1), FALSE) AS s_N4c,
  coalesce((i_notifications_w >= 1), FALSE) AS u_N4c,
  coalesce((i_low_mood_v >= 0.6 * i_low_mood_d), FALSE) AS s_N5,
  coalesce((i_low_mood_s = 2 OR (i_low_mood_s = 1 AND (i_low_mood_v >= 0.6 * i_low_mood_d))), FALSE) AS u_N5,
  coalesce((i_checkups_missed_v = 1), FALSE) AS s_N6a,
  coalesce((i_checkups_missed_w = 1), FALSE) AS u_N6a,
  coalesce((i_checkups_missed_v >= 2), FALSE) AS s_N6b,
  coalesce((i_checkups_missed_w >= 2), FALSE) AS u_N6b,
  coalesce((i_doses_missing_v >= 3), FALSE) AS s_N7,
  coalesce((i_doses_missing_w >= 3), FALSE) AS u_N7
FROM (
SELECT *,
  CASE i_unpaid_months_s WHEN 1 THEN i_unpaid_months_v WHEN 2 THEN coalesce(coalesce(x6_school_fee_d202604, 1), 0) + coalesce(coalesce(x6_school_fee_d202605, 1), 0) + coalesce(coalesce(x6_school_fee_d202606, 1), 0) + coalesce(coalesce(x6_school_fee_d202607, 1), 0) + coalesce(coalesce(x6_school_fee_d202609, 1), 0) END AS i_unpaid_months_w,
  CASE WHEN NOT (p_pupil_second_year_on AND i_score_before_s > 0 AND i_score_s > 0) THEN 0 WHEN i_score_before_s = 1 AND i_score_s = 1 THEN 1 ELSE 2 END AS i_score_fall_s,
  CASE WHEN p_pupil_second_year_on AND i_score_before_s > 0 AND i_score_s > 0 THEN CASE WHEN i_score_before_s = 1 AND i_score_s = 1 THEN i_score_before_v - i_score_v END END AS i_score_fall_v,
  CASE i_absent_worst_month_s WHEN 1 THEN i_absent_worst_month_v WHEN 2 THEN greatest(coalesce(x9_absent_days_d202606, 20), coalesce(x9_absent_days_d202607, 20), coalesce(x9_absent_days_d202609, 20)) END AS i_absent_worst_month_w,
  CASE i_absent_total_s WHEN 1 THEN i_absent_total_v WHEN 2 THEN coalesce(coalesce(x9_absent_days_d202604, 20), 0) + coalesce(coalesce(x9_absent_days_d202605, 20), 0) + coalesce(coalesce(x9_absent_days_d202606, 20), 0) + coalesce(coalesce(x9_absent_days_d202607, 20), 0) + coalesce(coalesce(x9_absent_days_d202609, 20), 0) END AS i_absent_total_w,
  CASE WHEN NOT (p_pupil_second_year_on AND i_scales_before_s > 0 AND i_scales_s > 0) THEN 0 WHEN i_scales_before_s = 1 AND i_scales_s = 1 THEN 1 ELSE 2 END AS i_scales_fall_s,
  CASE WHEN p_pupil_second_year_on AND i_scales_before_s > 0 AND i_scales_s > 0 THEN CASE WHEN i_scales_before_s = 1 AND i_scales_s = 1 THEN i_scales_before_v - i_scales_v END END AS i_scales_fall_v,
  CASE i_infirmary_worst_month_s WHEN 1 THEN i_infirmary_worst_month_v WHEN 2 THEN greatest(CASE WHEN NOT (coalesce(x15_infirmary_visit_u202606 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-07-01', FALSE)) THEN coalesce(x15_infirmary_visit_d202606, 0) ELSE greatest(coalesce(x15_infirmary_visit_d202606, 0), 9) END, CASE WHEN NOT (coalesce(x15_infirmary_visit_u202607 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-08-01', FALSE)) THEN coalesce(x15_infirmary_visit_d202607, 0) ELSE greatest(coalesce(x15_infirmary_visit_d202607, 0), 9) END, CASE WHEN NOT (coalesce(x15_infirmary_visit_u202609 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-10-01', FALSE)) THEN coalesce(x15_infirmary_visit_d202609, 0) ELSE greatest(coalesce(x15_infirmary_visit_d202609, 0), 9) END) END AS i_infirmary_worst_month_w,
  CASE i_notifications_s WHEN 1 THEN i_notifications_v WHEN 2 THEN greatest(coalesce(x18_report_n, 0), 1) END AS i_notifications_w,
  CASE i_checkups_missed_s WHEN 1 THEN i_checkups_missed_v WHEN 2 THEN CASE WHEN birth_date <= DATE '2026-03-30' THEN coalesce(x20_checkup_l1, 1) ELSE 0 END + CASE WHEN birth_date <= DATE '2024-12-30' THEN coalesce(x20_checkup_l2, 1) ELSE 0 END + CASE WHEN birth_date <= DATE '2022-12-30' THEN coalesce(x20_checkup_l3, 1) ELSE 0 END END AS i_checkups_missed_w,
  CASE i_doses_missing_s WHEN 1 THEN i_doses_missing_v WHEN 2 THEN bit_count(x21_vaccination_open) END AS i_doses_missing_w
FROM (
SELECT *,
  CASE WHEN (x1_assistance_holds IS TRUE OR x1_assistance_doubtful IS NOT TRUE) THEN 1 ELSE 2 END AS i_assistance_s,
  CASE WHEN (x1_assistance_holds IS TRUE OR x1_assistance_doubtful IS NOT TRUE) THEN coalesce(x1_assistance_holds, FALSE)::INTEGER END AS i_assistance_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN (x2_school_aid_d202604 IS NOT NULL OR (NOT (coalesce(x2_school_aid_seen & 65536, 0) <> 0) AND NOT coalesce(x2_school_aid_stray, FALSE))) THEN 1 ELSE 2 END AS i_school_aid_s,
  CASE WHEN p_pupil THEN CASE WHEN NOT (coalesce(x2_school_aid_seen & 65536, 0) <> 0) AND NOT coalesce(x2_school_aid_stray, FALSE) THEN 'none' ELSE x2_school_aid_d202604 END END AS i_school_aid_v,
  CASE WHEN (x3_rearing_allowance_d202604 IS NOT NULL OR (NOT (coalesce(x3_rearing_allowance_seen & 65536, 0) <> 0) AND NOT coalesce(x3_rearing_allowance_stray, FALSE))) THEN 1 ELSE 2 END AS i_rearing_allowance_s,
  CASE WHEN NOT (coalesce(x3_rearing_allowance_seen & 65536, 0) <> 0) AND NOT coalesce(x3_rearing_allowance_stray, FALSE) THEN 'none' ELSE x3_rearing_allowance_d202604 END AS i_rearing_allowance_v,
  CASE WHEN x5_tax_class_value IS NOT NULL THEN 1 ELSE 2 END AS i_tax_class_s,
  x5_tax_class_value AS i_tax_class_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x6_school_fee_d202604 IS NOT NULL AND x6_school_fee_d202605 IS NOT NULL AND x6_school_fee_d202606 IS NOT NULL AND x6_school_fee_d202607 IS NOT NULL AND x6_school_fee_d202609 IS NOT NULL THEN 1 ELSE 2 END AS i_unpaid_months_s,
  CASE WHEN p_pupil THEN CASE WHEN NOT ((x6_school_fee_d202604) IS NULL AND (x6_school_fee_d202605) IS NULL AND (x6_school_fee_d202606) IS NULL AND (x6_school_fee_d202607) IS NULL AND (x6_school_fee_d202609) IS NULL) THEN coalesce(x6_school_fee_d202604, 0) + coalesce(x6_school_fee_d202605, 0) + coalesce(x6_school_fee_d202606, 0) + coalesce(x6_school_fee_d202607, 0) + coalesce(x6_school_fee_d202609, 0) END END AS i_unpaid_months_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x7_test_japanese_d202604 IS NOT NULL AND x8_test_math_d202604 IS NOT NULL THEN 1 ELSE 2 END AS i_score_s,
  CASE WHEN p_pupil THEN x7_test_japanese_d202604 + x8_test_math_d202604 END AS i_score_v,
  CASE WHEN NOT (p_pupil_second_year_on) THEN 0 WHEN x7_test_japanese_d202504 IS NOT NULL AND x8_test_math_d202504 IS NOT NULL THEN 1 ELSE 2 END AS i_score_before_s,
  CASE WHEN p_pupil_second_year_on THEN x7_test_japanese_d202504 + x8_test_math_d202504 END AS i_score_before_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x9_absent_days_d202606 IS NOT NULL AND x9_absent_days_d202607 IS NOT NULL AND x9_absent_days_d202609 IS NOT NULL THEN 1 ELSE 2 END AS i_absent_worst_month_s,
  CASE WHEN p_pupil THEN greatest(x9_absent_days_d202606, x9_absent_days_d202607, x9_absent_days_d202609) END AS i_absent_worst_month_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x9_absent_days_d202606 IS NOT NULL AND x9_absent_days_d202607 IS NOT NULL AND x9_absent_days_d202609 IS NOT NULL THEN 1 ELSE 2 END AS i_absent_rising_s,
  CASE WHEN p_pupil THEN CASE WHEN x9_absent_days_d202606 IS NOT NULL AND x9_absent_days_d202607 IS NOT NULL AND x9_absent_days_d202609 IS NOT NULL THEN CASE WHEN x9_absent_days_d202606 < x9_absent_days_d202607 AND x9_absent_days_d202607 < x9_absent_days_d202609 THEN x9_absent_days_d202609 ELSE 0 END END END AS i_absent_rising_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x9_absent_days_d202604 IS NOT NULL AND x9_absent_days_d202605 IS NOT NULL AND x9_absent_days_d202606 IS NOT NULL AND x9_absent_days_d202607 IS NOT NULL AND x9_absent_days_d202609 IS NOT NULL THEN 1 ELSE 2 END AS i_absent_total_s,
  CASE WHEN p_pupil THEN CASE WHEN NOT ((x9_absent_days_d202604) IS NULL AND (x9_absent_days_d202605) IS NULL AND (x9_absent_days_d202606) IS NULL AND (x9_absent_days_d202607) IS NULL AND (x9_absent_days_d202609) IS NULL) THEN coalesce(x9_absent_days_d202604, 0) + coalesce(x9_absent_days_d202605, 0) + coalesce(x9_absent_days_d202606, 0) + coalesce(x9_absent_days_d202607, 0) + coalesce(x9_absent_days_d202609, 0) END END AS i_absent_total_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN x10_q_self_d202604 IS NOT NULL AND x11_q_grit_d202604 IS NOT NULL AND x12_q_family_d202604 IS NOT NULL AND x13_q_friends_d202604 IS NOT NULL AND x14_q_habits_d202604 IS NOT NULL THEN 1 ELSE 2 END AS i_scales_s,
  CASE WHEN p_pupil THEN x10_q_self_d202604 + x11_q_grit_d202604 + x12_q_family_d202604 + x13_q_friends_d202604 + x14_q_habits_d202604 END AS i_scales_v,
  CASE WHEN NOT (p_pupil_second_year_on) THEN 0 WHEN x10_q_self_d202504 IS NOT NULL AND x11_q_grit_d202504 IS NOT NULL AND x12_q_family_d202504 IS NOT NULL AND x13_q_friends_d202504 IS NOT NULL AND x14_q_habits_d202504 IS NOT NULL THEN 1 ELSE 2 END AS i_scales_before_s,
  CASE WHEN p_pupil_second_year_on THEN x10_q_self_d202504 + x11_q_grit_d202504 + x12_q_family_d202504 + x13_q_friends_d202504 + x14_q_habits_d202504 END AS i_scales_before_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN NOT (coalesce(x15_infirmary_visit_u202606 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-07-01', FALSE)) AND NOT (coalesce(x15_infirmary_visit_u202607 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-08-01', FALSE)) AND NOT (coalesce(x15_infirmary_visit_u202609 OR x15_infirmary_visit_stray, FALSE) OR coalesce(resident_from >= DATE '2026-10-01', FALSE)) THEN 1 ELSE 2 END AS i_infirmary_worst_month_s,
  CASE WHEN p_pupil THEN greatest(coalesce(x15_infirmary_visit_d202606, 0), coalesce(x15_infirmary_visit_d202607, 0), coalesce(x15_infirmary_visit_d202609, 0)) END AS i_infirmary_worst_month_v,
  CASE WHEN (x16_council_register_holds IS TRUE OR x16_council_register_doubtful IS NOT TRUE) THEN 1 ELSE 2 END AS i_council_protection_s,
  CASE WHEN (x16_council_register_holds IS TRUE OR x16_council_register_doubtful IS NOT TRUE) THEN coalesce(x16_council_register_holds, FALSE)::INTEGER END AS i_council_protection_v,
  CASE WHEN (x17_council_register_holds IS TRUE OR x17_council_register_doubtful IS NOT TRUE) THEN 1 ELSE 2 END AS i_council_support_s,
  CASE WHEN (x17_council_register_holds IS TRUE OR x17_council_register_doubtful IS NOT TRUE) THEN coalesce(x17_council_register_holds, FALSE)::INTEGER END AS i_council_support_v,
  CASE WHEN NOT coalesce(x18_report_doubtful, FALSE) THEN 1 ELSE 2 END AS i_notifications_s,
  coalesce(x18_report_n, 0) AS i_notifications_v,
  CASE WHEN NOT (p_pupil) THEN 0 WHEN coalesce(x19_mood_answers, 0) >= 10 THEN 1 ELSE 2 END AS i_low_mood_s,
  CASE WHEN p_pupil THEN CASE WHEN coalesce(x19_mood_answers, 0) >= 10 THEN x19_mood_n END END AS i_low_mood_v,
  CASE WHEN coalesce(x19_mood_answers, 0) >= 10 THEN x19_mood_used ELSE 1 END AS i_low_mood_d,
  CASE WHEN NOT (p_preschool AND (birth_date <= DATE '2026-03-30' OR birth_date <= DATE '2024-12-30' OR birth_date <= DATE '2022-12-30')) THEN 0 WHEN (NOT birth_date <= DATE '2026-03-30' OR x20_checkup_l1 IS NOT NULL) AND (NOT birth_date <= DATE '2024-12-30' OR x20_checkup_l2 IS NOT NULL) AND (NOT birth_date <= DATE '2022-12-30' OR x20_checkup_l3 IS NOT NULL) THEN 1 ELSE 2 END AS i_checkups_missed_s,
  CASE WHEN p_preschool AND (birth_date <= DATE '2026-03-30' OR birth_date <= DATE '2024-12-30' OR birth_date <= DATE '2022-12-30') THEN CASE WHEN (birth_date <= DATE '2026-03-30' AND x20_checkup_l1 IS NOT NULL) OR (birth_date <= DATE '2024-12-30' AND x20_checkup_l2 IS NOT NULL) OR (birth_date <= DATE '2022-12-30' AND x20_checkup_l3 IS NOT NULL) THEN CASE WHEN birth_date <= DATE '2026-03-30' AND x20_checkup_l1 = 1 THEN 1 ELSE 0 END + CASE WHEN birth_date <= DATE '2024-12-30' AND x20_checkup_l2 = 1 THEN 1 ELSE 0 END + CASE WHEN birth_date <= DATE '2022-12-30' AND x20_checkup_l3 = 1 THEN 1 ELSE 0 END END END AS i_checkups_missed_v,
  CASE WHEN NOT (p_preschool AND x21_vaccination_due <> 0) THEN 0 WHEN bit_count(x21_vaccination_unsure) = 0 THEN 1 ELSE 2 END AS i_doses_missing_s,
  CASE WHEN p_preschool AND x21_vaccination_due <> 0 THEN CASE WHEN bit_count(x21_vaccination_unsure) < bit_count(x21_vaccination_due) THEN bit_count(x21_vaccination_open) - bit_count(x21_vaccination_unsure) END END AS i_doses_missing_v
FROM (
SELECT *,
  x21_vaccination_open & (coalesce(x21_vaccination_doubtful, 0) | (CASE WHEN resident_from IS NULL OR resident_from = birth_date THEN 0 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 36 THEN 8190 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 18 THEN 4094 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 12 THEN 2046 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 5 THEN 254 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 4 THEN 126 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 3 THEN 118 WHEN (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date) - CASE WHEN day(resident_from) <= least(day(birth_date), 28) THEN 1 ELSE 0 END >= 2 THEN 82 ELSE 0 END) | CASE WHEN x21_vaccination_stray THEN 8190 ELSE 0 END) AS x21_vaccination_unsure
FROM (
SELECT *,
  x21_vaccination_due & ~coalesce(x21_vaccination_given, 0) AS x21_vaccination_open
FROM (
SELECT *,
  CASE WHEN birth_date <= DATE '2023-06-30' THEN 8190 WHEN birth_date <= DATE '2024-12-30' THEN 4094 WHEN birth_date <= DATE '2025-06-30' THEN 2046 WHEN birth_date <= DATE '2026-01-30' THEN 254 WHEN birth_date <= DATE '2026-02-28' THEN 126 WHEN birth_date <= DATE '2026-03-30' THEN 118 WHEN birth_date <= DATE '2026-04-30' THEN 82 ELSE 0 END AS x21_vaccination_due
FROM (
SELECT p.child, p.birth_date, p.school, p.resident_from, p.household_id,
  x1_assistance.holds AS x1_assistance_holds,
  x1_assistance.since AS x1_assistance_since,
  x1_assistance.doubtful AS x1_assistance_doubtful,
  x2_school_aid.d202604 AS x2_school_aid_d202604,
  x2_school_aid.seen AS x2_school_aid_seen,
  x2_school_aid.stray AS x2_school_aid_stray,
  x3_rearing_allowance.d202604 AS x3_rearing_allowance_d202604,
  x3_rearing_allowance.seen AS x3_rearing_allowance_seen,
  x3_rearing_allowance.stray AS x3_rearing_allowance_stray,
  x5_tax_class.value AS x5_tax_class_value,
  x6_school_fee.d202604 AS x6_school_fee_d202604,
  x6_school_fee.d202605 AS x6_school_fee_d202605,
  x6_school_fee.d202606 AS x6_school_fee_d202606,
  x6_school_fee.d202607 AS x6_school_fee_d202607,
  x6_school_fee.d202609 AS x6_school_fee_d202609,
  x7_test_japanese.d202504 AS x7_test_japanese_d202504,
  x7_test_japanese.d202604 AS x7_test_japanese_d202604,
  x8_test_math.d202504 AS x8_test_math_d202504,
  x8_test_math.d202604 AS x8_test_math_d202604,
  x9_absent_days.d202604 AS x9_absent_days_d202604,
  x9_absent_days.d202605 AS x9_absent_days_d202605,
  x9_absent_days.d202606 AS x9_absent_days_d202606,
  x9_absent_days.d202607 AS x9_absent_days_d202607,
  x9_absent_days.d202609 AS x9_absent_days_d202609,
  x10_q_self.d202504 AS x10_q_self_d202504,
  x10_q_self.d202604 AS x10_q_self_d202604,
  x11_q_grit.d202504 AS x11_q_grit_d202504,
  x11_q_grit.d202604 AS x11_q_grit_d202604,
  x12_q_family.d202504 AS x12_q_family_d202504,
  x12_q_family.d202604 AS x12_q_family_d202604,
  x13_q_friends.d202504 AS x13_q_friends_d202504,
  x13_q_friends.d202604 AS x13_q_friends_d202604,
  x14_q_habits.d202504 AS x14_q_habits_d202504,
  x14_q_habits.d202604 AS x14_q_habits_d202604,
  x15_infirmary_visit.d202606 AS x15_infirmary_visit_d202606,
  x15_infirmary_visit.u202606 AS x15_infirmary_visit_u202606,
  x15_infirmary_visit.d202607 AS x15_infirmary_visit_d202607,
  x15_infirmary_visit.u202607 AS x15_infirmary_visit_u202607,
  x15_infirmary_visit.d202609 AS x15_infirmary_visit_d202609,
  x15_infirmary_visit.u202609 AS x15_infirmary_visit_u202609,
  x15_infirmary_visit.stray AS x15_infirmary_visit_stray,
  x16_council_register.holds AS x16_council_register_holds,
  x16_council_register.since AS x16_council_register_since,
  x16_council_register.doubtful AS x16_council_register_doubtful,
  x17_council_register.holds AS x17_council_register_holds,
  x17_council_register.since AS x17_council_register_since,
  x17_council_register.doubtful AS x17_council_register_doubtful,
  x18_report.n AS x18_report_n,
  x18_report.newest AS x18_report_newest,
  x18_report.doubtful AS x18_report_doubtful,
  x19_mood.answers AS x19_mood_answers,
  x19_mood.used AS x19_mood_used,
  x19_mood.n AS x19_mood_n,
  x20_checkup.l1 AS x20_checkup_l1,
  x20_checkup.l2 AS x20_checkup_l2,
  x20_checkup.l3 AS x20_checkup_l3,
  x21_vaccination.given AS x21_vaccination_given,
  x21_vaccination.doubtful AS x21_vaccination_doubtful,
  x21_vaccination.stray AS x21_vaccination_stray,
  x22_enrolment.d202604 AS x22_enrolment_d202604,
  x23_roster.seen AS x23_roster_seen,
  TRUE AS p_all,
  birth_date < DATE '2020-04-02' AND birth_date >= DATE '2011-04-02' AND CASE WHEN x22_enrolment_d202604 IS NOT NULL THEN x22_enrolment_d202604 IN ('municipal') ELSE coalesce(x23_roster_seen & 65536, 0) <> 0 END AS p_pupil,
  birth_date < DATE '2019-04-02' AND birth_date >= DATE '2011-04-02' AND CASE WHEN x22_enrolment_d202604 IS NOT NULL THEN x22_enrolment_d202604 IN ('municipal') ELSE coalesce(x23_roster_seen & 65536, 0) <> 0 END AS p_pupil_second_year_on,
  birth_date >= DATE '2020-04-02' AS p_preschool
FROM person p
LEFT JOIN x1_assistance USING (child)
LEFT JOIN x2_school_aid USING (child)
LEFT JOIN x3_rearing_allowance USING (child)
LEFT JOIN x5_tax_class USING (household_id)
LEFT JOIN x6_school_fee USING (child)
LEFT JOIN x7_test_japanese USING (child)
LEFT JOIN x8_test_math USING (child)
LEFT JOIN x9_absent_days USING (child)
LEFT JOIN x10_q_self USING (child)
LEFT JOIN x11_q_grit USING (child)
LEFT JOIN x12_q_family USING (child)
LEFT JOIN x13_q_friends USING (child)
LEFT JOIN x14_q_habits USING (child)
LEFT JOIN x15_infirmary_visit USING (child)
LEFT JOIN x16_council_register USING (child)
LEFT JOIN x17_council_register USING (child)
LEFT JOIN x18_report USING (child)
LEFT JOIN x19_mood USING (child)
LEFT JOIN x20_checkup USING (child)
LEFT JOIN x21_vaccination USING (child)
LEFT JOIN x22_enrolment USING (child)
LEFT JOIN x23_roster USING (child)
WHERE p.register_state <> 'absent' AND (p.resident_from IS NULL OR p.resident_from <= DATE '2026-09-30') AND (p.resident_until IS NULL OR p.resident_until > DATE '2026-09-30') AND p.birth_date <= DATE '2026-09-30' AND p.birth_date >= DATE '2008-04-02'
)
)
)
)
)
)
)
)
);

-- indicators
SELECT p.person_id, v.* EXCLUDE (child), DATE '2026-09-30' AS as_of
FROM (
  SELECT child, 'assistance' AS indicator, i_assistance_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_assistance_s WHEN 1 THEN i_assistance_v::DECIMAL(18, 6) WHEN 2 THEN 1 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_assistance_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'school_aid' AS indicator, NULL::DECIMAL(18, 6) AS number, i_school_aid_v::VARCHAR AS text, (NULL::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, CASE i_school_aid_s WHEN 1 THEN i_school_aid_v WHEN 2 THEN 'protected' END::VARCHAR AS text_at_worst, CASE i_school_aid_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'rearing_allowance' AS indicator, NULL::DECIMAL(18, 6) AS number, i_rearing_allowance_v::VARCHAR AS text, (NULL::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, CASE i_rearing_allowance_s WHEN 1 THEN i_rearing_allowance_v WHEN 2 THEN 'full' END::VARCHAR AS text_at_worst, CASE i_rearing_allowance_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'tax_class' AS indicator, NULL::DECIMAL(18, 6) AS number, i_tax_class_v::VARCHAR AS text, (NULL::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, CASE i_tax_class_s WHEN 1 THEN i_tax_class_v WHEN 2 THEN 'exempt' END::VARCHAR AS text_at_worst, CASE i_tax_class_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'unpaid_months' AS indicator, i_unpaid_months_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_unpaid_months_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_unpaid_months_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'score' AS indicator, ((sign(i_score_v)::HUGEINT * ((2 * abs((i_score_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_score_s WHEN 1 THEN ((sign(i_score_v)::HUGEINT * ((2 * abs((i_score_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN 20 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_score_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'score_before' AS indicator, ((sign(i_score_before_v)::HUGEINT * ((2 * abs((i_score_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_score_before_s WHEN 1 THEN ((sign(i_score_before_v)::HUGEINT * ((2 * abs((i_score_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN NULL END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_score_before_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'score_fall' AS indicator, ((sign(i_score_fall_v)::HUGEINT * ((2 * abs((i_score_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_score_fall_s WHEN 1 THEN ((sign(i_score_fall_v)::HUGEINT * ((2 * abs((i_score_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN 60 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_score_fall_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'absent_worst_month' AS indicator, i_absent_worst_month_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_absent_worst_month_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_absent_worst_month_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'absent_rising' AS indicator, i_absent_rising_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_absent_rising_s WHEN 1 THEN i_absent_rising_v::DECIMAL(18, 6) WHEN 2 THEN 20 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_absent_rising_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'absent_total' AS indicator, i_absent_total_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_absent_total_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_absent_total_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'scales' AS indicator, ((sign(i_scales_v)::HUGEINT * ((2 * abs((i_scales_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_scales_s WHEN 1 THEN ((sign(i_scales_v)::HUGEINT * ((2 * abs((i_scales_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN 1 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_scales_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'scales_before' AS indicator, ((sign(i_scales_before_v)::HUGEINT * ((2 * abs((i_scales_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_scales_before_s WHEN 1 THEN ((sign(i_scales_before_v)::HUGEINT * ((2 * abs((i_scales_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN NULL END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_scales_before_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'scales_fall' AS indicator, ((sign(i_scales_fall_v)::HUGEINT * ((2 * abs((i_scales_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_scales_fall_s WHEN 1 THEN ((sign(i_scales_fall_v)::HUGEINT * ((2 * abs((i_scales_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN 4 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_scales_fall_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'infirmary_worst_month' AS indicator, i_infirmary_worst_month_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_infirmary_worst_month_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_infirmary_worst_month_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'council_protection' AS indicator, i_council_protection_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_council_protection_s WHEN 1 THEN i_council_protection_v::DECIMAL(18, 6) WHEN 2 THEN 1 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_council_protection_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'council_support' AS indicator, i_council_support_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_council_support_s WHEN 1 THEN i_council_support_v::DECIMAL(18, 6) WHEN 2 THEN 1 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_council_support_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'notifications' AS indicator, i_notifications_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_notifications_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_notifications_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'low_mood' AS indicator, ((sign(i_low_mood_v)::HUGEINT * ((2 * abs(((i_low_mood_v::DECIMAL(28, 6) * 1000000)::HUGEINT * 1000000)) + (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT) // (2 * (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (CASE i_low_mood_s WHEN 1 THEN ((sign(i_low_mood_v)::HUGEINT * ((2 * abs(((i_low_mood_v::DECIMAL(28, 6) * 1000000)::HUGEINT * 1000000)) + (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT) // (2 * (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6) WHEN 2 THEN 1 END)::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_low_mood_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'checkups_missed' AS indicator, i_checkups_missed_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_checkups_missed_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_checkups_missed_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
  UNION ALL
  SELECT child, 'doses_missing' AS indicator, i_doses_missing_v::DECIMAL(18, 6) AS number, NULL::VARCHAR AS text, (i_doses_missing_w::DECIMAL(18, 6))::DECIMAL(18, 6) AS number_at_worst, NULL::VARCHAR AS text_at_worst, CASE i_doses_missing_s WHEN 0 THEN 'not_applicable' WHEN 1 THEN 'known' ELSE 'missing' END AS state FROM judged
) v JOIN person p USING (child);

-- judgments
SELECT p.person_id, 'three-judgments@2026.1.0' AS criteria, v.* EXCLUDE (child)
FROM (
  SELECT child, 'poverty' AS judgment, CASE WHEN l_poverty IS NULL THEN 'NA' WHEN l_poverty = 0 AND h_poverty > 0 THEN 'U' ELSE l_poverty::VARCHAR END AS level, coalesce(l_poverty::VARCHAR, 'NA') AS at_least, coalesce(h_poverty::VARCHAR, 'NA') AS at_most, list_filter([CASE WHEN m_P1 THEN 'P1' END, CASE WHEN m_P2 THEN 'P2' END, CASE WHEN m_P3 THEN 'P3' END, CASE WHEN m_P4 THEN 'P4' END, CASE WHEN m_P5 THEN 'P5' END], lambda c: c IS NOT NULL) AS waiting_for FROM judged
  UNION ALL
  SELECT child, 'academic' AS judgment, CASE WHEN l_academic IS NULL THEN 'NA' WHEN l_academic = 0 AND h_academic > 0 THEN 'U' ELSE l_academic::VARCHAR END AS level, coalesce(l_academic::VARCHAR, 'NA') AS at_least, coalesce(h_academic::VARCHAR, 'NA') AS at_most, list_filter([CASE WHEN m_A1 THEN 'A1' END, CASE WHEN m_A3 THEN 'A3' END], lambda c: c IS NOT NULL) AS waiting_for FROM judged
  UNION ALL
  SELECT child, 'noncognitive' AS judgment, CASE WHEN l_noncognitive IS NULL THEN 'NA' WHEN l_noncognitive = 0 AND h_noncognitive > 0 THEN 'U' ELSE l_noncognitive::VARCHAR END AS level, coalesce(l_noncognitive::VARCHAR, 'NA') AS at_least, coalesce(h_noncognitive::VARCHAR, 'NA') AS at_most, list_filter([CASE WHEN m_N1 THEN 'N1' END, CASE WHEN m_N2 THEN 'N2' END, CASE WHEN m_N3 THEN 'N3' END, CASE WHEN m_N4 THEN 'N4' END, CASE WHEN m_N5 THEN 'N5' END, CASE WHEN m_N6 THEN 'N6' END, CASE WHEN m_N7 THEN 'N7' END], lambda c: c IS NOT NULL) AS waiting_for FROM judged
  UNION ALL
  SELECT child, 'overall' AS judgment, CASE r_level WHEN 1 THEN '重点支援' WHEN 2 THEN '予防的支援' WHEN 3 THEN '見守り' WHEN 4 THEN '判定保留' WHEN 5 THEN '該当なし' END AS level, CASE r_low WHEN 1 THEN '重点支援' WHEN 2 THEN '予防的支援' WHEN 3 THEN '見守り' WHEN 4 THEN '判定保留' WHEN 5 THEN '該当なし' END AS at_least, CASE r_high WHEN 1 THEN '重点支援' WHEN 2 THEN '予防的支援' WHEN 3 THEN '見守り' WHEN 4 THEN '判定保留' WHEN 5 THEN '該当なし' END AS at_most, list_filter([CASE WHEN m_A1 THEN 'A1' END, CASE WHEN m_A3 THEN 'A3' END, CASE WHEN m_N1 THEN 'N1' END, CASE WHEN m_N2 THEN 'N2' END, CASE WHEN m_N3 THEN 'N3' END, CASE WHEN m_N4 THEN 'N4' END, CASE WHEN m_N5 THEN 'N5' END, CASE WHEN m_N6 THEN 'N6' END, CASE WHEN m_N7 THEN 'N7' END, CASE WHEN m_P1 THEN 'P1' END, CASE WHEN m_P2 THEN 'P2' END, CASE WHEN m_P3 THEN 'P3' END, CASE WHEN m_P4 THEN 'P4' END, CASE WHEN m_P5 THEN 'P5' END], lambda c: c IS NOT NULL) AS waiting_for FROM judged
) v JOIN person p USING (child);

-- notices
SELECT p.person_id, 'three-judgments@2026.1.0' AS criteria,
  CASE r_level WHEN 1 THEN '重点支援' WHEN 2 THEN '予防的支援' WHEN 3 THEN '見守り' WHEN 4 THEN '判定保留' WHEN 5 THEN '該当なし' END AS level, CASE r_high WHEN 1 THEN '重点支援' WHEN 2 THEN '予防的支援' WHEN 3 THEN '見守り' WHEN 4 THEN '判定保留' WHEN 5 THEN '該当なし' END AS at_most,
  r_level AS rank, CASE WHEN s_N4a THEN 'N4a' WHEN s_N1a THEN 'N1a' WHEN s_N6b THEN 'N6b' WHEN s_N4c THEN 'N4c' WHEN s_N4b THEN 'N4b' WHEN s_N1b THEN 'N1b' WHEN s_N1c THEN 'N1c' WHEN s_N5 THEN 'N5' WHEN s_N2b THEN 'N2b' WHEN s_N2a THEN 'N2a' WHEN s_N3 THEN 'N3' WHEN s_A1 THEN 'A1' WHEN s_A3 THEN 'A3' WHEN s_A2 THEN 'A2' WHEN s_P5 THEN 'P5' WHEN s_P6 THEN 'P6' WHEN s_P4a THEN 'P4a' WHEN s_P1 THEN 'P1' WHEN s_P2a THEN 'P2a' WHEN s_P3a THEN 'P3a' WHEN s_P2b THEN 'P2b' WHEN s_P4b THEN 'P4b' WHEN s_P3b THEN 'P3b' WHEN s_N6a THEN 'N6a' WHEN s_N7 THEN 'N7' END AS first_reason, j.school
FROM judged j JOIN person p USING (child)
WHERE r_level IN (1, 2, 3, 4);

-- evidence
CREATE OR REPLACE TABLE places AS
SELECT NULL::INTEGER AS place, NULL::INTEGER AS child, NULL::VARCHAR[] AS row_keys, NULL::VARCHAR AS source WHERE FALSE
UNION ALL
SELECT * FROM (
WITH flagged_1 AS (
  SELECT child FROM judged WHERE (s_P1) OR (i_assistance_s = 2)
)
SELECT 1, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_1 w JOIN "fact_assistance" f ON f.child = w.child WHERE (f.on_day IS NULL OR f.on_day <= DATE '2026-09-30') AND (f.until IS NULL OR f.until > DATE '2026-09-30')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_2 AS (
  SELECT child FROM judged WHERE (s_P2a) OR (s_P2b) OR (s_P6 AND (i_school_aid_v = 'refused')) OR (i_school_aid_s = 2)
)
SELECT 2, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_2 w JOIN "fact_school_aid" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_3 AS (
  SELECT child FROM judged WHERE (s_P3a) OR (s_P3b) OR (i_rearing_allowance_s = 2)
)
SELECT 3, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_3 w JOIN "fact_rearing_allowance" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_4 AS (
  SELECT child FROM judged WHERE (s_P4a) OR (s_P4b) OR (i_tax_class_s = 2)
)
SELECT 4, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_4 w JOIN person c ON c.child = w.child JOIN person p ON p.household_id = c.household_id JOIN "fact_tax_class" f ON f.child = p.child WHERE p.register_state <> 'absent' AND (p.resident_from IS NULL OR p.resident_from <= DATE '2026-09-30') AND (p.resident_until IS NULL OR p.resident_until > DATE '2026-09-30') AND (p.birth_date IS NULL OR p.birth_date <= DATE '2008-01-01') AND (f.on_day = DATE '2026-04-01' OR f.on_day IS NULL)
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_5 AS (
  SELECT child FROM judged WHERE (s_P5) OR (s_P6 AND (i_unpaid_months_v >= 1)) OR (i_unpaid_months_s = 2)
)
SELECT 5, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_5 w JOIN "fact_school_fee" f ON f.child = w.child WHERE f.on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_6 AS (
  SELECT child FROM judged WHERE (s_A1) OR (s_A2) OR (i_score_s = 2)
)
SELECT 6, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_6 w JOIN "fact_test_japanese" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_6 w JOIN "fact_test_math" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_7 AS (
  SELECT child FROM judged WHERE (i_score_before_s = 2)
)
SELECT 7, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_7 w JOIN "fact_test_japanese" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_7 w JOIN "fact_test_math" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_8 AS (
  SELECT child FROM judged WHERE (s_A3)
)
SELECT 8, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_8 w JOIN "fact_test_japanese" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_8 w JOIN "fact_test_math" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_8 w JOIN "fact_test_japanese" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_8 w JOIN "fact_test_math" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_9 AS (
  SELECT child FROM judged WHERE (s_N1a) OR (i_absent_worst_month_s = 2) OR (s_N1b) OR (i_absent_rising_s = 2)
)
SELECT 9, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_9 w JOIN "fact_absent_days" f ON f.child = w.child WHERE f.on_day IN (DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_10 AS (
  SELECT child FROM judged WHERE (s_N1c) OR (i_absent_total_s = 2)
)
SELECT 10, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_10 w JOIN "fact_absent_days" f ON f.child = w.child WHERE f.on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_11 AS (
  SELECT child FROM judged WHERE (s_N2a) OR (i_scales_s = 2)
)
SELECT 11, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_11 w JOIN "fact_q_self" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_11 w JOIN "fact_q_grit" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_11 w JOIN "fact_q_family" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_11 w JOIN "fact_q_friends" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_11 w JOIN "fact_q_habits" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_12 AS (
  SELECT child FROM judged WHERE (i_scales_before_s = 2)
)
SELECT 12, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_12 w JOIN "fact_q_self" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_12 w JOIN "fact_q_grit" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_12 w JOIN "fact_q_family" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_12 w JOIN "fact_q_friends" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_12 w JOIN "fact_q_habits" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_13 AS (
  SELECT child FROM judged WHERE (s_N2b)
)
SELECT 13, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_self" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_grit" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_family" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_friends" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_habits" f ON f.child = w.child WHERE f.on_day = DATE '2025-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_self" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_grit" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_family" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_friends" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
  UNION ALL
  SELECT w.child, f.file, f.row, f.holder FROM flagged_13 w JOIN "fact_q_habits" f ON f.child = w.child WHERE f.on_day = DATE '2026-04-01' OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_14 AS (
  SELECT child FROM judged WHERE (s_N3) OR (i_infirmary_worst_month_s = 2)
)
SELECT 14, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_14 w JOIN "fact_infirmary_visit" f ON f.child = w.child WHERE (f.on_day >= DATE '2026-06-01' AND f.on_day < DATE '2026-10-01') OR f.on_day IS NULL
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_15 AS (
  SELECT child FROM judged WHERE (s_N4a) OR (i_council_protection_s = 2)
)
SELECT 15, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_15 w JOIN "fact_council_register" f ON f.child = w.child WHERE (f.on_day IS NULL OR f.on_day <= DATE '2026-09-30') AND (f.until IS NULL OR f.until > DATE '2026-09-30') AND (f.text IN ('protection') OR f.state <> 'known')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_16 AS (
  SELECT child FROM judged WHERE (s_N4b) OR (i_council_support_s = 2)
)
SELECT 16, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_16 w JOIN "fact_council_register" f ON f.child = w.child WHERE (f.on_day IS NULL OR f.on_day <= DATE '2026-09-30') AND (f.until IS NULL OR f.until > DATE '2026-09-30') AND (f.text IN ('support', 'other') OR f.state <> 'known')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_17 AS (
  SELECT child FROM judged WHERE (s_N4c) OR (i_notifications_s = 2)
)
SELECT 17, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_17 w JOIN "fact_report" f ON f.child = w.child WHERE ((f.on_day > DATE '2025-09-30' AND f.on_day <= DATE '2026-09-30') OR f.on_day IS NULL) AND (f.text IN ('notification') OR f.state <> 'known')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_18 AS (
  SELECT child FROM judged WHERE (s_N5) OR (i_low_mood_s = 2)
)
SELECT 18, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM (SELECT child, label, on_day, (value IN ('rainy', 'thunder'))::INTEGER AS bad FROM (
        SELECT child, on_day,
          CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
            THEN min(text) END AS value, min(label) AS label
        FROM (
          SELECT child, on_day, text, state, recorded_at, label,
            max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
          FROM (SELECT f.* FROM "fact_mood" f JOIN (SELECT f.child, max(struct_pack(on_day := f.on_day, label := f.label)).label AS label FROM "fact_mood" f JOIN flagged_18 w ON w.child = f.child WHERE f.on_day <= DATE '2026-09-30' AND f.label IS NOT NULL GROUP BY f.child) o ON o.child = f.child JOIN person p ON p.child = f.child JOIN x19_mood_series s ON s.label = f.label WHERE f.label = coalesce(p.school, o.label) AND f.on_day >= s.since AND f.on_day <= DATE '2026-09-30')
          WHERE TRUE
        )
        WHERE recorded_at IS NULL OR recorded_at = latest
        GROUP BY child, on_day
      ) WHERE value IS NOT NULL QUALIFY row_number() OVER (PARTITION BY child ORDER BY on_day DESC) <= 20) w JOIN "fact_mood" f ON f.child = w.child AND f.on_day = w.on_day AND f.label = w.label
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_19 AS (
  SELECT child FROM judged WHERE (s_N6a) OR (s_N6b) OR (i_checkups_missed_s = 2)
)
SELECT 19, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_19 w JOIN "fact_checkup" f ON f.child = w.child WHERE (f.label IN ('4か月児健診', '1歳6か月児健診', '3歳児健診') OR f.label IS NULL) AND (f.on_day IS NULL OR f.on_day > DATE '2019-09-30')
)
GROUP BY child
)
UNION ALL
SELECT * FROM (
WITH flagged_20 AS (
  SELECT child FROM judged WHERE (s_N7) OR (i_doses_missing_s = 2)
)
SELECT 20, child, list_sort(list_distinct(list(file || '#' || row))),
  array_to_string(list_sort(list_distinct(list(holder))), ',')
FROM (
  SELECT w.child, f.file, f.row, f.holder FROM flagged_20 w JOIN "fact_vaccination" f ON f.child = w.child WHERE (f.label IN ('五種混合1期初回1', '五種混合1期初回2', '五種混合1期初回3', '小児用肺炎球菌1', '小児用肺炎球菌2', 'B型肝炎1', 'BCG', 'MR1期', '水痘1', '五種混合追加', '水痘2', '日本脳炎1') OR f.label IS NULL) AND (f.on_day IS NULL OR f.on_day > DATE '2019-09-30')
)
GROUP BY child
);

CREATE OR REPLACE TABLE pictures AS
SELECT NULL::INTEGER AS picture, NULL::INTEGER AS child, NULL::VARCHAR[] AS series WHERE FALSE
UNION ALL
SELECT * FROM (
WITH pictured_1 AS (
  SELECT child FROM judged WHERE (s_P5) OR (s_P6 AND (i_unpaid_months_v >= 1)) OR (i_unpaid_months_s = 2)
)
SELECT 1, child, series FROM (
  SELECT child, series FROM (
    SELECT w.child, list_filter([
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-10=' || coalesce(v.d202510::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-11=' || coalesce(v.d202511::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-12=' || coalesce(v.d202512::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-01=' || coalesce(v.d202601::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-02=' || coalesce(v.d202602::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-03=' || coalesce(v.d202603::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-04=' || coalesce(v.d202604::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-05=' || coalesce(v.d202605::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-06=' || coalesce(v.d202606::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-07=' || coalesce(v.d202607::VARCHAR, '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-09=' || coalesce(v.d202609::VARCHAR, '?') END
    ], lambda a: a IS NOT NULL) AS series
    FROM pictured_1 w JOIN person p ON p.child = w.child
    LEFT JOIN (
      WITH pictured_1_months_rows AS (
    SELECT child,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2025-10-01') AS d202510,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2025-11-01') AS d202511,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2025-12-01') AS d202512,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-01-01') AS d202601,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-02-01') AS d202602,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-03-01') AS d202603,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-04-01') AS d202604,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-05-01') AS d202605,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-06-01') AS d202606,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-07-01') AS d202607,
      max(CASE WHEN state = 'known' THEN (text IN ('unpaid'))::INTEGER END) FILTER (on_day = DATE '2026-09-01') AS d202609,
      coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
      bool_or(on_day IS NULL) AS stray,
      count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
    FROM "fact_school_fee"
    WHERE (on_day IN (DATE '2025-10-01', DATE '2025-11-01', DATE '2025-12-01', DATE '2026-01-01', DATE '2026-02-01', DATE '2026-03-01', DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') OR on_day IS NULL) AND child IN (SELECT child FROM pictured_1)
    GROUP BY child
  ),
  pictured_1_months_settled AS (
    SELECT child,
      max(value) FILTER (on_day = DATE '2025-10-01') AS d202510,
      max(value) FILTER (on_day = DATE '2025-11-01') AS d202511,
      max(value) FILTER (on_day = DATE '2025-12-01') AS d202512,
      max(value) FILTER (on_day = DATE '2026-01-01') AS d202601,
      max(value) FILTER (on_day = DATE '2026-02-01') AS d202602,
      max(value) FILTER (on_day = DATE '2026-03-01') AS d202603,
      max(value) FILTER (on_day = DATE '2026-04-01') AS d202604,
      max(value) FILTER (on_day = DATE '2026-05-01') AS d202605,
      max(value) FILTER (on_day = DATE '2026-06-01') AS d202606,
      max(value) FILTER (on_day = DATE '2026-07-01') AS d202607,
      max(value) FILTER (on_day = DATE '2026-09-01') AS d202609
    FROM (
      SELECT child, on_day, (value IN ('unpaid'))::INTEGER AS value
      FROM (
        SELECT child, on_day,
          CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
            THEN min(text) END AS value
        FROM (
          SELECT child, on_day, text, state, recorded_at,
            max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
          FROM "fact_school_fee"
          WHERE on_day IN (DATE '2025-10-01', DATE '2025-11-01', DATE '2025-12-01', DATE '2026-01-01', DATE '2026-02-01', DATE '2026-03-01', DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') AND child IN (SELECT child FROM pictured_1_months_rows WHERE doubled)
        )
        WHERE recorded_at IS NULL OR recorded_at = latest
        GROUP BY child, on_day
      )
    )
    GROUP BY child
  ),
  pictured_1_months AS (
    SELECT child, d202510, d202511, d202512, d202601, d202602, d202603, d202604, d202605, d202606, d202607, d202609, seen, stray FROM pictured_1_months_rows WHERE NOT doubled
    UNION ALL
    SELECT s.child, s.d202510, s.d202511, s.d202512, s.d202601, s.d202602, s.d202603, s.d202604, s.d202605, s.d202606, s.d202607, s.d202609, r.seen, r.stray
    FROM pictured_1_months_settled s JOIN pictured_1_months_rows r USING (child)
  )
      SELECT * FROM pictured_1_months
    ) v ON v.child = w.child
  )
  WHERE array_length(series) > 0
)
)
UNION ALL
SELECT * FROM (
WITH pictured_2 AS (
  SELECT child FROM judged WHERE (s_N1a) OR (i_absent_worst_month_s = 2) OR (s_N1b) OR (i_absent_rising_s = 2) OR (s_N1c) OR (i_absent_total_s = 2)
)
SELECT 2, child, series FROM (
  SELECT child, series FROM (
    SELECT w.child, list_filter([
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-10=' || coalesce(rtrim(rtrim(v.d202510::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-11=' || coalesce(rtrim(rtrim(v.d202511::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-12=' || coalesce(rtrim(rtrim(v.d202512::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-01=' || coalesce(rtrim(rtrim(v.d202601::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-02=' || coalesce(rtrim(rtrim(v.d202602::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-03=' || coalesce(rtrim(rtrim(v.d202603::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-04=' || coalesce(rtrim(rtrim(v.d202604::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-05=' || coalesce(rtrim(rtrim(v.d202605::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-06=' || coalesce(rtrim(rtrim(v.d202606::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-07=' || coalesce(rtrim(rtrim(v.d202607::VARCHAR, '0'), '.'), '?') END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-09=' || coalesce(rtrim(rtrim(v.d202609::VARCHAR, '0'), '.'), '?') END
    ], lambda a: a IS NOT NULL) AS series
    FROM pictured_2 w JOIN person p ON p.child = w.child
    LEFT JOIN (
      WITH pictured_2_months_rows AS (
    SELECT child,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-10-01') AS d202510,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-11-01') AS d202511,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-12-01') AS d202512,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-01-01') AS d202601,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-02-01') AS d202602,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-03-01') AS d202603,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS d202604,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-05-01') AS d202605,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-06-01') AS d202606,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-07-01') AS d202607,
      max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-09-01') AS d202609,
      coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0) AS seen,
      bool_or(on_day IS NULL) AS stray,
      count(on_day) <> bit_count(coalesce(bit_or(1::BIGINT << ((year(on_day) * 12 + month(on_day)) % 60)) FILTER (on_day IS NOT NULL), 0)) AS doubled
    FROM "fact_absent_days"
    WHERE (on_day IN (DATE '2025-10-01', DATE '2025-11-01', DATE '2025-12-01', DATE '2026-01-01', DATE '2026-02-01', DATE '2026-03-01', DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') OR on_day IS NULL) AND child IN (SELECT child FROM pictured_2)
    GROUP BY child
  ),
  pictured_2_months_settled AS (
    SELECT child,
      max(value) FILTER (on_day = DATE '2025-10-01') AS d202510,
      max(value) FILTER (on_day = DATE '2025-11-01') AS d202511,
      max(value) FILTER (on_day = DATE '2025-12-01') AS d202512,
      max(value) FILTER (on_day = DATE '2026-01-01') AS d202601,
      max(value) FILTER (on_day = DATE '2026-02-01') AS d202602,
      max(value) FILTER (on_day = DATE '2026-03-01') AS d202603,
      max(value) FILTER (on_day = DATE '2026-04-01') AS d202604,
      max(value) FILTER (on_day = DATE '2026-05-01') AS d202605,
      max(value) FILTER (on_day = DATE '2026-06-01') AS d202606,
      max(value) FILTER (on_day = DATE '2026-07-01') AS d202607,
      max(value) FILTER (on_day = DATE '2026-09-01') AS d202609
    FROM (
      SELECT child, on_day, value AS value
      FROM (
        SELECT child, on_day,
          CASE WHEN bool_and(state = 'known') AND count(number) = count(*) AND min(number) = max(number)
            THEN min(number) END AS value
        FROM (
          SELECT child, on_day, number, state, recorded_at,
            max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
          FROM "fact_absent_days"
          WHERE on_day IN (DATE '2025-10-01', DATE '2025-11-01', DATE '2025-12-01', DATE '2026-01-01', DATE '2026-02-01', DATE '2026-03-01', DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01') AND child IN (SELECT child FROM pictured_2_months_rows WHERE doubled)
        )
        WHERE recorded_at IS NULL OR recorded_at = latest
        GROUP BY child, on_day
      )
    )
    GROUP BY child
  ),
  pictured_2_months AS (
    SELECT child, d202510, d202511, d202512, d202601, d202602, d202603, d202604, d202605, d202606, d202607, d202609, seen, stray FROM pictured_2_months_rows WHERE NOT doubled
    UNION ALL
    SELECT s.child, s.d202510, s.d202511, s.d202512, s.d202601, s.d202602, s.d202603, s.d202604, s.d202605, s.d202606, s.d202607, s.d202609, r.seen, r.stray
    FROM pictured_2_months_settled s JOIN pictured_2_months_rows r USING (child)
  )
      SELECT * FROM pictured_2_months
    ) v ON v.child = w.child
  )
  WHERE array_length(series) > 0
)
)
UNION ALL
SELECT * FROM (
WITH pictured_3 AS (
  SELECT child FROM judged WHERE (s_N3) OR (i_infirmary_worst_month_s = 2)
)
SELECT 3, child, series FROM (
  SELECT child, series FROM (
    SELECT w.child, list_filter([
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-10=' || CASE WHEN v.u202510 OR p.resident_from >= DATE '2025-11-01' THEN '?' ELSE coalesce(v.d202510, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-11=' || CASE WHEN v.u202511 OR p.resident_from >= DATE '2025-12-01' THEN '?' ELSE coalesce(v.d202511, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2025-12=' || CASE WHEN v.u202512 OR p.resident_from >= DATE '2026-01-01' THEN '?' ELSE coalesce(v.d202512, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-01=' || CASE WHEN v.u202601 OR p.resident_from >= DATE '2026-02-01' THEN '?' ELSE coalesce(v.d202601, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-02=' || CASE WHEN v.u202602 OR p.resident_from >= DATE '2026-03-01' THEN '?' ELSE coalesce(v.d202602, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2019-04-02' THEN '2026-03=' || CASE WHEN v.u202603 OR p.resident_from >= DATE '2026-04-01' THEN '?' ELSE coalesce(v.d202603, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-04=' || CASE WHEN v.u202604 OR p.resident_from >= DATE '2026-05-01' THEN '?' ELSE coalesce(v.d202604, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-05=' || CASE WHEN v.u202605 OR p.resident_from >= DATE '2026-06-01' THEN '?' ELSE coalesce(v.d202605, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-06=' || CASE WHEN v.u202606 OR p.resident_from >= DATE '2026-07-01' THEN '?' ELSE coalesce(v.d202606, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-07=' || CASE WHEN v.u202607 OR p.resident_from >= DATE '2026-08-01' THEN '?' ELSE coalesce(v.d202607, 0)::VARCHAR END END,
      CASE WHEN p.birth_date < DATE '2020-04-02' THEN '2026-09=' || CASE WHEN v.u202609 OR p.resident_from >= DATE '2026-10-01' THEN '?' ELSE coalesce(v.d202609, 0)::VARCHAR END END
    ], lambda a: a IS NOT NULL) AS series
    FROM pictured_3 w JOIN person p ON p.child = w.child
    LEFT JOIN (
      WITH pictured_3_months AS (
    SELECT child,
      count(*) FILTER (state = 'known' AND on_day >= DATE '2025-10-01' AND on_day < DATE '2025-11-01' AND on_day <= DATE '2026-09-30') AS d202510
      ,bool_or(state <> 'known' AND on_day >= DATE '2025-10-01' AND on_day < DATE '2025-11-01') AS u202510
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2025-11-01' AND on_day < DATE '2025-12-01' AND on_day <= DATE '2026-09-30') AS d202511
      ,bool_or(state <> 'known' AND on_day >= DATE '2025-11-01' AND on_day < DATE '2025-12-01') AS u202511
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2025-12-01' AND on_day < DATE '2026-01-01' AND on_day <= DATE '2026-09-30') AS d202512
      ,bool_or(state <> 'known' AND on_day >= DATE '2025-12-01' AND on_day < DATE '2026-01-01') AS u202512
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-01-01' AND on_day < DATE '2026-02-01' AND on_day <= DATE '2026-09-30') AS d202601
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-01-01' AND on_day < DATE '2026-02-01') AS u202601
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-02-01' AND on_day < DATE '2026-03-01' AND on_day <= DATE '2026-09-30') AS d202602
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-02-01' AND on_day < DATE '2026-03-01') AS u202602
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-03-01' AND on_day < DATE '2026-04-01' AND on_day <= DATE '2026-09-30') AS d202603
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-03-01' AND on_day < DATE '2026-04-01') AS u202603
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-04-01' AND on_day < DATE '2026-05-01' AND on_day <= DATE '2026-09-30') AS d202604
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-04-01' AND on_day < DATE '2026-05-01') AS u202604
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-05-01' AND on_day < DATE '2026-06-01' AND on_day <= DATE '2026-09-30') AS d202605
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-05-01' AND on_day < DATE '2026-06-01') AS u202605
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-06-01' AND on_day < DATE '2026-07-01' AND on_day <= DATE '2026-09-30') AS d202606
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-06-01' AND on_day < DATE '2026-07-01') AS u202606
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-07-01' AND on_day < DATE '2026-08-01' AND on_day <= DATE '2026-09-30') AS d202607
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-07-01' AND on_day < DATE '2026-08-01') AS u202607
      ,count(*) FILTER (state = 'known' AND on_day >= DATE '2026-09-01' AND on_day < DATE '2026-10-01' AND on_day <= DATE '2026-09-30') AS d202609
      ,bool_or(state <> 'known' AND on_day >= DATE '2026-09-01' AND on_day < DATE '2026-10-01') AS u202609,
      bool_or(on_day IS NULL) AS stray
    FROM "fact_infirmary_visit"
    WHERE ((on_day >= DATE '2025-10-01' AND on_day < DATE '2026-10-01') OR on_day IS NULL) AND child IN (SELECT child FROM pictured_3) AND on_day <= DATE '2026-09-30'
    GROUP BY child
  )
      SELECT * FROM pictured_3_months
    ) v ON v.child = w.child
  )
  WHERE array_length(series) > 0
)
)
UNION ALL
SELECT * FROM (
WITH pictured_4 AS (
  SELECT child FROM judged WHERE (s_N5) OR (i_low_mood_s = 2)
)
SELECT 4, child, series FROM (
  SELECT child, list_sort(list(strftime(on_day, '%Y-%m-%d') || '=' || bad)) AS series FROM (SELECT child, label, on_day, (value IN ('rainy', 'thunder'))::INTEGER AS bad FROM (
        SELECT child, on_day,
          CASE WHEN bool_and(state = 'known') AND count(text) = count(*) AND min(text) = max(text)
            THEN min(text) END AS value, min(label) AS label
        FROM (
          SELECT child, on_day, text, state, recorded_at, label,
            max(recorded_at) OVER (PARTITION BY child, on_day) AS latest
          FROM (SELECT f.* FROM "fact_mood" f JOIN (SELECT f.child, max(struct_pack(on_day := f.on_day, label := f.label)).label AS label FROM "fact_mood" f JOIN pictured_4 w ON w.child = f.child WHERE f.on_day <= DATE '2026-09-30' AND f.label IS NOT NULL GROUP BY f.child) o ON o.child = f.child JOIN person p ON p.child = f.child JOIN x19_mood_series s ON s.label = f.label WHERE f.label = coalesce(p.school, o.label) AND f.on_day >= s.since AND f.on_day <= DATE '2026-09-30')
          WHERE TRUE
        )
        WHERE recorded_at IS NULL OR recorded_at = latest
        GROUP BY child, on_day
      ) WHERE value IS NOT NULL QUALIFY row_number() OVER (PARTITION BY child ORDER BY on_day DESC) <= 20) GROUP BY child
)
);

-- reasons
SELECT p.person_id, r.kind, r.code, r.judgment, r.indicator, r.number, r.text, r.threshold,
  r.window_from, r.window_to, r.on_day AS "at",
  coalesce(s.series, r.pair, []) AS series,
  coalesce(e.source, r.holder) AS source,
  coalesce(e.row_keys, []) AS row_keys
FROM (
  SELECT child, 'sign', 'P1', 'poverty', 'assistance', i_assistance_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), i_assistance_at, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'seiho', 1, NULL::INTEGER FROM judged WHERE s_P1
  UNION ALL
  SELECT child, 'missing', 'P1', 'poverty', 'assistance', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'seiho', 1, NULL::INTEGER FROM judged WHERE i_assistance_s = 2
  UNION ALL
  SELECT child, 'sign', 'P2a', 'poverty', 'school_aid', NULL::DECIMAL(18, 6), i_school_aid_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shugaku_enjo', 2, NULL::INTEGER FROM judged WHERE s_P2a
  UNION ALL
  SELECT child, 'sign', 'P2b', 'poverty', 'school_aid', NULL::DECIMAL(18, 6), i_school_aid_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shugaku_enjo', 2, NULL::INTEGER FROM judged WHERE s_P2b
  UNION ALL
  SELECT child, 'sign', 'P6', 'poverty', 'school_aid', NULL::DECIMAL(18, 6), i_school_aid_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shugaku_enjo', 2, NULL::INTEGER FROM judged WHERE s_P6 AND (i_school_aid_v = 'refused')
  UNION ALL
  SELECT child, 'missing', 'P2', 'poverty', 'school_aid', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shugaku_enjo', 2, NULL::INTEGER FROM judged WHERE i_school_aid_s = 2
  UNION ALL
  SELECT child, 'sign', 'P3a', 'poverty', 'rearing_allowance', NULL::DECIMAL(18, 6), i_rearing_allowance_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'jifu', 3, NULL::INTEGER FROM judged WHERE s_P3a
  UNION ALL
  SELECT child, 'sign', 'P3b', 'poverty', 'rearing_allowance', NULL::DECIMAL(18, 6), i_rearing_allowance_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'jifu', 3, NULL::INTEGER FROM judged WHERE s_P3b
  UNION ALL
  SELECT child, 'missing', 'P3', 'poverty', 'rearing_allowance', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'jifu', 3, NULL::INTEGER FROM judged WHERE i_rearing_allowance_s = 2
  UNION ALL
  SELECT child, 'sign', 'P4a', 'poverty', 'tax_class', NULL::DECIMAL(18, 6), i_tax_class_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'zeimu', 4, NULL::INTEGER FROM judged WHERE s_P4a
  UNION ALL
  SELECT child, 'sign', 'P4b', 'poverty', 'tax_class', NULL::DECIMAL(18, 6), i_tax_class_v::VARCHAR, NULL::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'zeimu', 4, NULL::INTEGER FROM judged WHERE s_P4b
  UNION ALL
  SELECT child, 'missing', 'P4', 'poverty', 'tax_class', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'zeimu', 4, NULL::INTEGER FROM judged WHERE i_tax_class_s = 2
  UNION ALL
  SELECT child, 'sign', 'P5', 'poverty', 'unpaid_months', i_unpaid_months_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 2::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2026-09-30', NULL::VARCHAR[], 'kyushoku', 5, 1 FROM judged WHERE s_P5
  UNION ALL
  SELECT child, 'sign', 'P6', 'poverty', 'unpaid_months', i_unpaid_months_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2026-09-30', NULL::VARCHAR[], 'kyushoku', 5, 1 FROM judged WHERE s_P6 AND (i_unpaid_months_v >= 1)
  UNION ALL
  SELECT child, 'missing', 'P5', 'poverty', 'unpaid_months', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2026-09-30', NULL::VARCHAR[], 'kyushoku', 5, 1 FROM judged WHERE i_unpaid_months_s = 2
  UNION ALL
  SELECT child, 'sign', 'A1', 'academic', 'score', ((sign(i_score_v)::HUGEINT * ((2 * abs((i_score_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 40::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'gakuryoku', 6, NULL::INTEGER FROM judged WHERE s_A1
  UNION ALL
  SELECT child, 'sign', 'A2', 'academic', 'score', ((sign(i_score_v)::HUGEINT * ((2 * abs((i_score_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 45::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'gakuryoku', 6, NULL::INTEGER FROM judged WHERE s_A2
  UNION ALL
  SELECT child, 'missing', 'A1', 'academic', 'score', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'gakuryoku', 6, NULL::INTEGER FROM judged WHERE i_score_s = 2
  UNION ALL
  SELECT child, 'missing', 'A3', 'academic', 'score_before', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2025-04-01', DATE '2026-03-31', NULL::VARCHAR[], 'gakuryoku', 7, NULL::INTEGER FROM judged WHERE i_score_before_s = 2
  UNION ALL
  SELECT child, 'sign', 'A3', 'academic', 'score_fall', ((sign(i_score_fall_v)::HUGEINT * ((2 * abs((i_score_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 5::DECIMAL(18, 6), DATE '2026-04-01', DATE '2025-04-01', DATE '2027-03-31', [strftime(DATE '2025-04-01', '%Y-%m') || '=' || CASE WHEN i_score_before_s = 1 THEN rtrim(rtrim(((sign(i_score_before_v)::HUGEINT * ((2 * abs((i_score_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::VARCHAR, '0'), '.') ELSE '?' END, strftime(DATE '2026-04-01', '%Y-%m') || '=' || CASE WHEN i_score_s = 1 THEN rtrim(rtrim(((sign(i_score_v)::HUGEINT * ((2 * abs((i_score_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 2) // (2 * 2)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::VARCHAR, '0'), '.') ELSE '?' END], 'gakuryoku', 8, NULL::INTEGER FROM judged WHERE s_A3
  UNION ALL
  SELECT child, 'sign', 'N1a', 'noncognitive', 'absent_worst_month', i_absent_worst_month_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 10::DECIMAL(18, 6), i_absent_worst_month_at, DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 9, 2 FROM judged WHERE s_N1a
  UNION ALL
  SELECT child, 'missing', 'N1', 'noncognitive', 'absent_worst_month', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 9, 2 FROM judged WHERE i_absent_worst_month_s = 2
  UNION ALL
  SELECT child, 'sign', 'N1b', 'noncognitive', 'absent_rising', i_absent_rising_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 3::DECIMAL(18, 6), DATE '2026-09-01', DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 9, 2 FROM judged WHERE s_N1b
  UNION ALL
  SELECT child, 'missing', 'N1', 'noncognitive', 'absent_rising', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 9, 2 FROM judged WHERE i_absent_rising_s = 2
  UNION ALL
  SELECT child, 'sign', 'N1c', 'noncognitive', 'absent_total', i_absent_total_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 15::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 10, 2 FROM judged WHERE s_N1c
  UNION ALL
  SELECT child, 'missing', 'N1', 'noncognitive', 'absent_total', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2026-09-30', NULL::VARCHAR[], 'shukketsu', 10, 2 FROM judged WHERE i_absent_total_s = 2
  UNION ALL
  SELECT child, 'sign', 'N2a', 'noncognitive', 'scales', ((sign(i_scales_v)::HUGEINT * ((2 * abs((i_scales_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 2.5::DECIMAL(18, 6), DATE '2026-04-01', DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shitsumonshi', 11, NULL::INTEGER FROM judged WHERE s_N2a
  UNION ALL
  SELECT child, 'missing', 'N2', 'noncognitive', 'scales', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-04-01', DATE '2027-03-31', NULL::VARCHAR[], 'shitsumonshi', 11, NULL::INTEGER FROM judged WHERE i_scales_s = 2
  UNION ALL
  SELECT child, 'missing', 'N2', 'noncognitive', 'scales_before', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2025-04-01', DATE '2026-03-31', NULL::VARCHAR[], 'shitsumonshi', 12, NULL::INTEGER FROM judged WHERE i_scales_before_s = 2
  UNION ALL
  SELECT child, 'sign', 'N2b', 'noncognitive', 'scales_fall', ((sign(i_scales_fall_v)::HUGEINT * ((2 * abs((i_scales_fall_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), DATE '2026-04-01', DATE '2025-04-01', DATE '2027-03-31', [strftime(DATE '2025-04-01', '%Y-%m') || '=' || CASE WHEN i_scales_before_s = 1 THEN rtrim(rtrim(((sign(i_scales_before_v)::HUGEINT * ((2 * abs((i_scales_before_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::VARCHAR, '0'), '.') ELSE '?' END, strftime(DATE '2026-04-01', '%Y-%m') || '=' || CASE WHEN i_scales_s = 1 THEN rtrim(rtrim(((sign(i_scales_v)::HUGEINT * ((2 * abs((i_scales_v::DECIMAL(28, 6) * 1000000)::HUGEINT) + 5) // (2 * 5)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::VARCHAR, '0'), '.') ELSE '?' END], 'shitsumonshi', 13, NULL::INTEGER FROM judged WHERE s_N2b
  UNION ALL
  SELECT child, 'sign', 'N3', 'noncognitive', 'infirmary_worst_month', i_infirmary_worst_month_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 4::DECIMAL(18, 6), i_infirmary_worst_month_at, DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'hokenshitsu', 14, 3 FROM judged WHERE s_N3
  UNION ALL
  SELECT child, 'missing', 'N3', 'noncognitive', 'infirmary_worst_month', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-06-01', DATE '2026-09-30', NULL::VARCHAR[], 'hokenshitsu', 14, 3 FROM judged WHERE i_infirmary_worst_month_s = 2
  UNION ALL
  SELECT child, 'sign', 'N4a', 'noncognitive', 'council_protection', i_council_protection_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), i_council_protection_at, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'youtaikyo', 15, NULL::INTEGER FROM judged WHERE s_N4a
  UNION ALL
  SELECT child, 'missing', 'N4', 'noncognitive', 'council_protection', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'youtaikyo', 15, NULL::INTEGER FROM judged WHERE i_council_protection_s = 2
  UNION ALL
  SELECT child, 'sign', 'N4b', 'noncognitive', 'council_support', i_council_support_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), i_council_support_at, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'youtaikyo', 16, NULL::INTEGER FROM judged WHERE s_N4b
  UNION ALL
  SELECT child, 'missing', 'N4', 'noncognitive', 'council_support', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2026-09-30', DATE '2026-09-30', NULL::VARCHAR[], 'youtaikyo', 16, NULL::INTEGER FROM judged WHERE i_council_support_s = 2
  UNION ALL
  SELECT child, 'sign', 'N4c', 'noncognitive', 'notifications', i_notifications_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), i_notifications_at, DATE '2025-10-01', DATE '2026-09-30', NULL::VARCHAR[], 'kosoudan', 17, NULL::INTEGER FROM judged WHERE s_N4c
  UNION ALL
  SELECT child, 'missing', 'N4', 'noncognitive', 'notifications', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, DATE '2025-10-01', DATE '2026-09-30', NULL::VARCHAR[], 'kosoudan', 17, NULL::INTEGER FROM judged WHERE i_notifications_s = 2
  UNION ALL
  SELECT child, 'sign', 'N5', 'noncognitive', 'low_mood', ((sign(i_low_mood_v)::HUGEINT * ((2 * abs(((i_low_mood_v::DECIMAL(28, 6) * 1000000)::HUGEINT * 1000000)) + (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT) // (2 * (i_low_mood_d::DECIMAL(28, 6) * 1000000)::HUGEINT)))::DECIMAL(28, 0) * 0.000001)::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 0.6::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'kokoro', 18, 4 FROM judged WHERE s_N5
  UNION ALL
  SELECT child, 'missing', 'N5', 'noncognitive', 'low_mood', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'kokoro', 18, 4 FROM judged WHERE i_low_mood_s = 2
  UNION ALL
  SELECT child, 'sign', 'N6a', 'noncognitive', 'checkups_missed', i_checkups_missed_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 1::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'boshi', 19, NULL::INTEGER FROM judged WHERE s_N6a
  UNION ALL
  SELECT child, 'sign', 'N6b', 'noncognitive', 'checkups_missed', i_checkups_missed_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 2::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'boshi', 19, NULL::INTEGER FROM judged WHERE s_N6b
  UNION ALL
  SELECT child, 'missing', 'N6', 'noncognitive', 'checkups_missed', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'boshi', 19, NULL::INTEGER FROM judged WHERE i_checkups_missed_s = 2
  UNION ALL
  SELECT child, 'sign', 'N7', 'noncognitive', 'doses_missing', i_doses_missing_v::DECIMAL(18, 6)::DECIMAL(18, 6), NULL::VARCHAR, 3::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'boshi', 20, NULL::INTEGER FROM judged WHERE s_N7
  UNION ALL
  SELECT child, 'missing', 'N7', 'noncognitive', 'doses_missing', NULL::DECIMAL(18, 6), NULL::VARCHAR, NULL::DECIMAL(18, 6), NULL::DATE, NULL::DATE, NULL::DATE, NULL::VARCHAR[], 'boshi', 20, NULL::INTEGER FROM judged WHERE i_doses_missing_s = 2
) r(child, kind, code, judgment, indicator, number, text, threshold, on_day, window_from, window_to, pair, holder, place, picture)
JOIN person p USING (child)
LEFT JOIN places e ON e.place = r.place AND e.child = r.child
LEFT JOIN pictures s ON s.picture = r.picture AND s.child = r.child;
