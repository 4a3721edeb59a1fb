-- Reasons with values, row keys and pictures for flagged children, by hand, over `by_hand`.
CREATE OR REPLACE TABLE hand_rows AS
WITH flagged AS (
  SELECT child, household_id, p1, pupil AND (p2a OR p2b OR p6 OR k_p2) AS aid, p3a OR p3b OR k_p3 AS allowance,
    p4a OR p4b OR k_p4 AS tax, p5 OR p6 OR k_p5 AS fee, a1 OR a2 OR k_a1 AS score, k_a3 AS before, a3 AS fall,
    n1a OR n1b OR (pupil AND k3) AS top, n1c OR k_n1 AS total, n2a OR (pupil AND q5_now IS NULL) AS scales,
    pupil AND second AND q5_old IS NULL AS scales_before, n2b, n3 OR k_n3 AS visits, n4a, n4b, n4c, n5 OR k_n5 AS mood,
    n6a OR n6b OR k_n6 AS checkups, n7 OR k_n7 AS doses
  FROM by_hand
),
found AS (
  SELECT 1 AS place, child, file, row, holder FROM flagged JOIN fact_assistance f USING (child)
    WHERE p1 AND on_day <= DATE '2026-09-30' AND (until IS NULL OR until > DATE '2026-09-30')
  UNION ALL SELECT 2, child, file, row, holder FROM flagged JOIN fact_school_aid USING (child) WHERE aid AND on_day = DATE '2026-04-01'
  UNION ALL SELECT 3, child, file, row, holder FROM flagged JOIN fact_rearing_allowance USING (child)
    WHERE allowance AND on_day = DATE '2026-04-01'
  UNION ALL SELECT 4, g.child, file, row, f.holder FROM flagged g JOIN person p USING (household_id) JOIN fact_tax_class f ON f.child = p.child
    WHERE tax AND p.birth_date <= DATE '2008-01-01' AND f.on_day = DATE '2026-04-01'
      AND (p.resident_from IS NULL OR p.resident_from <= DATE '2026-09-30')
      AND (p.resident_until IS NULL OR p.resident_until > DATE '2026-09-30')
  UNION ALL SELECT 5, child, file, row, holder FROM flagged JOIN fact_school_fee USING (child)
    WHERE fee AND on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
  UNION ALL SELECT u, child, file, row, holder FROM flagged JOIN (FROM fact_test_japanese UNION ALL FROM fact_test_math) f USING (child),
      LATERAL (SELECT unnest(list_filter([CASE WHEN score AND year(on_day) = 2026 THEN 6 END,
        CASE WHEN before AND year(on_day) = 2025 THEN 7 END, CASE WHEN fall THEN 8 END], lambda x: x IS NOT NULL)) AS u)
    WHERE score OR before OR fall
  UNION ALL SELECT u, child, file, row, holder FROM flagged JOIN fact_absent_days f USING (child),
      LATERAL (SELECT unnest(list_filter([CASE WHEN total THEN 9 END, CASE WHEN top AND on_day >= DATE '2026-06-01' THEN 10 END],
        lambda x: x IS NOT NULL)) AS u)
    WHERE (top OR total) AND on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
  UNION ALL SELECT u, child, file, row, holder FROM flagged JOIN
      (FROM fact_q_self UNION ALL FROM fact_q_grit UNION ALL FROM fact_q_family UNION ALL FROM fact_q_friends UNION ALL FROM fact_q_habits) f
      USING (child),
      LATERAL (SELECT unnest(list_filter([CASE WHEN scales AND year(on_day) = 2026 THEN 11 END,
        CASE WHEN scales_before AND year(on_day) = 2025 THEN 12 END, CASE WHEN n2b THEN 13 END], lambda x: x IS NOT NULL)) AS u)
    WHERE scales OR scales_before OR n2b
  UNION ALL SELECT 14, child, file, row, holder FROM flagged JOIN fact_infirmary_visit USING (child)
    WHERE visits AND on_day >= DATE '2026-06-01' AND on_day < DATE '2026-10-01'
  UNION ALL SELECT CASE WHEN text = 'protection' THEN 15 ELSE 16 END, child, file, row, holder FROM flagged
      JOIN fact_council_register USING (child)
    WHERE (n4a OR n4b) AND on_day <= DATE '2026-09-30' AND (until IS NULL OR until > DATE '2026-09-30')
  UNION ALL SELECT 17, child, file, row, holder FROM flagged JOIN fact_report USING (child)
    WHERE n4c AND text = 'notification' AND on_day > DATE '2025-09-30' AND on_day <= DATE '2026-09-30'
  UNION ALL SELECT 19, child, file, row, holder FROM flagged JOIN fact_checkup USING (child) WHERE checkups
  UNION ALL SELECT 20, child, file, row, holder FROM flagged JOIN fact_vaccination USING (child) WHERE doses
  UNION ALL SELECT 18, child, file, row, holder FROM (
    SELECT f.child, f.on_day, f.file, f.row, f.holder, dense_rank() OVER (PARTITION BY f.child ORDER BY f.on_day DESC) AS n
    FROM flagged g JOIN fact_mood f USING (child)
    JOIN (SELECT label, min(on_day) AS since FROM (SELECT label, on_day, row_number() OVER (PARTITION BY label ORDER BY on_day DESC) AS n
      FROM (SELECT DISTINCT label, on_day FROM fact_mood)) WHERE n <= 40 GROUP BY label) s USING (label)
    WHERE g.mood AND f.on_day >= s.since
      AND (f.child, f.on_day) IN (SELECT child, on_day FROM fact_mood GROUP BY ALL HAVING bool_and(state = 'known') AND min(text) = max(text))
  ) WHERE n <= 20
)
SELECT place, child, list_sort(list(DISTINCT file || '#' || row)) AS row_keys, string_agg(DISTINCT holder, ',') AS source
FROM found GROUP BY ALL;

