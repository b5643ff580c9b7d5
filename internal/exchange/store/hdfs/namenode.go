package hdfs

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/colinmarc/hdfs/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// call makes a request of a name node and waits for the answer.
type call func(method string, request, answer proto.Message) error

// caller returns how a client makes requests. The library renames only with overwriting, which is of no use for an object that
// is to be made once, and its connection for other requests is in a field that it does not export. This field is reached into
// because the ways around it are worse: a connection of our own would need the library's handshake with Kerberos and its
// wrapping of requests once more, as they are in internal packages; and to create the file without overwriting under its own name would let
// readers see it before it is complete, or leave a name for good that its writer has reserved when that was killed. What does not fit
// another version of the library shows in TestCaller, and as an error before anything is written.
func caller(c *hdfs.Client) (call, error) {
	field := reflect.ValueOf(c).Elem().FieldByName("namenode")
	if !field.IsValid() {
		return nil, fmt.Errorf("%T has no field namenode", c)
	}
	execute := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().MethodByName("Execute")
	if !execute.IsValid() {
		return nil, fmt.Errorf("%s has no method Execute", field.Type())
	}
	f, ok := execute.Interface().(func(string, proto.Message, proto.Message) error)
	if !ok {
		return nil, fmt.Errorf("the method Execute is a %s", execute.Type())
	}
	return f, nil
}

// message makes an empty message of Hadoop's protocol: of its file system, "hdfs", or of its "common" part.
func message(part, name string) (protoreflect.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("hadoop." + part + "." + name))
	if err != nil {
		return nil, err
	}
	return kind.New(), nil
}

// rename gives a file another name. Without overwrite it fails when there is a file of that name: the name node decides that
// in one step.
func (c call) rename(from, to string, overwrite bool) error {
	request, err := message("hdfs", "Rename2RequestProto")
	if err != nil {
		return err
	}
	answer, err := message("hdfs", "Rename2ResponseProto")
	if err != nil {
		return err
	}
	fields := request.Descriptor().Fields()
	request.Set(fields.ByName("src"), protoreflect.ValueOfString(from))
	request.Set(fields.ByName("dst"), protoreflect.ValueOfString(to))
	request.Set(fields.ByName("overwriteDest"), protoreflect.ValueOfBool(overwrite))
	return c("rename2", request.Interface(), answer.Interface())
}
