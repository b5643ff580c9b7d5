SELECT * FROM t WHERE a NOT IN (SELECT a FROM u)

SELECT * FROM t WHERE a NOT IN (SELECT a FROM u WHERE a IS NOT NULL)

SELECT * FROM t WHERE a NOT IN (SELECT a FROM e)

SELECT * FROM t WHERE a NOT IN (SELECT a FROM v) OR b = 1

SELECT * FROM t WHERE a IN (SELECT a FROM u) OR b IN (SELECT x FROM u)

SELECT a, a IN (SELECT a FROM u), a IN (SELECT a FROM e), a NOT IN (SELECT y FROM v) FROM t

SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)

SELECT * FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.x > t.b)

SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a OR u.x = t.b)

SELECT * FROM t WHERE EXISTS (SELECT 1 FROM e)

SELECT * FROM t WHERE EXISTS (SELECT count(*) FROM e)

SELECT * FROM t WHERE NOT EXISTS (SELECT 1 FROM e WHERE e.a = t.a)

SELECT a, EXISTS (SELECT 1 FROM u WHERE u.a = t.a), EXISTS (SELECT 1 FROM v) FROM t

SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a) FROM t

SELECT a, (SELECT count(x) + 1 FROM u WHERE u.a = t.a), (SELECT sum(x) FROM u WHERE u.a = t.a) FROM t

SELECT a, (SELECT coalesce(sum(x), -1) FROM u WHERE u.a = t.a AND u.x > 2) FROM t

SELECT a, (SELECT CASE WHEN count(*) = 0 THEN 'none' ELSE 'some' END FROM u WHERE u.a = t.a) FROM t

SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a HAVING count(*) > 2) FROM t

SELECT a, (SELECT max(x) FROM u WHERE u.a < t.a) FROM t

SELECT a, (SELECT max(x) + t.b FROM u) FROM t

SELECT a, (SELECT max(x + t.b) FROM u WHERE u.a = t.a) FROM t

SELECT a, (SELECT max(x) FROM u WHERE u.a = t.a AND u.x = t.b) FROM t

SELECT a, (SELECT max(x) FROM u WHERE u.a = t.a AND u.a = t.b) FROM t

SELECT a, (SELECT max(x) FROM u WHERE u.a + 1 = t.a) FROM t

SELECT a, (SELECT count(*) FROM u WHERE t.a = 3) FROM t

SELECT a, (SELECT count(DISTINCT x) FROM u WHERE u.a = t.a) FROM t

SELECT * FROM t WHERE b > (SELECT avg(x) FROM u WHERE u.a = t.a)

SELECT * FROM t WHERE b = (SELECT max(x) FROM u)

-- error
SELECT * FROM t WHERE b = (SELECT x FROM u)

-- error
SELECT * FROM t WHERE b = (SELECT x FROM u WHERE u.a = t.a)

SELECT a, (SELECT y FROM v WHERE v.a = t.a) FROM t

SELECT a, (SELECT y FROM v WHERE v.a = t.a AND v.y > 1) IS NULL FROM t

SELECT a, (SELECT z FROM e) FROM t

SELECT a, (SELECT sum(z) FROM e), (SELECT count(*) FROM e) FROM t

SELECT CASE WHEN b IN (SELECT x FROM u) THEN 'in' WHEN b IS NULL THEN 'null' ELSE (SELECT max(s) FROM u WHERE u.a = t.a) END FROM t

SELECT CASE (SELECT max(y) FROM v) WHEN 1 THEN 'one' WHEN 8 THEN 'eight' ELSE 'other' END, a FROM t

SELECT CASE (SELECT max(y) FROM v WHERE v.a = t.a) WHEN 2 THEN 'two' WHEN 8 THEN 'eight' ELSE 'other' END, a FROM t

SELECT a, (SELECT max(y) FROM v WHERE v.a = t.a) BETWEEN 1 AND 5 FROM t

SELECT nullif((SELECT max(y) FROM v), 8), coalesce((SELECT z FROM e), a) FROM t

SELECT (SELECT max(y) FROM v), count(*) FROM t GROUP BY (SELECT max(y) FROM v)

SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > (SELECT min(y) + 3 FROM v)

SELECT a, count(*) FROM t GROUP BY a HAVING a IN (SELECT a FROM u)

SELECT a, sum((SELECT count(*) FROM u WHERE u.a = t.a)) FROM t GROUP BY a

SELECT a, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a)) FROM t GROUP BY a

SELECT sum(b) FROM t WHERE a > ALL (SELECT y FROM v WHERE y IS NOT NULL)

SELECT a FROM t WHERE a > ANY (SELECT y FROM v)

SELECT a FROM t WHERE a >= ALL (SELECT y FROM v WHERE v.a = t.a)

SELECT a FROM t WHERE a < ALL (SELECT z FROM e)

SELECT a, a < ANY (SELECT y FROM v), a <> ALL (SELECT y FROM v), a = ANY (SELECT a FROM v) FROM t

SELECT * FROM t JOIN u ON t.a = u.a AND t.b IN (SELECT y FROM v)

SELECT * FROM t LEFT JOIN u ON t.a = u.a AND u.x IN (SELECT y FROM v)

SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.b > (SELECT min(y) FROM v)

SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.b > u.x

SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.b > 3

SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.x > 3

SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.x IS NULL

SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE NOT (u.x > 3)

SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.x > 3 OR u.s IS NULL

SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE coalesce(u.x, 0) = 0

SELECT * FROM t RIGHT JOIN u ON t.a = u.a AND t.b = u.x

SELECT * FROM t RIGHT JOIN u ON t.a = u.a WHERE t.b < 5

SELECT * FROM t FULL JOIN u ON t.a = u.a

SELECT * FROM t FULL JOIN u ON t.a = u.a AND t.b = u.x WHERE t.b > 2

SELECT * FROM t FULL JOIN u ON t.a = u.a AND t.b = u.x WHERE u.x > 2

SELECT * FROM t FULL JOIN u ON t.a = u.a AND t.b = u.x WHERE u.x > 2 AND t.b > 1

