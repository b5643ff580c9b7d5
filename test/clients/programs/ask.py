"""Asks one query with the Python client: arguments are host, port and user; the query is in the environment.

Prints its rows, a line for each, columns with commas between them.
"""
import os
import sys

import trino

host, port, user = sys.argv[1:4]
session = dict(p.split("=", 1) for p in os.environ["SESSION"].split(","))
connection = trino.dbapi.connect(host=host, port=int(port), user=user, catalog="tpch", schema="tiny", session_properties=session)
cursor = connection.cursor()
cursor.execute(os.environ["SQL"])
for row in cursor.fetchall():
    print(*row, sep=",")
