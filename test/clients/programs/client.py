"""Drives the Python client: arguments are host, port and user; the statements are in the environment.

Prints what it sees, a line for each fact.
"""
import os
import sys
import threading

import trino

host, port, user = sys.argv[1:4]
connection = trino.dbapi.connect(host=host, port=int(port), user=user)
cursor = connection.cursor()

cursor.execute(os.environ["SQL_TYPES"])
row = cursor.fetchall()[0]
for column, value in zip(cursor.description, row):
    print(column.name, column.type_code, repr(value))

cursor.execute(os.environ["SQL_PREPARED"], (42, "it's"))
print("prepared", cursor.fetchone())

try:
    cursor.execute(os.environ["SQL_ERROR"])
    cursor.fetchall()
except trino.exceptions.TrinoUserError as e:
    print("error", e.error_name, e.error_location, e.message)

cursor.execute(os.environ["SQL_CREATE"])
cursor.fetchall()
print("update", cursor.update_type, cursor.rowcount)
cursor.execute(os.environ["SQL_DROP"])
cursor.fetchall()
print("update", cursor.update_type)

cursor.execute(os.environ["SQL_PAGES"])
print("pages", len(cursor.fetchall()), cursor.stats["state"])

hanging = connection.cursor()
timer = threading.Timer(0.3, hanging.cancel)
try:
    timer.start()
    hanging.execute(os.environ["SQL_HANG"])
    hanging.fetchall()
    print("not cancelled")
except trino.exceptions.TrinoQueryError as e:
    print("cancelled", e.error_name)