SELECT * FROM t FULL JOIN u ON t.a = u.a AND t.b > 2

SELECT * FROM t FULL JOIN u ON t.b > u.x

SELECT t.a, count(*), count(u.a) FROM t FULL JOIN u ON t.a = u.a GROUP BY t.a

SELECT u.a, count(*), count(t.a) FROM t FULL JOIN u ON t.a = u.a GROUP BY u.a

SELECT a, count(*) FROM t FULL JOIN u USING (a) GROUP BY a

SELECT u.a, count(*) FROM t LEFT JOIN u ON t.a = u.a GROUP BY u.a

SELECT t.a, count(*) FROM t RIGHT JOIN u ON t.a = u.a GROUP BY t.a

SELECT u.a, count(*) FROM t RIGHT JOIN u ON t.a = u.a GROUP BY u.a

SELECT t.a, count(u.x) FROM t LEFT JOIN u ON t.a = u.a GROUP BY t.a

SELECT * FROM t LEFT JOIN u ON t.a = u.a LEFT JOIN v ON u.a = v.a

SELECT * FROM t LEFT JOIN (u JOIN v ON u.a = v.a) ON t.a = u.a

SELECT * FROM (t LEFT JOIN u ON t.a = u.a) JOIN v ON v.a = u.a

SELECT * FROM (t LEFT JOIN u ON t.a = u.a) JOIN v ON v.y = t.b

SELECT * FROM t, u, v WHERE t.a = u.a AND u.x = v.y

SELECT * FROM t, u, v WHERE t.a = u.a AND u.a = v.a AND t.b > u.x

SELECT t.a, u.x, v.y FROM t, u, v WHERE t.a + u.x = v.y

SELECT count(*) FROM t, u

SELECT count(*) FROM t, e

SELECT * FROM v CROSS JOIN (SELECT count(*) AS n FROM t)

SELECT count(*), sum(a), max(c), avg(b), count(DISTINCT a) FROM t WHERE a > 100

SELECT count(*), sum(z) FROM e

SELECT a, count(*) FROM e GROUP BY a

SELECT count(DISTINCT a) FROM t

SELECT count(DISTINCT a), sum(DISTINCT b), count(*), max(c) FROM t

SELECT c, count(DISTINCT a), count(*) FROM t GROUP BY c

SELECT c, count(DISTINCT a), sum(DISTINCT b) FROM t GROUP BY c

SELECT c, count(DISTINCT a) FILTER (WHERE b > 2), count(DISTINCT b) FROM t GROUP BY c

SELECT c, count(DISTINCT a), sum(b), min(d), avg(d) FROM t GROUP BY c

SELECT count(DISTINCT a), count(a), avg(DISTINCT b) FROM t WHERE a > 100

SELECT c, array_agg(b ORDER BY b, a) FROM t GROUP BY c

SELECT c, approx_distinct(a) FROM t GROUP BY c

SELECT c, min_by(a, b * 100 + coalesce(a, 0)), max_by(a, b) IS NULL FROM t GROUP BY c

SELECT stddev(b) > 0, bool_and(a > 0), bool_or(a > 3), every(b > 0) FROM t

SELECT a, c, count(*), sum(b) FROM t GROUP BY GROUPING SETS ((a), (c), (a, c), ())

SELECT a, c, grouping(a, c), count(*) FROM t GROUP BY ROLLUP (a, c)

SELECT a, c, grouping(a), count(*) FROM t GROUP BY CUBE (a, c) HAVING count(*) > 1

SELECT a, count(*) FROM e GROUP BY GROUPING SETS ((a), ())

SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), (a), ())

SELECT a, c, count(DISTINCT b) FROM t GROUP BY GROUPING SETS ((a), (c), ())

SELECT a, c, count(*) FROM t GROUP BY GROUPING SETS ((a), (c)) HAVING a = 3

SELECT a, c FROM (SELECT a, c, count(*) FROM t GROUP BY CUBE (a, c)) WHERE a IS NULL

SELECT DISTINCT a, c FROM t

SELECT DISTINCT a + 1 FROM t WHERE b > 2

SELECT count(*) FROM (SELECT DISTINCT a, b FROM t)

SELECT a FROM t UNION SELECT a FROM u

SELECT a FROM t UNION ALL SELECT a FROM u UNION ALL SELECT 1

SELECT a, count(*) FROM (SELECT a FROM t UNION ALL SELECT a FROM u) GROUP BY a

SELECT a FROM (SELECT a, count(*) FROM t GROUP BY a UNION ALL SELECT a, x FROM u UNION ALL SELECT count(*), 1 FROM v)

SELECT a FROM (SELECT a FROM t UNION ALL SELECT 17 UNION ALL SELECT count(*) FROM u) WHERE a > 2

SELECT a FROM t INTERSECT SELECT a FROM u

SELECT a FROM t EXCEPT SELECT a FROM u

SELECT a FROM t EXCEPT ALL SELECT a FROM u

SELECT a FROM t INTERSECT ALL SELECT a FROM u

SELECT a FROM (SELECT a FROM t EXCEPT SELECT a FROM v) WHERE a > 1

SELECT * FROM (SELECT a, b FROM t UNION SELECT a, x FROM u) WHERE a = 3 AND b > 1

SELECT * FROM t WHERE a IN (SELECT a FROM u UNION SELECT y FROM v)

SELECT a, row_number() OVER (PARTITION BY c ORDER BY a, b, d) FROM t

SELECT a, rank() OVER (ORDER BY a) FROM t

SELECT a, sum(b) OVER (PARTITION BY a) FROM t

SELECT * FROM (SELECT a, c, rank() OVER (PARTITION BY c ORDER BY a) AS r FROM t) WHERE r <= 2 AND c = 'b'

SELECT * FROM (SELECT a, b, sum(b) OVER (PARTITION BY a) AS s FROM t) WHERE a = 3

SELECT a, sum(n) OVER (PARTITION BY a) FROM (SELECT a, c, count(*) AS n FROM t GROUP BY a, c)

SELECT a, n, sum(n) OVER (PARTITION BY a + 1) FROM (SELECT a, count(*) AS n FROM t GROUP BY a)

