-- The example criteria for 2026-09-30 written by hand, as an engineer would who knows this city, this day and these
-- thresholds: the floor for the compiled text. Same answers: `by_hand` and `reasons_by_hand` are compared row by row.

CREATE OR REPLACE TABLE h_month AS
WITH absent AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS m4,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-05-01') AS m5,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-06-01') AS m6,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-07-01') AS m7,
    max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-09-01') AS m9,
    count(*) <> bit_count(bit_or(1 << month(on_day))) AS doubled
  FROM fact_absent_days
  WHERE on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
  GROUP BY child
),
again AS (
  SELECT child, on_day, CASE WHEN bool_and(state = 'known') AND min(number) = max(number) THEN min(number) END AS v
  FROM (
    SELECT f.*, max(recorded_at) OVER (PARTITION BY child, on_day) AS latest FROM fact_absent_days f
    WHERE child IN (SELECT child FROM absent WHERE doubled) AND on_day >= DATE '2026-04-01'
  )
  WHERE recorded_at IS NULL OR recorded_at = latest
  GROUP BY ALL
)
SELECT child, m4, m5, m6, m7, m9 FROM absent WHERE NOT doubled
UNION ALL
SELECT child, max(v) FILTER (month(on_day) = 4), max(v) FILTER (month(on_day) = 5), max(v) FILTER (month(on_day) = 6),
  max(v) FILTER (month(on_day) = 7), max(v) FILTER (month(on_day) = 9)
FROM again GROUP BY child;

CREATE OR REPLACE TABLE h_fee AS
WITH fee AS (
  SELECT child,
    max(CASE WHEN state = 'known' THEN (text = 'unpaid')::INT END) FILTER (on_day = DATE '2026-04-01') AS f4,
    max(CASE WHEN state = 'known' THEN (text = 'unpaid')::INT END) FILTER (on_day = DATE '2026-05-01') AS f5,
    max(CASE WHEN state = 'known' THEN (text = 'unpaid')::INT END) FILTER (on_day = DATE '2026-06-01') AS f6,
    max(CASE WHEN state = 'known' THEN (text = 'unpaid')::INT END) FILTER (on_day = DATE '2026-07-01') AS f7,
    max(CASE WHEN state = 'known' THEN (text = 'unpaid')::INT END) FILTER (on_day = DATE '2026-09-01') AS f9,
    count(*) <> bit_count(bit_or(1 << month(on_day))) AS doubled
  FROM fact_school_fee
  WHERE on_day IN (DATE '2026-04-01', DATE '2026-05-01', DATE '2026-06-01', DATE '2026-07-01', DATE '2026-09-01')
  GROUP BY child
),
again AS (
  SELECT child, on_day, CASE WHEN bool_and(state = 'known') AND min(text) = max(text) THEN (min(text) = 'unpaid')::INT END AS v
  FROM (
    SELECT f.*, max(recorded_at) OVER (PARTITION BY child, on_day) AS latest FROM fact_school_fee f
    WHERE child IN (SELECT child FROM fee WHERE doubled) AND on_day >= DATE '2026-04-01'
  )
  WHERE recorded_at IS NULL OR recorded_at = latest
  GROUP BY ALL
)
SELECT child, f4, f5, f6, f7, f9 FROM fee WHERE NOT doubled
UNION ALL
SELECT child, max(v) FILTER (month(on_day) = 4), max(v) FILTER (month(on_day) = 5), max(v) FILTER (month(on_day) = 6),
  max(v) FILTER (month(on_day) = 7), max(v) FILTER (month(on_day) = 9)
FROM again GROUP BY child;

-- The yearly files of this city have one row per child and year.
CREATE OR REPLACE MACRO of_two_years(t) AS TABLE
SELECT child, max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2026-04-01') AS now,
  max(CASE WHEN state = 'known' THEN number END) FILTER (on_day = DATE '2025-04-01') AS old
FROM query_table(t) GROUP BY child;
CREATE OR REPLACE MACRO coded_this_year(t) AS TABLE
SELECT child, max(CASE WHEN state = 'known' THEN text ELSE '?' END) AS v
FROM query_table(t) WHERE on_day = DATE '2026-04-01' GROUP BY child;

