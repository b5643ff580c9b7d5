#!/usr/bin/env bash
# Installs the databases that the tests of connectors start; prints the path of each one's program.
#
#   test/install-connectors.sh            all of them
#   test/install-connectors.sh NAME…      only these
#
#   postgresql   PostgreSQL   Debian: postgresql; the path is that of postgres, and initdb lies beside it
#   mariadb      MariaDB      Debian: mariadb-server; the path is that of mariadbd
#   mongodb      MongoDB's protocol   Maven: de.bwaldvogel:mongo-java-server
#   hive-metastore   Hive's metastore   Maven: org.apache.hive:hive-standalone-metastore-server, with Hadoop's classes from hadoop-client-minicluster
#   iceberg-rest an Iceberg REST catalog   Maven: org.apache.iceberg:iceberg-open-api, its test fixtures, over SQLite
#   pyiceberg    PyIceberg    PyPI: pyiceberg; the path is that of a Python interpreter that has it
#   moto         AWS Glue, for tests   PyPI: moto; the path is that of its server
#   clickhouse   ClickHouse's engine  PyPI: chdb-core, which has no server; the path is that of a Python interpreter that has it
#   deltalake    delta-rs     PyPI: deltalake, pyarrow; the path is that of a Python interpreter that has them
#
# What has to be unpacked or built lies below .cache/connectors of the repository (or $WATERBEAR_CACHE/connectors). Running it
# again does nothing.
set -euo pipefail
. "$(dirname "$0")/install-lib.sh"

ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${WATERBEAR_CACHE:-$ROOT/.cache}/connectors
mkdir -p "$DIR"

# newest PATTERN: the last of the files of that pattern, by version; nothing when there are none.
newest() { compgen -G "$1" | sort -V | tail -1; }