SELECT a, count(*) FROM (SELECT a, row_number() OVER (PARTITION BY a, c ORDER BY b) AS r FROM t) WHERE r = 1 GROUP BY a

SELECT a, b FROM t ORDER BY a, b LIMIT 7

SELECT a, b FROM t ORDER BY a DESC NULLS FIRST, b DESC LIMIT 7

SELECT a, b FROM t ORDER BY a, b OFFSET 5 LIMIT 7

SELECT a, b FROM t ORDER BY a, b OFFSET 30

SELECT a FROM t ORDER BY a FETCH FIRST 4 ROWS WITH TIES

SELECT a FROM t ORDER BY a OFFSET 2 FETCH FIRST 4 ROWS WITH TIES

SELECT a FROM t ORDER BY (SELECT max(x) FROM u WHERE u.a = t.a), a LIMIT 5

SELECT a FROM t ORDER BY a, b, c LIMIT 0

-- count
SELECT a FROM t LIMIT 5

-- count
SELECT a FROM t OFFSET 3 LIMIT 5

-- count
SELECT a FROM t OFFSET 33

-- count
SELECT * FROM (SELECT a FROM t LIMIT 5) JOIN (SELECT 1) ON true

-- count
SELECT a FROM t LIMIT 1000

SELECT count(*) FROM (SELECT * FROM t LIMIT 9)

SELECT count(*) FROM (SELECT * FROM (SELECT * FROM t LIMIT 9) OFFSET 4)

WITH w AS (SELECT a, count(*) AS n FROM t GROUP BY a) SELECT * FROM w x JOIN w y ON x.n = y.n

WITH w AS (SELECT a, b FROM t WHERE b > 2) SELECT * FROM w WHERE a IN (SELECT a FROM w WHERE b = 5)

WITH w AS (SELECT a FROM t), z AS (SELECT a FROM w UNION ALL SELECT a FROM w) SELECT a, count(*) FROM z GROUP BY a

WITH w AS (SELECT random() AS r, a FROM t) SELECT count(*) FROM w x JOIN w y ON x.r = y.r

WITH w AS (SELECT count(*) AS n FROM t) SELECT a, (SELECT n FROM w), (SELECT n + 1 FROM w) FROM v

WITH w AS (SELECT a, max(b) AS m FROM t GROUP BY a) SELECT t.a FROM t, w WHERE t.a = w.a AND t.b = (SELECT max(m) FROM w)

SELECT a FROM t WHERE a IN (WITH w AS (SELECT a FROM u) SELECT x.a FROM w x JOIN w y ON x.a = y.a)

WITH w AS (SELECT a FROM t) SELECT (SELECT count(*) FROM w WHERE w.a = v.a) FROM v

WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n, t.a FROM r JOIN t ON t.a = r.n

SELECT * FROM v, LATERAL (SELECT max(b) FROM t WHERE t.a = v.a)

SELECT * FROM v LEFT JOIN LATERAL (SELECT b FROM t WHERE t.a = v.a AND b > 3) ON true

SELECT v.a, x FROM v CROSS JOIN LATERAL (SELECT x FROM u WHERE u.a = v.a ORDER BY x LIMIT 1)

SELECT k, e, o FROM n CROSS JOIN UNNEST(arr) WITH ORDINALITY AS q(e, o)

SELECT k, e FROM n LEFT JOIN UNNEST(arr) AS q(e) ON true

SELECT k, e, o FROM n CROSS JOIN UNNEST(transform(ARRAY[1, 2], x -> x + k)) WITH ORDINALITY AS q(e, o)

SELECT e, count(*) FROM n CROSS JOIN UNNEST(arr) AS q(e) GROUP BY e

SELECT * FROM UNNEST(ARRAY[1, 2, NULL]) AS q(e) LEFT JOIN t ON t.a = q.e

SELECT * FROM (VALUES (1, 'x'), (NULL, 'y'), (3, 'z')) AS q(i, l) JOIN t ON t.a = q.i

SELECT * FROM (VALUES (1, 'x'), (NULL, 'y'), (3, 'z')) AS q(i, l) LEFT JOIN t ON t.a = q.i

SELECT * FROM t RIGHT JOIN (VALUES 1, 3, 77) AS q(i) ON t.a = q.i

SELECT * FROM (VALUES 1, 2, NULL) AS q(i) WHERE i NOT IN (SELECT a FROM v)

SELECT * FROM t WHERE 1 = 0

SELECT count(*) FROM t WHERE NULL

SELECT t.a FROM t LEFT JOIN u ON 1 = 0 WHERE t.b = 1

SELECT * FROM t FULL JOIN v ON 1 = 0

SELECT a, b FROM t WHERE (a, b) IN (SELECT a, x FROM u WHERE a IS NOT NULL AND x IS NOT NULL)

SELECT t.a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.x IN (SELECT y FROM v WHERE v.a = u.a))

SELECT t.a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.x IN (SELECT y FROM v WHERE v.a = t.a))

SELECT t.a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND NOT EXISTS (SELECT 1 FROM v WHERE v.a = u.a AND v.y = t.b))

SELECT t.a FROM t WHERE b > (SELECT avg(x) FROM u WHERE u.a = t.a AND u.x < (SELECT max(y) FROM v WHERE v.a = u.a))

SELECT t.a FROM t WHERE b > (SELECT avg(x) FROM u WHERE u.a = t.a AND u.x < (SELECT max(y) FROM v WHERE v.a = t.a))

SELECT t.a, (SELECT count(*) FROM (SELECT DISTINCT x FROM u WHERE u.a = t.a)) FROM t

SELECT t.a, (SELECT count(*) FROM (SELECT x FROM u WHERE u.a = t.a LIMIT 2)) FROM t

SELECT t.a, (SELECT max(n) FROM (SELECT s, count(*) AS n FROM u WHERE u.a = t.a GROUP BY s)) FROM t

SELECT t.a FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a GROUP BY a HAVING count(*) > 2)

SELECT t.a FROM t WHERE b IN (SELECT max(x) FROM u GROUP BY a)

