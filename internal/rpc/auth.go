package rpc

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"

	"connectrpc.com/connect"

	"github.com/waterbear-sql/waterbear/internal/exchange"
	"github.com/waterbear-sql/waterbear/internal/trinoerr"
)

// Secret authenticates the nodes of a cluster to each other: all of them are given the same. The empty secret lets
// everybody in.
type Secret string

const authHeader = "Authorization"

// token is what travels: derived, so that the configured secret itself never does.
func (s Secret) token() string {
	mac := hmac.New(sha256.New, []byte(s))
	mac.Write([]byte("waterbear internal communication"))
	return "Bearer " + hex.EncodeToString(mac.Sum(nil))
}

// Sign adds the secret's proof to a request's headers.
func (s Secret) Sign(h http.Header) {
	if s != "" {
		h.Set(authHeader, s.token())
	}
}

// Valid reports whether headers carry the secret's proof.
func (s Secret) Valid(h http.Header) bool {
	return s == "" || subtle.ConstantTimeCompare([]byte(h.Get(authHeader)), []byte(s.token())) == 1
}

// WrapKey encrypts a query's key for the way to a worker. Without a secret there is nothing to encrypt it with: whoever is
// on the network is trusted then.
func (s Secret) WrapKey(k *exchange.QueryKey, query string) ([]byte, error) {
	if s == "" {
		return bytes.Clone(k[:]), nil
	}
	return k.Wrap([]byte(s), query)
}

// UnwrapKey reverses WrapKey; no key gives none.
func (s Secret) UnwrapKey(wrapped []byte, query string) (*exchange.QueryKey, error) {
	switch {
	case len(wrapped) == 0:
		return nil, nil
	case s != "":
		return exchange.UnwrapQueryKey(wrapped, []byte(s), query)
	case len(wrapped) != len(exchange.QueryKey{}):
		return nil, trinoerr.New(trinoerr.ConfigurationInvalid, "the coordinator has a secret and this node has none: set internal-communication.shared-secret")
	}
	return (*exchange.QueryKey)(wrapped), nil
}

// Require refuses requests that do not carry the secret's proof.
func (s Secret) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Valid(r.Header) {
			http.Error(w, "this node belongs to another cluster, or internal-communication.shared-secret differs", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Interceptor signs the calls of a connect client.
func (s Secret) Interceptor() connect.Interceptor { return signer{s} }

type signer struct{ secret Secret }

func (s signer) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		s.secret.Sign(req.Header())
		return next(ctx, req)
	}
}

func (s signer) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, spec)
		s.secret.Sign(conn.RequestHeader())
		return conn
	}
}

func (s signer) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
