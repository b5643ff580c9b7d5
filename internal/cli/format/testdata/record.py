#!/usr/bin/env python3
"""Records what a Trino and its command line client answer to cases.sql.

    record.py http://127.0.0.1:8080 .../trino-cli.jar

The server needs the catalogs tpch and memory. test/install-clients.sh fetches the jar. Writes cases.jsonl (the protocol's
columns and rows) and a file for each output format (what the client printed).
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FORMATS = ("AUTO ALIGNED VERTICAL TSV TSV_HEADER CSV CSV_HEADER CSV_UNQUOTED CSV_HEADER_UNQUOTED JSON MARKDOWN NULL").split()


def answer(server, sql, headers):
    """Returns the columns, the text of the rows (numbers as the server wrote them) and the update type."""
    request = urllib.request.Request(server + "/v1/statement", sql.encode(), headers)
    response, columns, data = urllib.request.urlopen(request), None, "[]"
    while True:
        text = response.read().decode()
        page = json.loads(text)
        if "error" in page:
            sys.exit(f"{sql}: {page['error']['message']}")
        prepared = response.headers.get("X-Trino-Added-Prepare")
        if prepared:
            headers["X-Trino-Prepared-Statement"] = prepared
        columns = page.get("columns", columns)
        rows = re.search(r',"data":(\[.*\]),"stats":\{"state"', text, re.S)
        if rows:
            data = rows.group(1)
        if "nextUri" not in page:
            return columns, data, page.get("updateType")
        response = urllib.request.urlopen(page["nextUri"])


def main(server, jar):
    with open(os.path.join(HERE, "cases.sql"), encoding="utf-8") as f:
        statements = [s.strip() for s in re.split(r";\n", f.read()) if s.strip()]
    headers = {"X-Trino-User": "x", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}
    with open(os.path.join(HERE, "cases.jsonl"), "w", encoding="utf-8") as out:
        for sql in statements:
            columns, data, update = answer(server, sql, headers)
            head = json.dumps({"sql": sql, "updateType": update, "columns": columns}, ensure_ascii=False)
            out.write(head[:-1] + ', "data":' + data + "}\n")
    for name in FORMATS:
        # The client cannot print arrays, maps and rows as JSON.
        kept = [s for s in statements if name != "JSON" or not re.match(r"SELECT (ARRAY|MAP)", s)]
        with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as script:
            script.write("".join(s + ";\n" for s in kept))
            script.flush()
            with open(os.path.join(HERE, name + ".txt"), "wb") as out:
                command = ["java", "-Dfile.encoding=UTF-8", "-jar", jar, "--user", "x", "--output-format", name, "--file", script.name, server]
                subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