SELECT t.a FROM t WHERE b IN (SELECT max(x) FROM u WHERE u.a = t.a)

SELECT t.a FROM t WHERE b NOT IN (SELECT x FROM u WHERE u.a = t.a)

SELECT t.a, b NOT IN (SELECT x FROM u WHERE u.a = t.a) FROM t

SELECT t.a FROM t WHERE (SELECT count(*) FROM u WHERE u.a = t.a) = 0

SELECT t.a FROM t WHERE NOT (a IN (SELECT a FROM u) AND b IN (SELECT y FROM v))

SELECT a FROM (SELECT a, max(b) AS m FROM t GROUP BY a) WHERE m > 3 AND a IS NOT NULL

SELECT x.a, x.n, y.n FROM (SELECT a, count(*) AS n FROM t GROUP BY a) x LEFT JOIN (SELECT a, count(*) AS n FROM u GROUP BY a) y ON x.a = y.a

SELECT x.a, y.n FROM t x JOIN (SELECT a, c, count(*) AS n FROM t GROUP BY a, c) y ON x.a = y.a

SELECT a, c, max(n) FROM (SELECT a, c, b, count(*) AS n FROM t GROUP BY a, c, b) GROUP BY a, c

SELECT a, count(*) FROM (SELECT t.a, u.x FROM t JOIN u ON t.a = u.a AND t.b = u.x) GROUP BY a

SELECT t.a, sum(x) FROM t JOIN u ON t.a = u.a WHERE t.a IN (SELECT a FROM u GROUP BY a HAVING count(*) > 1) GROUP BY t.a

-- count
SELECT a FROM t WHERE random() < 2

SELECT count(*) FROM (SELECT a, random() AS r FROM t) WHERE r < 2 AND r >= 0

SELECT count(*) = count(DISTINCT r) FROM (SELECT random() AS r FROM t)

SELECT r = r FROM (SELECT random() AS r FROM t) WHERE r < 2

SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100)

SELECT a FROM t TABLESAMPLE BERNOULLI (0)

SELECT d, a + d, sum(d) FROM t GROUP BY d, a + d

SELECT a IS NOT DISTINCT FROM b, count(*) FROM t GROUP BY 1

SELECT * FROM t JOIN u ON t.a IS NOT DISTINCT FROM u.a

SELECT * FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a IS NOT DISTINCT FROM t.a)

SELECT 1, 'x' FROM t

SELECT count(*) FROM t GROUP BY ()

SELECT 5 FROM t GROUP BY c

SELECT max(a) FROM t GROUP BY 1 + 1

SELECT a, (SELECT count(*) FROM u GROUP BY ()) FROM t

SELECT * FROM (SELECT a FROM t WHERE a IN (SELECT a FROM u)) x JOIN (SELECT a FROM t WHERE a NOT IN (SELECT a FROM v)) y ON x.a = y.a

SELECT t.a, u.a FROM t LEFT JOIN u ON t.a = u.a AND u.a NOT IN (SELECT a FROM v)

SELECT sum(a) FROM t HAVING sum(a) > (SELECT count(*) FROM u)

SELECT a, b FROM t WHERE a = (SELECT max(a) FROM t x WHERE x.c = t.c) AND b = (SELECT min(b) FROM t x WHERE x.c = t.c AND x.a = t.a)

SELECT v.a, q.n, q.m FROM v, LATERAL (SELECT count(*) AS n, max(b) + 1 AS m FROM t WHERE t.a = v.a) q

SELECT v.a, q.n FROM v LEFT JOIN LATERAL (SELECT count(*) AS n FROM t WHERE t.a = v.a) q ON true

SELECT v.a, q.n FROM v LEFT JOIN LATERAL (SELECT count(*) AS n FROM t WHERE t.a = v.a) q ON q.n > 5

SELECT v.a, q.n FROM v JOIN LATERAL (SELECT count(*) AS n FROM t WHERE t.a = v.a) q ON q.n < 5

SELECT v.a, q.b, w.x FROM v CROSS JOIN LATERAL (SELECT b FROM t WHERE t.a = v.a) q CROSS JOIN LATERAL (SELECT x FROM u WHERE u.a = q.b) w

SELECT v.a, q.s FROM v, LATERAL (SELECT v.y + sum(b) AS s FROM t WHERE t.a > v.a) q

SELECT t.a, count(DISTINCT u.x) FROM t JOIN u ON t.a = u.a GROUP BY t.a

SELECT count(DISTINCT b), count(DISTINCT c) FROM t GROUP BY a

SELECT a, b, count(*) FROM (SELECT a, b FROM t WHERE b > 0 UNION ALL SELECT a, x FROM u WHERE x > 0) GROUP BY a, b

SELECT a, sum(n) FROM (SELECT a, count(*) AS n FROM t GROUP BY a UNION ALL SELECT x, count(*) FROM u GROUP BY x) GROUP BY a

SELECT a, sum(n) FROM (SELECT a, c, count(*) AS n FROM t GROUP BY a, c UNION ALL SELECT x, s, count(*) FROM u GROUP BY x, s) GROUP BY a

WITH w AS (SELECT a, b, c, d FROM t) SELECT v.a, (SELECT count(*) FROM w), x.c FROM v LEFT JOIN w x ON x.a = v.a LEFT JOIN w y ON y.b = v.y AND y.d > 1

SELECT * FROM t, u, v WHERE t.a = u.a AND t.b = u.x AND u.a = v.a AND t.a = v.a AND t.b > 1

SELECT * FROM t, u WHERE t.a = u.a AND t.a = u.x

SELECT * FROM t, u WHERE (t.a = u.a AND t.b = 1) OR (t.a = u.a AND u.x = 2) OR (t.a = u.a AND t.c IS NULL)

SELECT * FROM t, u WHERE (t.c = 'a' AND u.s = 'b') OR (t.c = 'b' AND u.s = 'c')

SELECT * FROM (SELECT count(*) AS n FROM u) x RIGHT JOIN t ON t.b = x.n

