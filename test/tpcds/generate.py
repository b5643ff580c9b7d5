"""Writes the tables and the texts of the queries of TPC-DS, both as DuckDB's extension tpcds makes them.

    generate.py SCALE DIRECTORY

makes DIRECTORY/tables/TABLE/part.parquet for each table and DIRECTORY/queries/NN.sql for each query. The data depends on
the scale alone.
"""

import pathlib
import sys

import duckdb
import duckdb_extension_tpcds


def main(scale: float, directory: pathlib.Path) -> None:
    extension = pathlib.Path(duckdb_extension_tpcds.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    db.execute(f"LOAD '{extension / 'tpcds.duckdb_extension'}'")
    db.execute(f"CALL dsdgen(sf = {scale})")
    for (table,) in db.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
        target = directory / "tables" / table
        target.mkdir(parents=True)
        db.execute(f"COPY {table} TO '{target / 'part.parquet'}' (FORMAT parquet, ROW_GROUP_SIZE 20000)")
    queries = directory / "queries"
    queries.mkdir()
    for number, text in db.execute("SELECT query_nr, query FROM tpcds_queries()").fetchall():
        (queries / f"{number:02d}.sql").write_text(text)


main(float(sys.argv[1]), pathlib.Path(sys.argv[2]))