CREATE OR REPLACE TABLE h_house AS
SELECT p.household_id,
  CASE WHEN bool_or(t.v = 'taxed') THEN 'taxed' WHEN bool_or(t.v IS NULL OR t.v IN ('?', 'undeclared')) THEN NULL
    WHEN bool_or(t.v = 'per_capita') THEN 'per_capita' WHEN bool_or(t.v = 'exempt') THEN 'exempt' END AS tax
FROM person p LEFT JOIN coded_this_year('fact_tax_class') t USING (child)
WHERE p.birth_date <= DATE '2008-01-01' AND (resident_from IS NULL OR resident_from <= DATE '2026-09-30')
  AND (resident_until IS NULL OR resident_until > DATE '2026-09-30')
GROUP BY p.household_id;

CREATE OR REPLACE TABLE h_mood AS
WITH since AS (
  SELECT label, min(on_day) AS since
  FROM (SELECT label, on_day, row_number() OVER (PARTITION BY label ORDER BY on_day DESC) AS n
        FROM (SELECT DISTINCT label, on_day FROM fact_mood))
  WHERE n <= 40 GROUP BY label
),
one AS (
  SELECT child, on_day, min(text) AS text, bool_and(state = 'known') AND min(text) = max(text) AS ok
  FROM fact_mood f JOIN since s USING (label) WHERE f.on_day >= s.since GROUP BY ALL
)
SELECT child, count(*) AS answers, max(2 * epoch(on_day)::BIGINT + (text IN ('rainy', 'thunder'))::INT, 20) AS newest
FROM one WHERE ok GROUP BY child;