SELECT * FROM (SELECT count(*) AS n FROM v) x JOIN t ON t.b = x.n

SELECT * FROM (SELECT count(*) AS n FROM v) x FULL JOIN t ON t.b = x.n

SELECT a, b, count(*), count(DISTINCT c) FROM t GROUP BY GROUPING SETS ((a), (a, b), (), (b, a))

SELECT min(a), max(b), b IN (SELECT a FROM v) FROM t GROUP BY b IN (SELECT a FROM v), b

SELECT a, b FROM t WHERE b NOT IN (SELECT x FROM u WHERE u.a = t.a) AND a > 1

SELECT a, b FROM t WHERE b > ALL (SELECT x FROM u WHERE u.a = t.a)

SELECT a, b FROM t WHERE NOT (b > ALL (SELECT x FROM u WHERE u.a = t.a))

SELECT a, b FROM t WHERE NOT (b > ANY (SELECT x FROM u WHERE u.a = t.a))

SELECT a, b FROM t WHERE b <> ANY (SELECT x FROM u)

SELECT a, b FROM t WHERE b >= ALL (SELECT x FROM u WHERE x IS NOT NULL)

SELECT a FROM t WHERE d < 1.5 - 0.25 AND d * 2.0 > 0.5 + 0.125 AND d > CAST('0.3' AS decimal(3,1))

SELECT date '2024-01-31' + interval '1' month, date '2024-03-31' - interval '1' month, date '2023-12-31' + interval '14' month, date '1969-12-15' - interval '25' month

SELECT date '2024-03-01' - interval '1' day, date '1970-01-01' - interval '90' day, 1.25 * 3.5, 10.0 - 0.005, -0.5 + 12.25, 7 * 6 - 43, CAST(0.1 AS double), CAST(12345678901234567 AS double)

SELECT CAST('ab' AS char(4)), CAST('abc' AS varchar(2)), CAST(2.5 AS decimal(5,0)), CAST(-2.5 AS decimal(5,0)), CAST(3 AS decimal(4,2)), CAST('2020-01-05' AS date)

-- error
SELECT 2147483647 + 1 FROM t

-- error
SELECT 1 / 0 FROM t

SELECT count(*) FROM t WHERE a > 100 AND 1 / a = 0

SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b, c, d MEASURES MATCH_NUMBER() AS n, FIRST(b) AS f, LAST(U.d) AS l, count(B.*) AS k, array_agg(CLASSIFIER()) AS s ONE ROW PER MATCH PATTERN (A B* C?) SUBSET U = (A, B) DEFINE B AS B.b >= PREV(B.b), C AS sum(b) > 3) m

SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY c ORDER BY a, b, d MEASURES CLASSIFIER() AS s, RUNNING sum(d) AS r, FINAL max(A.d) AS m, PREV(LAST(B.a), 2) AS p ALL ROWS PER MATCH WITH UNMATCHED ROWS AFTER MATCH SKIP TO NEXT ROW PATTERN (A{2,3}? B) DEFINE A AS d IS NOT NULL, B AS lower(c) < 'c' OR nullif(B.a, A.a) IS NULL)

SELECT a, s FROM u MATCH_RECOGNIZE (ORDER BY a, x, s MEASURES count(*) AS k ALL ROWS PER MATCH OMIT EMPTY MATCHES PATTERN (A {- B -}| B*) DEFINE A AS a < 4, B AS greatest(x, PREV(x)) > 2) WHERE k > 1

SELECT a, b, n OVER w, sum(d) OVER w, count(*) OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY b, c, d MEASURES array_agg(B.b) AS n ROWS BETWEEN CURRENT ROW AND 3 FOLLOWING AFTER MATCH SKIP TO NEXT ROW SEEK PATTERN (A B+) DEFINE A AS A.b < 5, B AS B.b >= PREV(B.b))

SELECT m.a, count(*) FROM t MATCH_RECOGNIZE (PARTITION BY a ORDER BY b, c, d MEASURES LAST(c) AS l PATTERN (A+) DEFINE A AS b IN (SELECT y FROM v)) m JOIN u ON u.a = m.a GROUP BY m.a

SELECT * FROM e MATCH_RECOGNIZE (ORDER BY a MEASURES count(*) AS k PATTERN (A*) DEFINE A AS true)

-- error
SELECT * FROM v MATCH_RECOGNIZE (ORDER BY a MEASURES 1 AS k AFTER MATCH SKIP TO A PATTERN (A) DEFINE A AS true)

-- error
SELECT * FROM v MATCH_RECOGNIZE (ORDER BY a MEASURES 1 AS k PATTERN (A) DEFINE A AS y / (a - 2) > 1)

SELECT a, b FROM t WHERE (SELECT count(*) FROM (SELECT u.a AS y FROM u FULL JOIN v ON u.a = v.a) s WHERE s.y = t.a) > 0

SELECT a, b, r FROM (SELECT a, b, rank() OVER (PARTITION BY a ORDER BY b, d) AS r FROM t) WHERE r <= 2

SELECT a, b, r FROM (SELECT a, b, dense_rank() OVER (PARTITION BY c ORDER BY b) AS r FROM t) WHERE r < 3 AND r <> 1

-- count
SELECT a, b FROM (SELECT a, b, row_number() OVER (PARTITION BY a ORDER BY b) AS r FROM t) WHERE r = 1

SELECT t.a, w.x FROM t LEFT JOIN (SELECT * FROM u WHERE false) w ON t.a = w.a

SELECT a FROM t WHERE a NOT IN (SELECT a FROM u WHERE NULL) UNION SELECT a FROM v WHERE false

SELECT count(*), max(w.x) FROM (SELECT * FROM t LIMIT 0) q FULL JOIN (SELECT * FROM u WHERE x > 100 AND false) w ON q.a = w.a

-- ordered
SELECT a, b, c, d FROM t ORDER BY a, b, c, d

-- ordered
SELECT c, a, b, d FROM t ORDER BY c DESC, a NULLS FIRST, d DESC NULLS FIRST, b

-- ordered
SELECT a, b, c, d FROM t ORDER BY d, c, b, a

