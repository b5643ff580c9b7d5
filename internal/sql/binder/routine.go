package binder

type routineScope struct{}
