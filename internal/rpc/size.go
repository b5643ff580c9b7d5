package rpc

import "google.golang.org/protobuf/proto"

// Size returns how many bytes a message takes on its way.
func Size(m proto.Message) int64 { return int64(proto.Size(m)) }
