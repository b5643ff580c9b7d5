-- Statements of all kinds, for the round trip through text. A line of ;; separates them.

with recursive a (x,y) as (select 1), b as (table t) select distinct a.*, b x, 1+2*3 from a, b join c on a.x=b.y left join (select 1) d (q) using (x,y) cross join e natural full join f, unnest(array[1],b) with ordinality as u (a,b), lateral (select 1) l where a and b or c group by a, (b,c), rollup(a,b), cube((a,b),c), grouping sets ((),(a),(a,b)) having count(*)>1 window w as (partition by a order by b), v as (w rows unbounded preceding) order by 1 desc nulls first, 2 offset 3 rows limit 4
;;
select a from t union all select b from u union select c from v intersect select d from w except all select e from x order by 1 limit 1
;;
(select 1 order by 1) union (select 2 limit 3) fetch first 3 rows with ties
;;
select 1 union corresponding by (a,b) select 2
;;
values 1,(2,3),(4)
;;
table a.b.c
;;
select * from t for version as of 5, u for timestamp as of timestamp '2020-01-01 00:00:00' as z
;;
select * from table(f(1, a => table(t) partition by (a,b) prune when empty order by (c), b => descriptor(x int, y), cast(null as descriptor), table(select 1) as z (a,b) keep when empty copartition (t, z)))
;;
select * from t match_recognize (partition by a order by b measures a.x as m, last(b.y) as n all rows per match omit empty matches after match skip to first a initial pattern (^ a+? (b|c)* {- d -} permute(e,f){1,3} () g{2} $) subset u = (a,b) define a as x>1, b as prev(y)<1) as m (a,b)
;;
select * from json_table('[]', 'lax $' as p passing 1 as x columns (id for ordinality, a int path '$.a' null on empty error on error, b varchar format json with wrapper keep quotes null on empty, nested path '$[*]' as q columns (c int default 1 on empty)) plan (p outer q) error on error)
;;
select * from json_table('[]', 'lax $' columns (a int) plan default (inner, cross))
;;
create table if not exists a.b (x int not null comment 'c' with (a=1), "Y z" varchar(3), like q including properties) comment 'hi' with (p = 1, q = default, r = array['a'])
;;
create or replace table t (a,b) comment 'x' with (a=1) as select 1 with no data
;;
create table t as select 1
;;
insert into t (a,b) values (1,2)
;;
insert into t select 1
;;
delete from t where a=1
;;
update t set a=1, b=default_x where c
;;
merge into t as x using (select 1) s on x.a=s.a when matched and x.b then update set a=1, b=2 when matched then delete when not matched then insert (a,b) values (1,2) when not matched and c then insert values (1)
;;
truncate table t
;;
create view a.b comment 'x' security invoker with (a=1) as select 1
;;
create or replace materialized view a grace period interval '1' day comment 'x' with (a=1) as select 1 from t
;;
create schema if not exists s authorization user u with (a=1)
;;
drop schema if exists a.b cascade
;;
drop schema a
;;
alter schema a rename to b
;;
alter schema a set authorization role x
;;
alter table if exists a rename to b
;;
alter table a add column if not exists b int not null comment 'x' after c
;;
alter table a rename column if exists b to c
;;
alter table a drop column if exists b.c
;;
alter table a alter column b set data type varchar
;;
alter table a alter column b drop not null
;;
alter table a set properties x=1, y=default
;;
alter table a execute optimize(a => 1, 2) where b
;;
alter table a execute optimize
;;
alter materialized view a set properties x=1
;;
alter materialized view if exists a rename to b
;;
alter view a rename to b
;;
analyze t with (a=1)
;;
comment on column a.b is 'x'
;;
comment on table a is null
;;
call a.b(1, x => 2)
;;
create role a with admin user b in c
;;
drop role if exists a in c
;;
grant a, b to user x, role y with admin option granted by current_user in c
;;
grant select, insert on table t to user x with grant option
;;
grant all privileges on schema t to x
;;
revoke grant option for select on t from x
;;
revoke admin option for a from user x granted by current_role
;;
deny select on table t to x
;;
set role all in c
;;
set role "X"
;;
show grants on table t
;;
show roles from c
;;
show current roles
;;
show role grants from c
;;
explain (type distributed, format json) select 1
;;
explain analyze verbose select 1
;;
show create table t
;;
show create materialized view t
;;
show create function f
;;
show tables from a like 'x' escape 'y'
;;
show schemas from a like 'x'
;;
show catalogs like 'a'
;;
show columns from t like 'x'
;;
show functions from a.b like 'x'
;;
show session like 'x'
;;
show stats for t
;;
show stats for (select * from t)
;;
use a.b
;;
use b
;;
set session a.b = 1
;;
reset session a.b
;;
set session authorization 'x'
;;
set session authorization x
;;
reset session authorization
;;
set time zone local
;;
set time zone 'x'
;;
set path a.b, c
;;
start transaction isolation level read committed, read only
;;
commit work
;;
rollback
;;
prepare p from select ? from t
;;
deallocate prepare p
;;
execute p using 1, 'a'
;;
execute immediate 'select ''a''' using 1
;;
describe input p
;;
describe output p
;;
refresh materialized view a
;;
drop table if exists a
;;
drop view if exists a
;;
drop materialized view if exists a
;;
create catalog if not exists a using b comment 'x' authorization user u with (x=1)
;;
drop catalog if exists a cascade
;;
create or replace function a.f(x int, bigint) returns int language sql deterministic not deterministic returns null on null input called on null input security definer comment 'x' with (a=1) return x+1
;;
create function f() returns int begin declare a, b int default 1; set a = 1; if a then set b=2; elseif c then return 1; else return 2; end if; case a when 1 then return 1; else return 2; end case; case when a then return 1; end case; l: loop leave l; end loop; while a do iterate l; end while; repeat set a=1; until b end repeat; end
;;
create function f() returns int language python as $$
abc
$$
;;
drop function if exists f(int, x varchar)
;;
with session a.b = 1, c = 2 with function f(x int) returns int return x, function g() returns int return 1 with z as (select 1) select 1
;;
select a+b*c, (a+b)*c, -a, - -1, not a, a and (b or c), a is not null, a in (1,2), a in (select 1), a = all (select 1), exists (select 1), a between 1 and 2, a like b escape c, case when a then b end, case a when 1 then 2 else 3 end, cast(a as timestamp(3) with time zone), try_cast(a as row(x int, y varchar)), a[1], a.b.c, array[1,2], row(1,'a'), x -> x+1, (x,y) -> x, interval '1' day, interval -'1-2' year to month, date '2020-01-01', x'ab', 'it''s', U&'\2603', 1.5, 1e10, 0x1f, null, true, current_date, current_timestamp(3), localtime, current_user, current_schema, current_catalog, current_path, extract(year from a), trim(leading 'x' from a), a at time zone 'x', a || b, grouping(a,b.c), ?, if(a,b), nullif(a,b), coalesce(a,b,c), try(a), count(*), count(distinct a), count(a.*), array_agg(a order by b desc nulls last) filter (where c), lag(a) ignore nulls over (w order by b rows between 1 preceding and unbounded following), sum(a) over w, m over (order by a measures x as y rows between current row and 5 following after match skip past last row seek pattern (a b) subset u = (a) define a as true), "select", "a""b", decimal '1.5', 'a' is distinct from 'b', a is not distinct from b from t
;;
select json_value(a, 'lax $' passing b as c, d format json as e returning int null on empty default 5 on error), json_query(a format json encoding utf16, '$' returning varchar format json with conditional array wrapper omit quotes on scalar string empty array on empty error on error), json_object('a' : 1, key 'b' value 2 format json absent on null with unique keys returning varchar), json_object(), json_array(), json_array(1,2 format json null on null returning varchar format json encoding utf8), json_exists(a, '$' unknown on error), listagg(distinct a, ',' on overflow truncate 'x' without count) within group (order by b) filter (where c), listagg(a on overflow error) within group (order by a)
;;
select a from t group by auto
;;
select a from t group by distinct a, ()
;;
select (((select 1))), ((select 1) union (select 2)), (with x as (select 1) select * from x)
;;
select * from (((select 1) union (select 2)) a join ((b)) on true), ((select 1)), ((select 1) x), ((values 1) limit 1) y
;;
alter function f set authorization x
;;
select all a, all from t
;;
select all(a) from t
;;
select count(all a), count(all) from t
;;
select position from t
;;
select position(a, b), substring(a, 1, 2), substring(a), try_cast(a), row(), array, interval, time, date, row.x from t
;;
select x, y limit, z offset from t
;;
select 1 limit all
;;
select 1 fetch first row only
;;
select 1 fetch next 5 rows only
;;
select * from a join b join c on x on y
;;
select * from a natural join b cross join c left outer join d using (x)
;;
select * from (table t), (table(f(1))), (values 1), ((table t))
;;
select * from (a), ((a) b), (a cross join b) tablesample system (5)
;;
select 1 where (select 1) = (select 2) and ((select 1) + 1) in ((select 1), 2) or x in ((select 1) union (select 2)) or (1, 2) in (select 1, 2)
;;
select (a), (a, b), ((a, b)), ((a), (b)), (a).b, (a)[1], ((select 1), 2), ((select 1)).x
;;
select a from t group by (a), ((a, b)), (a, b), ((a), b), (a)+1, ()
;;
select a from t group by all a, b
;;
select a, grouping(a) from t group by rollup(), cube(), grouping sets (())
;;
select () -> 1, (a) -> a, a -> b -> c, (a, b) -> (a, b), f(x -> x, (a) -> a) from t
;;
select transform(a, x -> x + 1)[1], not exists (select 1), not not a, - - 1, -a * -b, + -1, 1 - -1, 1--1
;;
select a at time zone interval '1' hour at time zone 'x', -a at time zone 'x', a || b at time zone 'x'
;;
select timestamp '2020-01-01', timestamp(a), time, double precision '1', double, bigint '5', char 'x', interval '1' year, interval + '1' day to second
;;
select running f(a), final last(x.y), running, final from t
;;
select sum(a) over (), sum(a) over (w), sum(a) over (partition by a, b), sum(a) over (order by a rows 5 preceding), sum(a) over (w range between current row and unbounded following), sum(a) over (groups between 1 following and 2 following), sum(a) over (partition rows current row) from t
;;
select f(a) respect nulls over w, f(a) ignore nulls over (), f(a) filter (where x) over w, f(a) ignore from t
;;
select listagg(a) within group (order by b), listagg(all a, ',') within group (order by b, c desc)
;;
with function as (select 1) select * from function
;;
with session a = 1 with function f() returns int return 1 select 1
;;
create table t (like a.b, like c excluding properties, x int)
;;
create table t (a, b) with (x = 1) as (with q as (select 1) select * from q) with data
;;
create table t as (select 1)
;;
create table t as (select 1) union (select 2) with no data
;;
create table t as table x
;;
create table t (a timestamp with (x = 1), b timestamp with time zone with (y = 2))
;;
insert into t (select 1)
;;
insert into t table x
;;
insert into t ((select 1))
;;
insert into t (a) (select 1)
;;
explain analyze t
;;
explain analyze analyze t
;;
explain analyze verbose analyze t
;;
explain (select 1)
;;
explain analyze execute x
;;
explain explain select 1
;;
describe input
;;
describe output.x
;;
desc t
;;
describe a.b.c
;;
show columns in t
;;
show tables in a.b like 'x%'
;;
show roles in x
;;
set session authorization = 1
;;
set session authorization.x = 1
;;
reset session authorization.x
;;
set time zone local || 'x'
;;
set time zone interval '1' hour
;;
set role none
;;
set role all
;;
grant x to user user, role role, y
;;
grant select on catalog x to role y
;;
grant select on x.y to z
;;
revoke x, y from a, b granted by user q in c
;;
revoke all privileges on t from role r
;;
revoke admin from x
;;
revoke grant from x
;;
deny all privileges on t to x
;;
create role x with admin current_role
;;
alter table t add column a.b int first
;;
alter table t alter column a.b set data type row(x int)
;;
alter table if exists t alter column a drop not null
;;
drop table if
;;
drop table if exists if
;;
call a()
;;
call a.b.c(1, 'x', a => f(1), b => x -> x)
;;
execute immediate
;;
execute x
;;
execute immediate 'select 1'
;;
prepare x from prepare y from select 1
;;
merge into t using s on a when matched then delete
;;
update t set a = default where b
;;
update t set a = (select 1), b = b + 1
;;
delete from a.b.c where exists (select 1)
;;
start transaction
;;
start transaction read write, isolation level serializable
;;
start transaction isolation level repeatable read, isolation level read uncommitted
;;
select * from t match_recognize (pattern (a b* c+? d?? e{2} f{2,} g{,3}? h{,} {- i -} | permute(j, k) (l | m)+ ^ $) define a as true)
;;
select * from t match_recognize (order by x one row per match after match skip to next row pattern (a) define a as b) x
;;
select * from t match_recognize (all rows per match show empty matches after match skip past last row seek pattern (()) subset s = (a), q = (b, c) define a as b, c as prev(d, 2) > first(e)) as x (y, z)
;;
select * from t match_recognize (all rows per match with unmatched rows after match skip to initial initial pattern (a) define a as b)
;;
select * from t match_recognize, u match_recognize (a, b)
;;
select * from unnest(a) with ordinality, unnest(a, b) as t (x, y), lateral (values 1) as l (z), lateral
;;
select * from table(a.b.f()), table(f(x => 1 + 1, descriptor(a, b int), table(t) as x partition by a order by b desc, table(values 1) partition by () keep when empty))
;;
select * from json_table(a, 'lax $' columns (nested 'x' columns (y int), nested path 'x' as p columns (a for ordinality, b int error on empty null on error, c varchar format json encoding utf16 path 'q' without array wrapper omit quotes empty object on empty empty array on error))) t
;;
select * from json_table(a, 'lax $' as r columns (x int) plan (r outer (a union b union (c cross d))) empty on error), json_table(a, 'x' columns (x int) plan default (cross))
;;
values (1), (2, 3), row(4), a, (select 1)
;;
(((select 1)))
;;
(select 1) union all (select 2) intersect distinct (select 3) order by 1 offset 1 row
;;
select * from ((with x as (select 1) select * from x))
;;
select ((with x as (select 1) select * from x))
;;
table x union table y order by 1
;;
select a as "x""y", b "select", c 'x' from t
;;
select 1e5, 1.e5, .5e-3, 1_000, 0xFF_FF, 0o17, 0B101, 1., .5, 007
;;
select U&'\00e9\+01F600 \\', U&'a!0041' uescape '!'
;;
select /* c */ 1 -- x
;;
select 1 -- x
from t
;;
select a = any (select 1), a <> some (select 1), a >= all ((select 1)), a = all(1), a = any (values 1), a = any (table t), a = any (with x as (select 1) select 1)
;;
select * from t for timestamp as of x + 1 as y, u for version as of 'z'
;;
create or replace materialized view if not exists t as select 1
;;
create function f(x int, array(bigint), y row(a int), z timestamp(3) with time zone, double precision) returns array(int) return x
;;
create function f() returns int begin return 1; end
;;
create function f() returns int begin end
;;
create function f() returns int begin declare x int; l: while x < 5 do set x = x + 1; if x = 3 then iterate l; end if; case x when 1 then leave l; end case; end while; repeat set x = 1; until x > 3 end repeat; return x; end
;;
create function f() returns int return (select 1) + 2
;;
create function f() returns int as $$
x
$$
;;
create view v security definer as with function g() returns int return 1 select g()
;;
refresh materialized view a.b
;;
select 1 union corresponding select 2 except corresponding by (a) select 3
;;
select [1, 2][1], [], array[], array[[1]]
;;
select normalize(a, nfkc), normalize(a)
;;
show functions like 'x' escape '!'
;;
show stats for (with x as (select 1) select * from x)
;;
comment on view a.b.c is U&'\0041'
;;
select a[1].b.c[2], a.b[1], f(x).y, (select row(1)).z, array[1][1], 'a'[1], cast(a as int).b
;;
set path a, b.c, "d"
;;
select * from a, b join c on true, d
;;
select t.*, a.b.* as (c, d), row(1).*, (1, 2).*, f(x).* from t
;;
create catalog a using b with ("x.y" = 'z')
;;
select json_object(key : 1, key 'a' value 2, value value value, key value value value, key value key)
;;
select cast(a as interval year), cast(b as interval day to second), cast(c as row(interval hour, x interval month)), try_cast(d as timestamp(p))
;;
create table t (a row(x interval day to second, y array(timestamp(3))), b int array, c double precision)
;;
select interval '1' as second, +interval '1' as year, a at time zone interval '1' hour as to, 1 second, x over, y filter from t limit, u offset
;;
select a as limit from t as tablesample tablesample system (5), u as match_recognize (b) where c
;;
select row(all x, y), row(all (x)), row(all 'x'), row(x order by y), row(x) filter (where y), row(x) over (), row(x, y).z, row(x) ignore nulls over w from t
;;
select listagg(a) within group (order by b) filter (where c) over (partition by d), listagg(a, ',') within group (order by b) over w from t
;;
select -(select 1) + 2, - (select 1), a = all ((select 1) union (select 2)), a < any ((select 1) limit 1), a > some((select 1)) + 1, a = all((1), 2)
;;
select a from t group by ((select 1)), (select 1), (select 1) + 1, ((a) + b), (a) -> b, (a, b) = (c, d), grouping sets (((select 1)), (((a))), ((a, b), c))
;;
select all all a, count(all all), listagg(all all.x) within group (order by b), all, alles from t group by all all, b
;;
select all all[1], f(all all(x)), f(all all[1]), f(all all over w), all [1] from t
;;
create table hive.s.t with (external_location = 'local:///t')
;;
create table if not exists t comment 'c' with (a = 1, b = array['x'])