# Debian's package would start a server of its own; a policy that says no keeps it from that.
quiet_apt_install() {
  local policy=/usr/sbin/policy-rc.d made=
  if [ "$(id -u)" = 0 ] && [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    made=1
  fi
  apt_install "$@"
  [ -z "$made" ] || rm -f $policy
}

install_postgresql() {
  [ -n "$(newest '/usr/lib/postgresql/*/bin/postgres')" ] || quiet_apt_install postgresql
  newest '/usr/lib/postgresql/*/bin/postgres'
}

install_mariadb() {
  [ -x /usr/sbin/mariadbd ] || quiet_apt_install mariadb-server
  echo /usr/sbin/mariadbd
}

# Iceberg's own REST catalog for tests, which its environment tells what to serve.
install_iceberg-rest() {
  local version=1.10.0
  local file=$DIR/iceberg-rest-$version
  if [ ! -x "$file" ]; then
    java_tools 17
    say "fetching org.apache.iceberg:iceberg-open-api:$version and what it needs from Maven"
    local part=$file.jars.part
    rm -rf "$part"
    mkdir "$part"
    cat >"$part/pom.xml" <<-XML
	<project xmlns="http://maven.apache.org/POM/4.0.0">
	  <modelVersion>4.0.0</modelVersion>
	  <groupId>waterbear</groupId> <artifactId>servers</artifactId> <version>1</version> <packaging>pom</packaging>
	  <dependencies>
	    <dependency><groupId>org.apache.iceberg</groupId><artifactId>iceberg-open-api</artifactId><version>$version</version><classifier>test-fixtures</classifier></dependency>
	    <dependency><groupId>org.apache.iceberg</groupId><artifactId>iceberg-core</artifactId><version>$version</version></dependency>
	    <dependency><groupId>org.apache.iceberg</groupId><artifactId>iceberg-core</artifactId><version>$version</version><classifier>tests</classifier></dependency>
	    <dependency><groupId>org.eclipse.jetty</groupId><artifactId>jetty-servlet</artifactId><version>11.0.26</version></dependency>
	    <dependency><groupId>org.xerial</groupId><artifactId>sqlite-jdbc</artifactId><version>3.46.1.3</version></dependency>
	    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-api</artifactId><version>3.4.2</version></dependency>
	    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-runtime</artifactId><version>3.4.2</version></dependency>
	    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>2.0.16</version></dependency>
	    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter-api</artifactId><version>5.11.0</version></dependency>
	    <dependency><groupId>org.assertj</groupId><artifactId>assertj-core</artifactId><version>3.26.0</version></dependency>
	  </dependencies>
	</project>
	XML
    mvn -q -B -ntp -Dstyle.color=never -f "$part/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DoutputDirectory="$part" >&2
    rm -rf "$file.jars"
    mv "$part" "$file.jars"
    printf '#!/bin/sh\nexport CATALOG_REST_PORT=$1 CATALOG_URI=$2 CATALOG_WAREHOUSE=$3\nexport CATALOG_CATALOG__IMPL=org.apache.iceberg.jdbc.JdbcCatalog\nexec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "%s/*" org.apache.iceberg.rest.RESTCatalogServer\n' "$file.jars" >"$file.part"
    chmod +x "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

install_deltalake() {
  python_venv "$DIR/deltalake" "import deltalake, pyarrow; assert deltalake.__version__ == '1.6.6'" deltalake==1.6.6 pyarrow==26.0.1
  echo "$DIR/deltalake/bin/python"
}

# PyIceberg and moto share an environment.
iceberg_venv() {
  python_venv "$DIR/iceberg-python" "import pyiceberg, moto, flask, pyarrow; assert (pyiceberg.__version__, moto.__version__) == ('0.12.0', '5.2.5')" \
    'pyiceberg[sql-sqlite,pyarrow]==0.12.0' pyarrow==26.0.1 'moto[glue,server]==5.2.5'
}

install_pyiceberg() {
  iceberg_venv
  echo "$DIR/iceberg-python/bin/python"
}

install_moto() {
  iceberg_venv
  echo "$DIR/iceberg-python/bin/moto_server"
}

install_clickhouse() {
  python_venv "$DIR/clickhouse" "import chdb; assert chdb.__version__ == '26.9.0'" chdb-core==26.9.0
  echo "$DIR/clickhouse/bin/python"
}

# A server that speaks MongoDB's protocol, which has only to be told its port.
install_mongodb() {
  local version=1.47.0 source=$ROOT/test/servers/mongodb/Standalone.java
  local file jars=$DIR/mongodb-$version.jars
  file=$DIR/mongodb-$version-$(cksum <"$source" | cut -d' ' -f1)
  if [ ! -x "$file" ]; then
    java_tools 11
    if [ ! -d "$jars" ]; then
      say "fetching de.bwaldvogel:mongo-java-server:$version and what it needs from Maven"
      rm -rf "$jars.part"
      mkdir "$jars.part"
      cat >"$jars.part/pom.xml" <<-XML
	<project xmlns="http://maven.apache.org/POM/4.0.0">
	  <modelVersion>4.0.0</modelVersion>
	  <groupId>waterbear</groupId> <artifactId>servers</artifactId> <version>1</version> <packaging>pom</packaging>
	  <dependencies>
	    <dependency><groupId>de.bwaldvogel</groupId><artifactId>mongo-java-server</artifactId><version>$version</version></dependency>
	  </dependencies>
	</project>
	XML
      mvn -q -B -ntp -Dstyle.color=never -f "$jars.part/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
        -DoutputDirectory="$jars.part" >&2
      mv "$jars.part" "$jars"
    fi
    rm -rf "$file.classes"
    javac -nowarn -d "$file.classes" -cp "$jars/*" "$source" >&2
    printf '#!/bin/sh\nexec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "%s:%s/*" Standalone "$@"\n' "$file.classes" "$jars" >"$file.part"
    chmod +x "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

# Hive's metastore, with a database in its memory. Its first argument is the directory of its configuration.
install_hive-metastore() {
  local version=4.0.1 hadoop=3.4.2
  local file=$DIR/hive-metastore-$version
  if [ ! -x "$file" ]; then
    java_tools 11
    say "fetching org.apache.hive:hive-standalone-metastore-server:$version and what it needs from Maven"
    local part=$file.jars.part
    rm -rf "$part"
    mkdir "$part"
    # The Hadoop that it names is older than the Java it runs in; the one here brings no commons of its own.
    cat >"$part/pom.xml" <<-XML
	<project xmlns="http://maven.apache.org/POM/4.0.0">
	  <modelVersion>4.0.0</modelVersion>
	  <groupId>waterbear</groupId> <artifactId>servers</artifactId> <version>1</version> <packaging>pom</packaging>
	  <dependencies>
	    <dependency><groupId>org.apache.hive</groupId><artifactId>hive-standalone-metastore-server</artifactId><version>$version</version>
	      <exclusions>
	        <exclusion><groupId>jdk.tools</groupId><artifactId>jdk.tools</artifactId></exclusion>
	        <exclusion><groupId>org.apache.hadoop</groupId><artifactId>*</artifactId></exclusion>
	        <exclusion><groupId>org.apache.hbase</groupId><artifactId>*</artifactId></exclusion>
	        <exclusion><groupId>org.apache.tez</groupId><artifactId>*</artifactId></exclusion>
	        <exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-log4j12</artifactId></exclusion>
	      </exclusions>
	    </dependency>
	    <dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-minicluster</artifactId><version>$hadoop</version></dependency>
	    <dependency><groupId>commons-cli</groupId><artifactId>commons-cli</artifactId><version>1.5.0</version></dependency>
	    <dependency><groupId>commons-codec</groupId><artifactId>commons-codec</artifactId><version>1.15</version></dependency>
	    <dependency><groupId>commons-collections</groupId><artifactId>commons-collections</artifactId><version>3.2.2</version></dependency>
	    <dependency><groupId>commons-lang</groupId><artifactId>commons-lang</artifactId><version>2.6</version></dependency>
	    <dependency><groupId>javax.servlet</groupId><artifactId>javax.servlet-api</artifactId><version>3.1.0</version></dependency>
	  </dependencies>
	</project>
	XML
    mvn -q -B -ntp -Dstyle.color=never -f "$part/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
      -DoutputDirectory="$part" >&2
    rm -rf "$file.jars"
    mv "$part" "$file.jars"
    cat >"$file.part" <<-SH
	#!/bin/sh
	conf=\$1
	shift
	METASTORE_CONF_DIR=\$conf exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dderby.stream.error.file="\$conf/derby.log" \\
	  -cp "\$conf:$file.jars/*" org.apache.hadoop.hive.metastore.HiveMetaStore "\$@"
	SH
    chmod +x "$file.part"
    mv "$file.part" "$file"
  fi
  echo "$file"
}

exec 9>"$DIR/lock" # several tests may begin at a time
flock 9
[ $# -gt 0 ] || set -- postgresql mariadb clickhouse deltalake mongodb hive-metastore iceberg-rest pyiceberg moto
for name; do
  declare -F "install_$name" >/dev/null || { say "unknown database $name"; exit 2; }
  "install_$name" 9>&-
done