CREATE OR REPLACE TABLE by_hand AS
WITH base AS (
  SELECT p.child, p.birth_date, p.resident_from, p.household_id,
    p.birth_date >= DATE '2020-04-02' AS pre,
    p.birth_date >= DATE '2011-04-02' AND p.birth_date < DATE '2020-04-02'
      AND coalesce(CASE WHEN e.v <> '?' THEN e.v = 'municipal' END, ro.child IS NOT NULL) AS pupil,
    p.birth_date < DATE '2019-04-02' AS second,
    m.*  EXCLUDE (child), f.* EXCLUDE (child),
    coalesce(h.tax, '?') AS tax, coalesce(a.v, 'none') AS aid, coalesce(ra.v, 'none') AS allowance,
    j.now + ma.now AS s2, j.old + ma.old AS s2_old,
    q1.now + q2.now + q3.now + q4.now + q5.now AS q5_now, q1.old + q2.old + q3.old + q4.old + q5.old AS q5_old,
    coalesce(v.v6, 0) AS v6, coalesce(v.v7, 0) AS v7, coalesce(v.v9, 0) AS v9, coalesce(v.u6, FALSE) AS u6,
    coalesce(v.u7, FALSE) AS u7, coalesce(v.u9, FALSE) AS u9,
    coalesce(sa.holds, FALSE) AS p1, coalesce(c.protection, FALSE) AS n4a, coalesce(c.support, FALSE) AS n4b,
    coalesce(re.n, 0) AS reports, coalesce(mo.answers, 0) AS answers, mo.newest,
    ch.c1, ch.c2, ch.c3, coalesce(va.given, 0) AS given, coalesce(va.doubt, 0) AS doubt
  FROM person p
  LEFT JOIN coded_this_year('fact_enrolment') e USING (child)
  LEFT JOIN (SELECT DISTINCT child FROM fact_roster WHERE on_day = DATE '2026-04-01') ro USING (child)
  LEFT JOIN h_month m USING (child)
  LEFT JOIN h_fee f USING (child)
  LEFT JOIN h_house h USING (household_id)
  LEFT JOIN coded_this_year('fact_school_aid') a USING (child)
  LEFT JOIN coded_this_year('fact_rearing_allowance') ra USING (child)
  LEFT JOIN of_two_years('fact_test_japanese') j USING (child)
  LEFT JOIN of_two_years('fact_test_math') ma USING (child)
  LEFT JOIN of_two_years('fact_q_self') q1 USING (child)
  LEFT JOIN of_two_years('fact_q_grit') q2 USING (child)
  LEFT JOIN of_two_years('fact_q_family') q3 USING (child)
  LEFT JOIN of_two_years('fact_q_friends') q4 USING (child)
  LEFT JOIN of_two_years('fact_q_habits') q5 USING (child)
  LEFT JOIN (
    SELECT child, count(*) FILTER (state = 'known' AND month(on_day) = 6) AS v6,
      count(*) FILTER (state = 'known' AND month(on_day) = 7) AS v7,
      count(*) FILTER (state = 'known' AND month(on_day) = 9) AS v9, bool_or(state <> 'known' AND month(on_day) = 6) AS u6,
      bool_or(state <> 'known' AND month(on_day) = 7) AS u7, bool_or(state <> 'known' AND month(on_day) = 9) AS u9
    FROM fact_infirmary_visit WHERE on_day >= DATE '2026-06-01' AND on_day <= DATE '2026-09-30' GROUP BY child
  ) v USING (child)
  LEFT JOIN (SELECT child, TRUE AS holds FROM fact_assistance
    WHERE on_day <= DATE '2026-09-30' AND (until IS NULL OR until > DATE '2026-09-30') GROUP BY child) sa USING (child)
  LEFT JOIN (SELECT child, bool_or(text = 'protection') AS protection, bool_or(text <> 'protection') AS support
    FROM fact_council_register
    WHERE on_day <= DATE '2026-09-30' AND (until IS NULL OR until > DATE '2026-09-30') GROUP BY child) c USING (child)
  LEFT JOIN (SELECT child, count(*) AS n FROM fact_report
    WHERE text = 'notification' AND on_day > DATE '2025-09-30' AND on_day <= DATE '2026-09-30' GROUP BY child) re USING (child)
  LEFT JOIN h_mood mo USING (child)
  LEFT JOIN (
    SELECT child, max((text = 'not_seen')::INT) FILTER (state = 'known' AND label = '4か月児健診') AS c1,
      max((text = 'not_seen')::INT) FILTER (state = 'known' AND label = '1歳6か月児健診') AS c2,
      max((text = 'not_seen')::INT) FILTER (state = 'known' AND label = '3歳児健診') AS c3
    FROM fact_checkup GROUP BY child
  ) ch USING (child)
  LEFT JOIN (
    SELECT child, bit_or(1 << n) FILTER (state = 'known') AS given, bit_or(1 << n) FILTER (state <> 'known') AS doubt
    FROM (SELECT child, state, list_position(['五種混合1期初回1', '小児用肺炎球菌1', 'B型肝炎1', '五種混合1期初回2',
      '小児用肺炎球菌2', '五種混合1期初回3', 'BCG', 'MR1期', '水痘1', '五種混合追加', '水痘2', '日本脳炎1'], label) AS n
      FROM fact_vaccination)
    GROUP BY child
  ) va USING (child)
  WHERE p.birth_date >= DATE '2008-04-02' AND p.birth_date <= DATE '2026-09-30'
    AND (p.resident_from IS NULL OR p.resident_from <= DATE '2026-09-30')
    AND (p.resident_until IS NULL OR p.resident_until > DATE '2026-09-30')
),
worked AS (
  SELECT *,
    pupil AND (m4 IS NULL OR m5 IS NULL OR m6 IS NULL OR m7 IS NULL OR m9 IS NULL) AS k_n1,
    m6 IS NULL OR m7 IS NULL OR m9 IS NULL AS k3,
    pupil AND (f4 IS NULL OR f5 IS NULL OR f6 IS NULL OR f7 IS NULL OR f9 IS NULL) AS k_p5,
    coalesce(f4, 0) + coalesce(f5, 0) + coalesce(f6, 0) + coalesce(f7, 0) + coalesce(f9, 0) AS unpaid,
    coalesce(f4, 1) + coalesce(f5, 1) + coalesce(f6, 1) + coalesce(f7, 1) + coalesce(f9, 1) AS unpaid_worst,
    greatest(m6, m7, m9) AS top, greatest(coalesce(m6, 20), coalesce(m7, 20), coalesce(m9, 20)) AS top_worst,
    coalesce(m4, 0) + coalesce(m5, 0) + coalesce(m6, 0) + coalesce(m7, 0) + coalesce(m9, 0) AS total,
    coalesce(m4, 20) + coalesce(m5, 20) + coalesce(m6, 20) + coalesce(m7, 20) + coalesce(m9, 20) AS total_worst,
    u6 OR coalesce(resident_from >= DATE '2026-07-01', FALSE) AS x6,
    u7 OR coalesce(resident_from >= DATE '2026-08-01', FALSE) AS x7,
    u9 OR coalesce(resident_from >= DATE '2026-10-01', FALSE) AS x9,
    (birth_date <= DATE '2026-03-30')::INT * coalesce(c1, 0) + (birth_date <= DATE '2024-12-30')::INT * coalesce(c2, 0)
      + (birth_date <= DATE '2022-12-30')::INT * coalesce(c3, 0) AS missed,
    (birth_date <= DATE '2026-03-30')::INT * coalesce(c1, 1) + (birth_date <= DATE '2024-12-30')::INT * coalesce(c2, 1)
      + (birth_date <= DATE '2022-12-30')::INT * coalesce(c3, 1) AS missed_worst,
    CASE WHEN birth_date <= DATE '2023-06-30' THEN 8190 WHEN birth_date <= DATE '2024-12-30' THEN 4094
      WHEN birth_date <= DATE '2025-06-30' THEN 2046 WHEN birth_date <= DATE '2026-01-30' THEN 254
      WHEN birth_date <= DATE '2026-02-28' THEN 126 WHEN birth_date <= DATE '2026-03-30' THEN 62
      WHEN birth_date <= DATE '2026-04-30' THEN 14 ELSE 0 END & ~given AS open,
    CASE WHEN resident_from IS NULL OR resident_from = birth_date THEN -1
      ELSE (year(resident_from) - year(birth_date)) * 12 + month(resident_from) - month(birth_date)
        - (day(resident_from) <= least(day(birth_date), 28))::INT END AS came
  FROM base
),
counted AS (
  SELECT *,
    greatest(v6, v7, v9) AS visits,
    greatest(CASE WHEN x6 THEN greatest(v6, 9) ELSE v6 END, CASE WHEN x7 THEN greatest(v7, 9) ELSE v7 END,
      CASE WHEN x9 THEN greatest(v9, 9) ELSE v9 END) AS visits_worst,
    open & (doubt | CASE WHEN came >= 36 THEN 8190 WHEN came >= 18 THEN 4094 WHEN came >= 12 THEN 2046 WHEN came >= 5 THEN 254
      WHEN came >= 4 THEN 126 WHEN came >= 3 THEN 62 WHEN came >= 2 THEN 14 ELSE 0 END) AS unsure,
    list_sum(list_transform(newest, lambda a: a % 2)) AS bad, len(newest) AS used
  FROM worked
),
signs AS (
  SELECT *,
    pupil AND coalesce(aid = 'protected', FALSE) AS p2a, pupil AND aid IN ('protected', '?') AS p2a_u,
    pupil AND aid = 'semi_protected' AS p2b, allowance = 'full' AS p3a, allowance IN ('full', '?') AS p3a_u,
    allowance = 'partial' AS p3b, tax = 'exempt' AS p4a, tax IN ('exempt', '?') AS p4a_u, tax = 'per_capita' AS p4b,
    pupil AND unpaid >= 2 AS p5, pupil AND unpaid_worst >= 2 AS p5_u, pupil AND unpaid >= 1 AND aid = 'refused' AS p6,
    pupil AND unpaid_worst >= 1 AND aid = 'refused' AS p6_u,
    pupil AND coalesce(s2 < 80, FALSE) AS a1, pupil AND coalesce(s2 < 80, TRUE) AS a1_u,
    pupil AND coalesce(s2 >= 80 AND s2 < 90, FALSE) AS a2,
    pupil AND second AND coalesce(s2_old - s2 >= 10, FALSE) AS a3, pupil AND second AND coalesce(s2_old - s2 >= 10, TRUE) AS a3_u,
    pupil AND coalesce(top >= 10, FALSE) AS n1a, pupil AND top_worst >= 10 AS n1a_u,
    pupil AND coalesce(NOT k3 AND m6 < m7 AND m7 < m9 AND m9 >= 3, FALSE) AS n1b, pupil AND (k3 OR (m6 < m7 AND m7 < m9 AND m9 >= 3)) AS n1b_u,
    pupil AND total >= 15 AS n1c, pupil AND total_worst >= 15 AS n1c_u,
    pupil AND coalesce(q5_now < 12.5, FALSE) AS n2a, pupil AND coalesce(q5_now < 12.5, TRUE) AS n2a_u,
    pupil AND second AND coalesce(q5_old - q5_now >= 5, FALSE) AS n2b, pupil AND second AND coalesce(q5_old - q5_now >= 5, TRUE) AS n2b_u,
    pupil AND visits >= 4 AS n3, pupil AND visits_worst >= 4 AS n3_u, reports >= 1 AS n4c,
    pupil AND answers >= 10 AND bad >= 0.6 * used AS n5, pupil AND (answers < 10 OR bad >= 0.6 * used) AS n5_u,
    pre AND missed = 1 AS n6a, pre AND missed_worst = 1 AS n6a_u, pre AND missed >= 2 AS n6b, pre AND missed_worst >= 2 AS n6b_u,
    pre AND bit_count(open) - bit_count(unsure) >= 3 AS n7, pre AND bit_count(open) >= 3 AS n7_u
  FROM counted
),
levels AS (
  SELECT *,
    CASE WHEN p1 OR p2a OR (p3a AND p4a) OR (p2b AND p4a) OR (p2b AND p5) THEN 2
      WHEN p2b OR p3a OR p3b OR p4a OR p4b OR p5 OR p6 THEN 1 ELSE 0 END AS pl,
    CASE WHEN p1 OR p2a_u OR (p3a_u AND p4a_u) OR (p2b AND p4a_u) OR (p2b AND p5_u) THEN 2
      WHEN p2b OR p3a_u OR p3b OR p4a_u OR p4b OR p5_u OR p6_u THEN 1 ELSE 0 END AS pu,
    CASE WHEN NOT pupil THEN NULL WHEN a1 OR (a2 AND a3) THEN 2 WHEN a2 OR a3 THEN 1 ELSE 0 END AS al,
    CASE WHEN NOT pupil THEN NULL WHEN a1_u OR (a2 AND a3_u) THEN 2 WHEN a2 OR a3_u THEN 1 ELSE 0 END AS au,
    (n1b OR n1c)::INT + (n2a OR n2b)::INT + n3::INT + (n4b OR n4c)::INT + coalesce(n5, FALSE)::INT + n6a::INT + n7::INT AS g,
    (n1b_u OR n1c_u)::INT + (n2a_u OR n2b_u)::INT + n3_u::INT + (n4b OR n4c)::INT + coalesce(n5_u, FALSE)::INT + n6a_u::INT + n7_u::INT AS gu
  FROM signs
),
judged AS (
  SELECT *, CASE WHEN n1a OR n4a OR n6b OR g >= 2 THEN 2 WHEN g >= 1 THEN 1 ELSE 0 END AS nl,
    CASE WHEN n1a_u OR n4a OR n6b_u OR gu >= 2 THEN 2 WHEN gu >= 1 THEN 1 ELSE 0 END AS nu
  FROM levels
),
two AS (
  SELECT *, (pl = 2)::INT + coalesce(al = 2, FALSE)::INT + (nl = 2)::INT AS two, (pl >= 1)::INT + coalesce(al >= 1, FALSE)::INT + (nl >= 1)::INT AS one,
    (greatest(pl, pu) = 2)::INT + coalesce(greatest(al, au) = 2, FALSE)::INT + (greatest(nl, nu) = 2)::INT AS two_u,
    (greatest(pl, pu) >= 1)::INT + coalesce(greatest(al, au) >= 1, FALSE)::INT + (greatest(nl, nu) >= 1)::INT AS one_u
  FROM judged
)
SELECT *,
  CASE WHEN n4a OR two >= 2 THEN 1 WHEN two >= 1 OR one >= 2 THEN 2 WHEN one >= 1 THEN 3 ELSE 5 END AS low,
  CASE WHEN n4a OR two_u >= 2 THEN 1 WHEN two_u >= 1 OR one_u >= 2 THEN 2 WHEN one_u >= 1 THEN 3 ELSE 5 END AS high,
  pupil AND aid = '?' AS k_p2, allowance = '?' AS k_p3, tax = '?' AS k_p4, pupil AND s2 IS NULL AS k_a1,
  pupil AND second AND s2_old IS NULL AS k_a3, pupil AND (q5_now IS NULL OR (second AND q5_old IS NULL)) AS k_n2,
  pupil AND (x6 OR x7 OR x9) AS k_n3, pupil AND answers < 10 AS k_n5,
  pre AND ((birth_date <= DATE '2026-03-30' AND c1 IS NULL) OR (birth_date <= DATE '2024-12-30' AND c2 IS NULL)
    OR (birth_date <= DATE '2022-12-30' AND c3 IS NULL)) AS k_n6,
  pre AND unsure <> 0 AS k_n7
FROM two;
