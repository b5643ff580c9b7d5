"""Writes the tables and the texts of the queries of TPC-DS, both as DuckDB's extension tpcds makes them.

    generate.py SCALE DIRECTORY

makes DIRECTORY/tables/TABLE/part.parquet for each table and DIRECTORY/queries/NN.sql for each query, unless DIRECTORY is there. The data
depends on the scale alone. The directory gets its name when all is in it.
"""

import pathlib
import shutil
import sys

import duckdb
import duckdb_extension_tpcds


def main(scale: float, directory: pathlib.Path) -> None:
    if directory.exists():
        return
    work = directory.with_name(directory.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    extension = pathlib.Path(duckdb_extension_tpcds.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    db = duckdb.connect(str(work / "all.duckdb"), config={"allow_unsigned_extensions": "true"})
    db.execute(f"LOAD '{extension / 'tpcds.duckdb_extension'}'")
    db.execute(f"CALL dsdgen(sf = {scale})")
    rows = 20000 if scale < 1 else 122880  # of a row group: small data is read in several pieces too
    for (table,) in db.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall():
        target = work / "tables" / table
        target.mkdir(parents=True)
        db.execute(f"COPY {table} TO '{target / 'part.parquet'}' (FORMAT parquet, ROW_GROUP_SIZE {rows})")
    queries = work / "queries"
    queries.mkdir()
    for number, text in db.execute("SELECT query_nr, query FROM tpcds_queries()").fetchall():
        (queries / f"{number:02d}.sql").write_text(text)
    db.close()
    (work / "all.duckdb").unlink()
    work.rename(directory)


main(float(sys.argv[1]), pathlib.Path(sys.argv[2]))