CREATE OR REPLACE TABLE hand_pictures AS
WITH flagged AS (
  SELECT child, birth_date, resident_from, n1a OR n1b OR n1c OR k_n1 AS absent, p5 OR p6 OR k_p5 AS fee, n3 OR k_n3 AS visits
  FROM by_hand
),
month AS (SELECT m::DATE AS m, make_date(CASE WHEN month(m) >= 4 THEN year(m) ELSE year(m) - 1 END - 6, 4, 2) AS born_before
  FROM range(DATE '2025-10-01', DATE '2026-10-01', INTERVAL 1 MONTH) t(m) WHERE month(m) <> 8),
absent AS (
  SELECT child, on_day, CASE WHEN bool_and(state = 'known') AND min(number) = max(number) THEN min(number) END AS v
  FROM (SELECT f.*, max(recorded_at) OVER (PARTITION BY child, on_day) AS latest FROM fact_absent_days f
    WHERE child IN (SELECT child FROM flagged WHERE absent) AND on_day >= DATE '2025-10-01')
  WHERE recorded_at IS NULL OR recorded_at = latest GROUP BY ALL
),
fee AS (
  SELECT child, on_day, CASE WHEN bool_and(state = 'known') AND min(text) = max(text) THEN (min(text) = 'unpaid')::INT END AS v
  FROM fact_school_fee WHERE child IN (SELECT child FROM flagged WHERE fee) AND on_day >= DATE '2025-10-01' GROUP BY ALL
),
visits AS (
  SELECT child, date_trunc('month', on_day)::DATE AS on_day, count(*) FILTER (state = 'known') AS v, bool_or(state <> 'known') AS u
  FROM fact_infirmary_visit WHERE child IN (SELECT child FROM flagged WHERE visits) AND on_day >= DATE '2025-10-01' GROUP BY ALL
)
SELECT 1 AS picture, f.child,
  list(strftime(m, '%Y-%m') || '=' || coalesce(rtrim(rtrim(v::VARCHAR, '0'), '.'), '?') ORDER BY m) AS series
FROM flagged f JOIN month ON f.birth_date < born_before LEFT JOIN absent a ON a.child = f.child AND a.on_day = m WHERE f.absent GROUP BY ALL
UNION ALL
SELECT 2, f.child, list(strftime(m, '%Y-%m') || '=' || coalesce(v::VARCHAR, '?') ORDER BY m)
FROM flagged f JOIN month ON f.birth_date < born_before LEFT JOIN fee a ON a.child = f.child AND a.on_day = m WHERE f.fee GROUP BY ALL
UNION ALL
SELECT 3, f.child, list(strftime(m, '%Y-%m') || '=' ||
  CASE WHEN u OR f.resident_from >= m + INTERVAL 1 MONTH THEN '?' ELSE coalesce(v, 0)::VARCHAR END ORDER BY m)