-- ordered
SELECT a FROM t ORDER BY a DESC

-- ordered
SELECT 1 AS one, a FROM t WHERE a > 2 ORDER BY one, a

-- ordered
SELECT a * 2 AS x, b FROM t WHERE b <> 3 ORDER BY x NULLS FIRST, b DESC

-- ordered
SELECT t.a, t.b, u.x, u.s FROM t JOIN u ON t.a = u.a ORDER BY u.s, t.b, u.x, t.a

-- ordered
SELECT a, count(*) AS n, sum(b) AS s FROM t GROUP BY a ORDER BY n DESC, s, a

-- ordered
SELECT a FROM e ORDER BY a

-- ordered
SELECT a, b FROM t ORDER BY a, b OFFSET 5

-- ordered
SELECT a FROM t UNION ALL SELECT x FROM u ORDER BY 1

-- ordered
SELECT x, a FROM (SELECT CASE WHEN b = 3 THEN nan() WHEN b = 6 THEN infinity() ELSE b / 1.5E0 END AS x, a FROM t) ORDER BY x DESC, a

-- ordered
SELECT cast(c AS char(3)) AS x, cast(b AS smallint) AS y FROM t ORDER BY x, y DESC

-- ordered
SELECT k, arr FROM n ORDER BY arr, k

SELECT a, b, row_number() OVER (ORDER BY b, a, c, d) AS n FROM t

SELECT a, b, rank() OVER (ORDER BY b DESC) AS r, dense_rank() OVER (ORDER BY b DESC) AS d FROM t

SELECT a, b, c, d, count(*) OVER w, count(a) OVER w, sum(a) OVER w, sum(d) OVER w, min(a) OVER w, max(c) OVER w, sum(b) FILTER (WHERE a > 2) OVER w
FROM t WINDOW w AS (ORDER BY b NULLS FIRST)

