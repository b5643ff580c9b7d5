package metastore

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/thrift/lib/go/thrift"
)

// exception is a kind of the metastore's exceptions.
type exception string

const (
	metaException    exception = "MetaException"
	noSuchObject     exception = "NoSuchObjectException"
	alreadyExists    exception = "AlreadyExistsException"
	invalidObject    exception = "InvalidObjectException"
	invalidOperation exception = "InvalidOperationException"
	invalidInput     exception = "InvalidInputException"
	unknownDatabase  exception = "UnknownDBException"
	noSuchTxn        exception = "NoSuchTxnException"
	txnAborted       exception = "TxnAbortedException"
	txnOpen          exception = "TxnOpenException"
	noSuchLock       exception = "NoSuchLockException"
)

// call is a method of the metastore's service.
type call struct {
	name string
	// throws are the exceptions, by the numbers that they have in the answer, from 1 on.
	throws []exception
	// repeatable says that asking twice does no harm, so that an answer that was lost is asked for again.
	repeatable bool
}

var (
	setUGI             = call{"set_ugi", []exception{metaException}, true}
	getAllDatabases    = call{"get_all_databases", []exception{metaException}, true}
	getDatabase        = call{"get_database", []exception{noSuchObject, metaException}, true}
	createDatabase     = call{"create_database", []exception{alreadyExists, invalidObject, metaException}, false}
	dropDatabase       = call{"drop_database", []exception{noSuchObject, invalidOperation, metaException}, false}
	getTableMeta       = call{"get_table_meta", []exception{metaException}, true}
	getTableNames      = call{"get_table_names_by_filter", []exception{metaException, invalidOperation, unknownDatabase}, true}
	getTable           = call{"get_table_req", []exception{metaException, noSuchObject}, true}
	createTable        = call{"create_table", []exception{alreadyExists, invalidObject, metaException, noSuchObject}, false}
	alterTable         = call{"alter_table_with_environment_context", []exception{invalidOperation, metaException}, false}
	dropTable          = call{"drop_table", []exception{noSuchObject, metaException}, false}
	getPartitionNames  = call{"get_partition_names", []exception{noSuchObject, metaException}, true}
	getPartitions      = call{"get_partitions_by_names", []exception{metaException, noSuchObject}, true}
	addPartitions      = call{"add_partitions", []exception{invalidObject, alreadyExists, metaException}, false}
	alterPartition     = call{"alter_partition", []exception{invalidOperation, metaException}, false}
	dropPartition      = call{"drop_partition", []exception{noSuchObject, metaException}, false}
	tableStatistics    = call{"get_table_statistics_req", []exception{noSuchObject, metaException}, true}
	partStatistics     = call{"get_partitions_statistics_req", []exception{noSuchObject, metaException}, true}
	setTableStatistics = call{"update_table_column_statistics", []exception{noSuchObject, invalidObject, metaException, invalidInput}, true}
	setPartStatistics  = call{"update_partition_column_statistics", []exception{noSuchObject, invalidObject, metaException, invalidInput}, true}
	dropTableStats     = call{"delete_table_column_statistics", []exception{noSuchObject, metaException, invalidObject, invalidInput}, true}
	lockTable          = call{"lock", []exception{noSuchTxn, txnAborted}, false}
	checkLock          = call{"check_lock", []exception{noSuchTxn, txnAborted, noSuchLock}, true}
	unlockTable        = call{"unlock", []exception{noSuchLock, txnOpen}, true}
	dropPartStats      = call{"delete_partition_column_statistics", []exception{noSuchObject, metaException, invalidObject, invalidInput}, true}
)

// thrown is an exception of the metastore: it has answered, and the connection can be used further.
type thrown struct {
	kind    exception
	message string
}

// Error returns the metastore's message.
func (e *thrown) Error() string {
	if e.message == "" {
		return string(e.kind)
	}
	return e.message
}

// arguments are the parameters of a call, numbered from 1 on.
type arguments []any

// Write implements thrift.TStruct.
func (a arguments) Write(ctx context.Context, out thrift.TProtocol) error {
	w := &thriftWriter{ctx: ctx, out: out}
	w.do(func() error { return out.WriteStructBegin(ctx, "") })
	for i, arg := range a {
		v := reflect.ValueOf(arg)
		w.do(func() error { return out.WriteFieldBegin(ctx, "", wireType(v.Type()), int16(i+1)) })
		w.value(v)
		w.do(func() error { return out.WriteFieldEnd(ctx) })
	}
	w.do(func() error { return out.WriteFieldStop(ctx) })
	w.do(func() error { return out.WriteStructEnd(ctx) })
	return w.err
}

// Read implements thrift.TStruct; nobody reads arguments.
func (a arguments) Read(context.Context, thrift.TProtocol) error {
	return fmt.Errorf("arguments are not read")
}

// answer is what a call gives: a value in field 0, or an exception in one of the others.
type answer struct {
	call  call
	value any // a pointer; nil when there is none
	err   error
}

// Write implements thrift.TStruct; nobody writes answers.
func (a *answer) Write(context.Context, thrift.TProtocol) error {
	return fmt.Errorf("answers are not written")
}

// Read implements thrift.TStruct.
func (a *answer) Read(ctx context.Context, in thrift.TProtocol) error {
	if _, err := in.ReadStructBegin(ctx); err != nil {
		return err
	}
	found := a.value == nil
	for {
		_, kind, id, err := in.ReadFieldBegin(ctx)
		if err != nil {
			return err
		}
		switch {
		case kind == thrift.STOP:
			if !found && a.err == nil {
				return thrift.NewTApplicationException(thrift.MISSING_RESULT, a.call.name+" gives no answer")
			}
			return in.ReadStructEnd(ctx)
		case id == 0 && a.value != nil:
			v := reflect.ValueOf(a.value).Elem()
			if wireType(v.Type()) != kind {
				return fmt.Errorf("%s answers with %s", a.call.name, kind)
			}
			found = true
			err = readValue(ctx, in, v, maxNested)
		case id >= 1 && int(id) <= len(a.call.throws) && kind == thrift.STRUCT:
			var e hmsException
			err = readStruct(ctx, in, reflect.ValueOf(&e).Elem(), maxNested)
			a.err = &thrown{a.call.throws[id-1], e.Message}
		default:
			err = in.Skip(ctx, kind)
		}
		if err == nil {
			err = in.ReadFieldEnd(ctx)
		}
		if err != nil {
			return err
		}
	}
}