FROM flagged f JOIN month ON f.birth_date < born_before LEFT JOIN visits a ON a.child = f.child AND a.on_day = m WHERE f.visits GROUP BY ALL
UNION ALL
SELECT 4, child, list_transform(list_sort(newest), lambda a: strftime(make_timestamp((a // 2) * 1000000), '%Y-%m-%d') || '=' || (a % 2))
FROM h_mood JOIN (SELECT child FROM by_hand WHERE n5 OR k_n5) USING (child);

CREATE OR REPLACE TABLE reasons_by_hand AS
WITH said AS (
  SELECT child, 'P1' AS code, 'sign' AS kind, 1::DECIMAL(18, 6) AS number, NULL AS text, 1 AS place, NULL AS picture FROM by_hand WHERE p1
  UNION ALL SELECT child, CASE WHEN p2a THEN 'P2a' ELSE 'P2b' END, 'sign', NULL, aid, 2, NULL FROM by_hand WHERE p2a OR p2b
  UNION ALL SELECT child, CASE WHEN p3a THEN 'P3a' ELSE 'P3b' END, 'sign', NULL, allowance, 3, NULL FROM by_hand WHERE p3a OR p3b
  UNION ALL SELECT child, CASE WHEN p4a THEN 'P4a' ELSE 'P4b' END, 'sign', NULL, tax, 4, NULL FROM by_hand WHERE p4a OR p4b
  UNION ALL SELECT child, 'P5', 'sign', unpaid, NULL, 5, 2 FROM by_hand WHERE p5
  UNION ALL SELECT child, 'P6', 'sign', unpaid, NULL, 5, 2 FROM by_hand WHERE p6
  UNION ALL SELECT child, 'P6', 'sign', NULL, aid, 2, NULL FROM by_hand WHERE p6
  UNION ALL SELECT child, CASE WHEN a1 THEN 'A1' ELSE 'A2' END, 'sign', s2 * 0.5, NULL, 6, NULL FROM by_hand WHERE a1 OR a2
  UNION ALL SELECT child, 'A3', 'sign', (s2_old - s2) * 0.5, NULL, 8, NULL FROM by_hand WHERE a3
  UNION ALL SELECT child, 'N1a', 'sign', top, NULL, 10, 1 FROM by_hand WHERE n1a
  UNION ALL SELECT child, 'N1b', 'sign', m9, NULL, 10, 1 FROM by_hand WHERE n1b
  UNION ALL SELECT child, 'N1c', 'sign', total, NULL, 9, 1 FROM by_hand WHERE n1c
  UNION ALL SELECT child, 'N2a', 'sign', q5_now * 0.2, NULL, 11, NULL FROM by_hand WHERE n2a
  UNION ALL SELECT child, 'N2b', 'sign', (q5_old - q5_now) * 0.2, NULL, 13, NULL FROM by_hand WHERE n2b
  UNION ALL SELECT child, 'N3', 'sign', visits, NULL, 14, 3 FROM by_hand WHERE n3
  UNION ALL SELECT child, 'N4a', 'sign', 1, NULL, 15, NULL FROM by_hand WHERE n4a
  UNION ALL SELECT child, 'N4b', 'sign', 1, NULL, 16, NULL FROM by_hand WHERE n4b
  UNION ALL SELECT child, 'N4c', 'sign', reports, NULL, 17, NULL FROM by_hand WHERE n4c
  UNION ALL SELECT child, 'N5', 'sign', ((2 * bad * 1000000 + used) // (2 * used)) * 0.000001, NULL, 18, 4 FROM by_hand WHERE n5
  UNION ALL SELECT child, CASE WHEN n6a THEN 'N6a' ELSE 'N6b' END, 'sign', missed, NULL, 19, NULL FROM by_hand WHERE n6a OR n6b
  UNION ALL SELECT child, 'N7', 'sign', bit_count(open) - bit_count(unsure), NULL, 20, NULL FROM by_hand WHERE n7
  UNION ALL SELECT child, 'P2', 'missing', NULL, NULL, 2, NULL FROM by_hand WHERE k_p2
  UNION ALL SELECT child, 'P3', 'missing', NULL, NULL, 3, NULL FROM by_hand WHERE k_p3
  UNION ALL SELECT child, 'P4', 'missing', NULL, NULL, 4, NULL FROM by_hand WHERE k_p4
  UNION ALL SELECT child, 'P5', 'missing', NULL, NULL, 5, 2 FROM by_hand WHERE k_p5
  UNION ALL SELECT child, 'A1', 'missing', NULL, NULL, 6, NULL FROM by_hand WHERE k_a1
  UNION ALL SELECT child, 'A3', 'missing', NULL, NULL, 7, NULL FROM by_hand WHERE k_a3
  UNION ALL SELECT child, 'N1', 'missing', NULL, NULL, 10, 1 FROM by_hand WHERE pupil AND k3
  UNION ALL SELECT child, 'N1', 'missing', NULL, NULL, 10, 1 FROM by_hand WHERE pupil AND k3
  UNION ALL SELECT child, 'N1', 'missing', NULL, NULL, 9, 1 FROM by_hand WHERE k_n1
  UNION ALL SELECT child, 'N2', 'missing', NULL, NULL, 11, NULL FROM by_hand WHERE pupil AND q5_now IS NULL
  UNION ALL SELECT child, 'N2', 'missing', NULL, NULL, 12, NULL FROM by_hand WHERE pupil AND second AND q5_old IS NULL
  UNION ALL SELECT child, 'N3', 'missing', NULL, NULL, 14, 3 FROM by_hand WHERE k_n3
  UNION ALL SELECT child, 'N5', 'missing', NULL, NULL, 18, 4 FROM by_hand WHERE k_n5
  UNION ALL SELECT child, 'N6', 'missing', NULL, NULL, 19, NULL FROM by_hand WHERE k_n6
  UNION ALL SELECT child, 'N7', 'missing', NULL, NULL, 20, NULL FROM by_hand WHERE k_n7
)
SELECT p.person_id, s.kind, s.code, s.number::DECIMAL(18, 6) AS number, s.text, coalesce(r.row_keys, []) AS row_keys, r.source,
  coalesce(h.series, []) AS series
FROM said s JOIN person p USING (child)
LEFT JOIN hand_rows r ON r.child = s.child AND r.place = s.place
LEFT JOIN hand_pictures h ON h.child = s.child AND h.picture = s.picture;