SELECT a, b, c, d, sum(a) OVER (w ROWS UNBOUNDED PRECEDING), count(c) OVER (w GROUPS UNBOUNDED PRECEDING), min(d) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
sum(b) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), count(*) OVER (w RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
FROM t WINDOW w AS (ORDER BY a, b, c, d)

SELECT sum(x) OVER (ORDER BY x DESC), sum(x) OVER (ORDER BY x ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM u

-- ordered
SELECT a, b, rank() OVER (ORDER BY b DESC NULLS FIRST) AS r FROM t ORDER BY b DESC NULLS FIRST, a

-- ordered
SELECT a, b, r FROM (SELECT a, b, c, dense_rank() OVER (ORDER BY b, a) AS r FROM t) x WHERE r > 2 ORDER BY b, a, c

SELECT * FROM (SELECT a, b, rank() OVER (ORDER BY b) AS r FROM t) x WHERE r <= 4

SELECT * FROM (SELECT a, rank() OVER (ORDER BY a DESC) AS r FROM t) x JOIN u ON x.r = u.a

SELECT r, count(*) FROM (SELECT a, dense_rank() OVER (ORDER BY b) AS r FROM t) GROUP BY r

SELECT sum(n) OVER (ORDER BY n), n FROM (SELECT a, row_number() OVER (ORDER BY a, b, c, d) AS n FROM t)

-- error
SELECT sum(a) OVER (ORDER BY a) FROM (SELECT 9223372036854775807 - a AS a FROM t)

-- error
SELECT sum(9223372036854775807 - a) FROM t

WITH x AS (SELECT a, b, c FROM t WHERE b <> 2) SELECT x.a, y.c FROM x JOIN x y ON x.a = y.b

WITH x AS (SELECT t.a, u.x, count(*) AS n, sum(t.b) AS s FROM t JOIN u ON t.a = u.a GROUP BY t.a, u.x) SELECT p.n, q.s FROM x p, x q WHERE p.a = q.a AND p.x = 1 AND q.x = 2

WITH x AS (SELECT a, b FROM t UNION ALL SELECT a, x FROM u), y AS (SELECT a, count(*) AS n FROM x GROUP BY a) SELECT * FROM x JOIN y ON x.a = y.a WHERE x.b IN (SELECT n FROM y WHERE n > 2)

WITH x AS (SELECT a, (SELECT max(x) FROM u WHERE u.a = t.a) AS m FROM t) SELECT * FROM x WHERE m > (SELECT avg(m) FROM x WHERE a = 1)

SELECT t.a, sum(t.b) AS s FROM t JOIN u ON t.a = u.a GROUP BY t.a HAVING sum(t.b) > (SELECT avg(t.b) FROM t JOIN u ON t.a = u.a)

SELECT x.a, x.s, y.m FROM (SELECT a, sum(b) AS s FROM t WHERE b > 1 GROUP BY a) x JOIN (SELECT a, max(c) AS m, sum(b) AS s FROM t WHERE b > 1 GROUP BY a) y ON x.a = y.a + 1

SELECT (SELECT count(*) FROM t JOIN u ON t.a = u.a WHERE u.x > 2), (SELECT max(c) FROM t JOIN u ON t.a = u.a WHERE u.x > 2), (SELECT max(s) FROM t JOIN u ON t.a = u.a AND u.x > 2)

SELECT * FROM (SELECT DISTINCT a, b FROM t) x WHERE a > (SELECT avg(a) FROM (SELECT DISTINCT b, a FROM t))

SELECT x.a, y.b FROM (SELECT a, count(*) AS n FROM (SELECT a, b FROM t UNION ALL SELECT a, x FROM u) GROUP BY a) x JOIN (SELECT a AS b, count(*) AS n, max(b) AS m FROM (SELECT a, b FROM t UNION ALL SELECT a, x FROM u) GROUP BY a) y ON x.n = y.n

WITH x AS (SELECT 's' AS k, a, count(*) AS n FROM t GROUP BY a UNION ALL SELECT 'w', a, count(*) FROM u GROUP BY a) SELECT p.n, q.n FROM x p, x q WHERE p.a = q.a AND p.k = 's' AND q.k = 'w'

SELECT a, CASE WHEN 1 = 1 THEN b WHEN a = 1 THEN 2 END, coalesce(1, b), a IN (1, NULL), 2 IN (1, NULL), NULL BETWEEN 1 AND 0 FROM t WHERE NOT (1 > 2 AND a = 3)

SELECT t.a, t.c, u.s, u.x IS NULL FROM t LEFT JOIN u ON t.a = u.a AND u.x > t.b WHERE u.a IS NULL AND t.b > 1

SELECT t.a, count(u.x) FROM t LEFT JOIN u ON t.a = u.a WHERE u.a IS NULL AND coalesce(u.x, t.b) > 2 GROUP BY t.a

SELECT t.a, u.x FROM t LEFT JOIN u ON t.a = u.a WHERE u.x IS NULL

SELECT t.b FROM t LEFT JOIN (SELECT a, count(*) AS n FROM u GROUP BY a) v ON t.a = v.a WHERE v.a IS NULL AND v.n IS NULL

SELECT * FROM t WHERE t.b = 3 AND EXISTS (SELECT 1 FROM t o WHERE o.a = t.a AND o.b <> t.b)

SELECT * FROM (SELECT DISTINCT a FROM t WHERE b = 3) l WHERE NOT EXISTS (SELECT 1 FROM t o WHERE o.a = l.a AND o.b <> 3) AND l.a IN (SELECT a FROM t)

SELECT q1.x + q1.x, q1.s FROM u q1 WHERE NOT EXISTS (SELECT 1 FROM v q2 CROSS JOIN v q4 WHERE q4.y > q1.a AND q2.y <> q1.x)

SELECT count(*) AS c0 FROM (SELECT count(DISTINCT q2.c0) AS c0 FROM (SELECT q1.b AS c0, q1.c AS c1, count(*) AS c2 FROM t q1 GROUP BY q1.b, q1.c) q2) q3 WHERE q3.c0 NOT IN (SELECT q4.y FROM v q4 JOIN e q5 ON q4.a = q5.a)

SELECT 1 FROM (SELECT count(DISTINCT b) FROM t)

SELECT x.r.s.y, y.r.x, x.a FROM w x LEFT JOIN w y ON x.r.x = y.r.s.y AND y.r.s.c > 'a' WHERE EXISTS (SELECT 1 FROM w z WHERE z.r.x = x.r.x)

SELECT q.x, q.s.c FROM (SELECT r AS q, a FROM w UNION ALL SELECT CAST(ROW(a, ROW(b, c)) AS row(x bigint, s row(y bigint, c varchar))), a FROM t) WHERE q.s.y > 1

SELECT r.x, i, j FROM w CROSS JOIN UNNEST(l) AS u(i, j) WHERE r.s.y IS NULL

SELECT m.x, m.s.y, a FROM (SELECT max_by(r, coalesce(r.x, 0) * 100 + coalesce(r.s.y, 0)) AS m, a FROM w GROUP BY a)

WITH c AS (SELECT a, r, r.s AS s FROM w WHERE a > 1) SELECT x.r.x, y.s.c, count(*) FROM c x JOIN c y ON x.r.s.y = y.s.y GROUP BY 1, 2

-- ordered
SELECT r.x, r.s.c FROM w ORDER BY r.s.y DESC, r.x NULLS FIRST, a, l[1].i, r.s.c

-- ordered
SELECT a, b, c, d FROM t ORDER BY a DESC, b NULLS FIRST, c, d OFFSET 7 LIMIT 19

-- count
SELECT c, upper(c) FROM t ORDER BY a OFFSET 3 LIMIT 21

SELECT count(*), sum(a) FROM (SELECT a, c || 'x' FROM t ORDER BY a, c LIMIT 30) WHERE a > 1

SELECT t.a, t.b, (SELECT max(x) FROM u WHERE u.a < t.a OR u.x = t.b) FROM t

SELECT t.a, t.b, (SELECT count(*) FROM u WHERE u.a < t.a OR u.x = t.b) FROM t

SELECT t.a, (SELECT count(DISTINCT x) + t.b FROM u WHERE u.a <= t.a) FROM t

SELECT t.a, t.b FROM t WHERE t.b > (SELECT avg(x) FROM u WHERE u.a < t.a)

SELECT t.a, (SELECT array_agg(x ORDER BY x, s) FROM (SELECT x, s FROM u WHERE u.a < t.a ORDER BY x LIMIT 3)) FROM t WHERE t.c = 'b'

SELECT t.a, (SELECT u.x FROM u WHERE u.a < t.a ORDER BY u.x, u.s LIMIT 1) FROM t

SELECT t.a, (SELECT u.x + t.b FROM u WHERE u.a < t.a ORDER BY u.x + 1 DESC, u.s OFFSET 2 FETCH FIRST 1 ROW ONLY) FROM t

SELECT t.a, (SELECT sum(x) FROM (SELECT x FROM u WHERE u.a < t.a ORDER BY x FETCH FIRST 2 ROWS WITH TIES)) FROM t

SELECT t.a, (SELECT sum(x) FROM (SELECT x FROM u WHERE u.a < t.a UNION SELECT y FROM v WHERE v.a > t.b)) FROM t

SELECT t.a, (SELECT count(*) FROM (SELECT x FROM u WHERE u.a < t.a EXCEPT SELECT y FROM v WHERE v.a > t.b)) FROM t

SELECT t.a, (SELECT count(*) FROM (SELECT x FROM u WHERE u.a < t.a INTERSECT ALL SELECT b FROM t)) FROM t

SELECT t.a, (SELECT sum(n) FROM (SELECT x, count(*) AS n FROM u WHERE u.a <> t.a GROUP BY x HAVING count(*) > t.b)) FROM t

SELECT t.a, (SELECT sum(n) FROM (SELECT x, s, count(*) AS n FROM u WHERE u.a <> t.a GROUP BY GROUPING SETS ((x), (s), (x, s)))) FROM t

SELECT t.a, (SELECT count(*) FROM (SELECT DISTINCT x, t.c FROM u WHERE u.a < t.b)) FROM t

-- same as: SELECT t.a, (SELECT coalesce(sum((SELECT greatest(1, count(*)) FROM v WHERE v.a = u.a AND v.y > t.b)), 0) FROM u WHERE u.x < t.a) FROM t
SELECT t.a, (SELECT count(*) FROM u LEFT JOIN v ON v.a = u.a AND v.y > t.b WHERE u.x < t.a) FROM t

SELECT t.a, (SELECT count(v.y) FROM (SELECT * FROM u WHERE u.x < t.b) q RIGHT JOIN v ON v.a = q.a) FROM t

SELECT t.a, (SELECT sum(w) FROM (SELECT max(u.x) OVER (PARTITION BY u.s) AS w FROM u WHERE u.a < t.a)) FROM t

SELECT t.a, (SELECT max(z) FROM UNNEST(ARRAY[t.a, t.b, 3]) AS q(z)) FROM t

SELECT t.a, (SELECT max(z) FROM u CROSS JOIN UNNEST(ARRAY[u.x + t.a, t.b]) AS q(z) WHERE u.a < t.b) FROM t

SELECT t.a, (SELECT sum(z) FROM (VALUES t.a, t.b, 5) AS q(z)) FROM t

SELECT t.a, t.b, EXISTS (SELECT 1 FROM u WHERE u.a < t.a LIMIT 1), NOT EXISTS (SELECT 1 FROM u WHERE u.a < t.a OFFSET 3) FROM t

SELECT t.a, t.b FROM t WHERE EXISTS (SELECT u.x FROM u WHERE u.a < t.a GROUP BY u.x HAVING count(*) > t.b)

SELECT t.a, t.b FROM t WHERE NOT EXISTS (SELECT x FROM u WHERE u.a = t.a EXCEPT SELECT y FROM v)

SELECT t.a, t.b FROM t WHERE t.b IN (SELECT max(x) FROM u WHERE u.a < t.a GROUP BY s)

SELECT t.a, t.b FROM t WHERE t.b NOT IN (SELECT max(x) FROM u WHERE u.a < t.a GROUP BY s)

SELECT t.a, t.b, t.b IN (SELECT x FROM u WHERE u.a < t.a), t.b NOT IN (SELECT x FROM u WHERE u.a = t.a) FROM t

SELECT t.a, t.b, t.b > ALL (SELECT x FROM u WHERE u.a < t.a), t.b <= ANY (SELECT x FROM u WHERE u.a = t.a) FROM t

SELECT t.a, t.b FROM t WHERE t.b >= ALL (SELECT max(x) FROM u WHERE u.a < t.a GROUP BY s)

SELECT t.a, t.b, t.b > ALL (SELECT x FROM u), t.b < ANY (SELECT y FROM v) FROM t

-- error
SELECT t.a, (SELECT x FROM u WHERE u.a < t.a) FROM t

SELECT t.a, (SELECT (SELECT max(y) FROM v WHERE v.a > u.a OR v.y = t.b) FROM u WHERE u.a < t.a ORDER BY u.x, u.s, 1 LIMIT 1) FROM t

SELECT t.a, (SELECT count(*) FROM u WHERE u.a < t.a AND EXISTS (SELECT 1 FROM v WHERE v.a > u.x OR v.y < t.b)) FROM t

SELECT t.a, (SELECT count(*) FROM u WHERE u.x NOT IN (SELECT y FROM v WHERE v.a > t.a)) FROM t

-- same as: SELECT t.a, (SELECT count(*) FROM (SELECT x FROM u WHERE u.a < t.a) l JOIN (SELECT x FROM u WHERE u.a < t.a) r ON l.x < r.x) FROM t
SELECT t.a, (WITH q AS (SELECT x FROM u WHERE u.a < t.a) SELECT count(*) FROM q l JOIN q r ON l.x < r.x) FROM t

SELECT v.a, q.x FROM v CROSS JOIN LATERAL (SELECT x FROM u WHERE u.a < v.a ORDER BY x, s LIMIT 2) q

SELECT v.a, q.n FROM v LEFT JOIN LATERAL (SELECT sum(x) AS n FROM u WHERE u.a < v.a GROUP BY s) q ON true

SELECT v.a, q.z FROM v CROSS JOIN LATERAL (VALUES v.a, v.y) AS q(z)

-- same as: SELECT v.a, q.x FROM v LEFT JOIN (SELECT DISTINCT v.a, u.x FROM v JOIN u ON u.a < v.a) q ON q.a = v.a AND v.y > 4
SELECT v.a, q.x FROM v LEFT JOIN LATERAL (SELECT DISTINCT x FROM u WHERE u.a < v.a) q ON v.y > 4

-- same as: SELECT t.a, (SELECT count(*) FROM u) * t.a FROM t
SELECT t.a, (SELECT max(w) FROM (SELECT sum(t.a) OVER () AS w FROM u)) FROM t

-- same as: SELECT t.a, t.b, (SELECT count(*) FROM u WHERE u.a = t.b) * t.a FROM t
SELECT t.a, t.b, coalesce((SELECT max(w) FROM (SELECT sum(t.a) OVER (ORDER BY u.a RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS w, u.a FROM u WHERE u.a = t.b)), 0 * t.a) FROM t

-- same as: SELECT v.a, (SELECT count(*) FROM t WHERE t.a < v.a AND t.a NOT IN (SELECT a FROM u WHERE a IS NOT NULL)) + (SELECT count(*) FROM u WHERE u.a IS NULL OR u.a NOT IN (SELECT t.a FROM t WHERE t.a < v.a)) + (SELECT count(*) FROM t JOIN u ON t.a = u.a WHERE t.a < v.a) FROM v
SELECT v.a, (SELECT count(*) FROM (SELECT a FROM t WHERE t.a < v.a) l FULL JOIN u ON l.a = u.a) FROM v

-- same as: SELECT v.a, CASE WHEN v.a < 5 THEN (5 - v.a + 1) END FROM v
SELECT v.a, (WITH RECURSIVE r(i) AS (SELECT v.a UNION ALL SELECT i + 1 FROM r WHERE i < 5) SELECT CASE WHEN v.a < 5 THEN count(*) END FROM r) FROM v
