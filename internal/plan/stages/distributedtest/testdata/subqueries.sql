-- error
SELECT CASE WHEN t.a = 99 THEN (SELECT x FROM u WHERE u.a = t.a) ELSE 5 END FROM t

-- error
SELECT t.a, coalesce(t.a, (SELECT x FROM u WHERE u.a = t.a)) FROM t WHERE a IS NOT NULL

-- error
SELECT * FROM t WHERE t.a >= 0 OR t.b = (SELECT x FROM u WHERE u.a = t.a)

-- error
SELECT CASE WHEN t.a = 99 THEN (SELECT x FROM u) ELSE 5 END FROM t

-- error
SELECT CASE WHEN t.a = 99 THEN (SELECT x FROM u WHERE u.a = t.a OFFSET 1) ELSE 5 END FROM t

-- error
SELECT try((SELECT x FROM u WHERE u.a = t.a)) FROM t

SELECT * FROM t WHERE t.a = 99 AND t.b = (SELECT x FROM u WHERE u.a = t.a)

-- same as: SELECT 5 FROM t
SELECT CASE WHEN t.a = 99 THEN (SELECT 1 / count(*) FROM u WHERE u.a = t.a) ELSE 5 END FROM t

-- same as: SELECT 5 FROM t
SELECT CASE WHEN t.a = 99 THEN (SELECT 1 / count(*) FROM u WHERE u.a < t.a AND u.x = 77) ELSE 5 END FROM t

-- same as: SELECT 5 FROM t
SELECT CASE WHEN t.a = 99 THEN (SELECT t.b / count(*) FROM u WHERE u.x = 77) ELSE 5 END FROM t

-- error
SELECT try((SELECT 1 / count(*) FROM u WHERE u.a = t.a)) FROM t

-- error
SELECT * FROM t WHERE try((SELECT 1 / count(*) FROM u WHERE u.a = t.a)) IS NULL

-- error
SELECT x FROM (SELECT 1 / a x FROM t) WHERE try(x + 1) IS NULL

-- error
SELECT * FROM t WHERE try(CASE WHEN t.a = 99 THEN (SELECT x FROM u WHERE u.a = t.a) END) IS NULL

SELECT * FROM v WHERE (SELECT x FROM u WHERE u.a = v.a AND (v.a >= 50 OR x < 0)) IS NULL

SELECT try(1 / (SELECT count(*) FROM u WHERE u.a = t.a)) FROM t

SELECT try(1 / (SELECT count(*) FROM u)) FROM t

SELECT try(1 / (SELECT count(x) FROM u WHERE u.a = t.a)) IN (SELECT x FROM u WHERE u.a < t.a LIMIT 2) FROM t

-- error
SELECT try(1 / t.a IN (SELECT x FROM u WHERE x IS NOT NULL)) FROM t

-- error
SELECT try(1 / t.a > ALL (SELECT x FROM u)) FROM t

-- error
SELECT try((SELECT 1 / min(x) FROM u WHERE u.a = t.a)) FROM t

-- same as: SELECT ARRAY[1, 2] FROM t
SELECT filter(ARRAY[1, 2], y -> EXISTS (SELECT 1 FROM u)) FROM t

-- same as: SELECT IF(EXISTS (SELECT 1 FROM u WHERE u.a = t.a), ARRAY[1, 2], ARRAY[1]) FROM t
SELECT filter(ARRAY[1, 2], y -> EXISTS (SELECT 1 FROM u WHERE u.a = t.a) OR y = 1) FROM t

SELECT CASE WHEN b > 3 THEN a IN (SELECT x FROM u) WHEN b < 2 THEN EXISTS (SELECT 1 FROM u WHERE u.a < t.a) END FROM t

SELECT t.a, (SELECT sum(n) FROM (SELECT x, count(*) n FROM u WHERE u.a = t.a GROUP BY ROLLUP (x))) FROM t

SELECT t.a, (SELECT array_agg(coalesce(x, 77) * 100 + n ORDER BY coalesce(x, 77) * 100 + n) FROM (SELECT x, count(*) n FROM u WHERE u.a = t.a GROUP BY ROLLUP (x))) FROM t

-- same as: SELECT a, n FROM (SELECT t.a, (SELECT count(*) FROM u WHERE u.a = t.a AND x < 3) n FROM t) CROSS JOIN (VALUES 1, 2)
SELECT t.a, l.* FROM t, LATERAL (SELECT count(*) n FROM u WHERE u.a = t.a AND x < 3 GROUP BY GROUPING SETS ((), ())) l
