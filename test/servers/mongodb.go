package servers

import (
	"context"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// MongoDB is a server that speaks MongoDB's protocol.
type MongoDB struct{ *Server }

// StartMongoDB starts MongoDB Java Server, which keeps its documents in memory: MongoDB itself is in none of the registries.
func StartMongoDB(t testing.TB) *MongoDB {
	t.Helper()
	m := &MongoDB{}
	m.Server = start(t, program{
		name: "mongodb", script: "install-connectors.sh",
		args: func(s *Server) []string { return []string{fmt.Sprint(s.port)} },
		answers: func(ctx context.Context, s *Server) bool {
			c, err := mongo.Connect(options.Client().ApplyURI(fmt.Sprintf("mongodb://127.0.0.1:%d/?serverSelectionTimeoutMS=500", s.port)))
			if err != nil {
				return false
			}
			defer func() { _ = c.Disconnect(ctx) }()
			return c.Ping(ctx, nil) == nil
		},
	})
	m.URL = fmt.Sprintf("mongodb://127.0.0.1:%d", m.port)
	return m
}

// Client returns a client of its own.
func (m *MongoDB) Client(t testing.TB) *mongo.Client {
	t.Helper()
	c, err := mongo.Connect(options.Client().ApplyURI(m.URL))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Disconnect(context.Background()) })
	return c
}
